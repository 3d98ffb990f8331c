"""Same thing, twice: the keys under which records meet, the pairs found, what people decided, and where an import stages them.

Records imported before have no keys: ``relais duplicates find`` compares everything once.

Revision ID: 0006
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from directory.models.types import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_VERDICTS = "'same', 'probable', 'different'"


def upgrade() -> None:
    op.create_table(
        "record_keys",
        sa.Column("source_record_pk", sa.Integer(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_record_pk"], ["source_record.pk"], name="fk_record_keys_source_record_pk_source_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_record_keys"),
    )
    op.create_table(
        "duplicate_pair",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("left_pk", sa.Integer(), nullable=False),
        sa.Column("right_pk", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("judgement", sa.String(), nullable=True),
        sa.Column("judged_at", Moment(), nullable=True),
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(f"verdict IN ({_VERDICTS})", name="ck_duplicate_pair_verdict_known"),
        sa.CheckConstraint(f"judgement IN ({_VERDICTS})", name="ck_duplicate_pair_judgement_known"),
        sa.ForeignKeyConstraint(
            ["left_pk"], ["source_record.pk"], name="fk_duplicate_pair_left_pk_source_record", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["right_pk"], ["source_record.pk"], name="fk_duplicate_pair_right_pk_source_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_duplicate_pair"),
        sa.UniqueConstraint("left_pk", "right_pk", name="uq_duplicate_pair_left_pk_right_pk"),
    )
    op.create_index("ix_duplicate_pair_right_pk", "duplicate_pair", ["right_pk"])
    op.create_index("ix_duplicate_pair_verdict", "duplicate_pair", ["verdict"])
    op.create_table(
        "judgement",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(f"decision IN ({_VERDICTS})", name="ck_judgement_decision_known"),
        sa.ForeignKeyConstraint(
            ["number"], ["duplicate_pair.number"], name="fk_judgement_number_duplicate_pair", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pk", name="pk_judgement"),
    )
    op.create_index("ix_judgement_number", "judgement", ["number"])
    op.create_table(
        "staged_keys",
        sa.Column("source_record_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_staged_keys"),
    )
    op.create_table(
        "staged_alias",
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staged_alias"),
    )
    op.create_table(
        "staged_pair",
        sa.Column("left_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("right_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("left_pk", "right_pk", name="pk_staged_pair"),
    )
    op.create_index("ix_staged_pair_right_pk", "staged_pair", ["right_pk"])


def downgrade() -> None:
    for table in ("staged_pair", "staged_alias", "staged_keys", "judgement", "duplicate_pair", "record_keys"):
        op.drop_table(table)
