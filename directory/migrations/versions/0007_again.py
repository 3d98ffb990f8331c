"""Imports again and again: misses, plans, drift, doubts that live from run to run, listings hidden until they are published.

Revision ID: 0007
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RECORD_TABLES = ("source_record", "staged_record")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _json(name: str, empty: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default=empty)


def upgrade() -> None:
    for table in RECORD_TABLES:
        op.add_column(table, sa.Column("missed_at", MOMENT, nullable=True))
        op.add_column(table, _text("missing_reason"))
    for table in ("listing", "staged_listing"):
        op.add_column(table, sa.Column("batch", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("ix_listing_closed_at_kind", "listing")
    op.create_index("ix_listing_closed_at_kind_batch", "listing", ["closed_at", "kind", "batch"], unique=False)
    op.add_column("directory_state", sa.Column("last_record_pk", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("directory_state", sa.Column("hidden_batch", sa.Integer(), nullable=False, server_default="-1"))
    op.execute("UPDATE directory_state SET last_record_pk = (SELECT coalesce(max(pk), 0) FROM source_record)")
    op.drop_table("staged_mark")
    op.create_table(
        "staged_mark",
        sa.Column("source_record_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_staged_mark"),
    )
    op.add_column("import_run", _text("fingerprint"))
    op.add_column("import_run", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column("import_run", _json("plan", "{}"))
    op.add_column("import_run", _json("profile", "{}"))
    op.add_column("import_run", _json("alarms", "[]"))
    op.add_column("import_run", sa.Column("repeats", sa.Integer(), nullable=True))
    _upgrade_doubts()


def _upgrade_doubts() -> None:
    op.add_column("doubt", _text("key"))
    op.add_column("doubt", sa.Column("first_run_pk", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("doubt", sa.Column("standing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("doubt", _text("decision"))
    op.add_column("doubt", _text("resolved_by"))
    # those of before have no key: the next run says again what still stands
    op.execute("UPDATE doubt SET key = 'before-' || pk, first_run_pk = run_pk")
    op.create_index("ix_doubt_source_key", "doubt", ["source", "key"], unique=True)
    op.create_index("ix_doubt_standing_decision", "doubt", ["standing", "decision"], unique=False)
    op.create_table(
        "run_doubt",
        sa.Column("run_pk", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("doubt_pk", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["run_pk"], ["import_run.pk"], name="fk_run_doubt_run_pk_import_run"),
        sa.ForeignKeyConstraint(["doubt_pk"], ["doubt.pk"], name="fk_run_doubt_doubt_pk_doubt"),
        sa.PrimaryKeyConstraint("run_pk", "rank", name="pk_run_doubt"),
    )
    op.create_index("ix_run_doubt_doubt_pk", "run_doubt", ["doubt_pk"], unique=False)
    op.execute("INSERT INTO run_doubt (run_pk, rank, doubt_pk, line) SELECT run_pk, pk, pk, line FROM doubt")
    op.create_table(
        "doubt_decision",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("doubt_pk", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["doubt_pk"], ["doubt.pk"], name="fk_doubt_decision_doubt_pk_doubt"),
        sa.PrimaryKeyConstraint("pk", name="pk_doubt_decision"),
    )
    op.create_index("ix_doubt_decision_doubt_pk", "doubt_decision", ["doubt_pk"], unique=False)


def downgrade() -> None:
    op.drop_table("doubt_decision")
    op.drop_table("run_doubt")
    op.drop_index("ix_doubt_standing_decision", "doubt")
    op.drop_index("ix_doubt_source_key", "doubt")
    _drop_columns("doubt", "key", "first_run_pk", "standing", "decision", "resolved_by")
    _drop_columns("import_run", "fingerprint", "revision", "plan", "profile", "alarms", "repeats")
    op.drop_table("staged_mark")
    op.create_table(
        "staged_mark",
        sa.Column("source_record_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_staged_mark"),
    )
    _drop_columns("directory_state", "last_record_pk", "hidden_batch")
    op.drop_index("ix_listing_closed_at_kind_batch", "listing")
    op.create_index("ix_listing_closed_at_kind", "listing", ["closed_at", "kind"], unique=False)
    for table in ("listing", "staged_listing"):
        _drop_columns(table, "batch")
    for table in RECORD_TABLES:
        _drop_columns(table, "missed_at", "missing_reason")


def _drop_columns(table: str, *names: str) -> None:
    for name in names:
        op.drop_column(table, name)
