"""What curators state of listings, and the life of each listing.

Revision ID: 0013
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TOPICS = (
    "nom", "presentation", "lieu", "contacts", "demarche", "horaires", "ages", "conditions", "propose", "metiers", "places",
    "dates", "inscription", "validite", "verification", "fermeture",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_pk", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("hidden", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint(f"topic IN ({', '.join(repr(topic) for topic in _TOPICS)})", name="ck_statement_topic_known"),
        sa.ForeignKeyConstraint(
            ["record_pk"], ["source_record.pk"], name="fk_statement_record_pk_source_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_statement"),
    )
    for column in ("record_pk", "ended_at", "nonce"):
        op.create_index(f"ix_statement_{column}", "statement", [column])
    op.create_table(
        "listing_history",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_listing_history"),
    )
    op.create_index("ix_listing_history_listing_pk", "listing_history", ["listing_pk"])
    op.create_index("ix_listing_history_author_number", "listing_history", ["author", "number"])
    op.create_table(
        "staged_change",
        sa.Column("listing_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("listing_pk", name="pk_staged_change"),
    )


def downgrade() -> None:
    op.drop_table("staged_change")
    op.drop_table("listing_history")
    op.drop_table("statement")
