"""What visitors say is wrong with a listing, and the key that signs the form in which they write.

Revision ID: 0010
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_REASONS = "'contact', 'closed', 'dates', 'conditions', 'place', 'duplicate', 'other'"


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name="ck_report_reason_known"),
        sa.PrimaryKeyConstraint("number", name="pk_report"),
        sa.UniqueConstraint("nonce", name="uq_report_nonce"),
    )
    op.create_index("ix_report_listing_id", "report", ["listing_id"])
    op.create_index("ix_report_closed_at_said_at", "report", ["closed_at", "said_at"])
    op.create_table(
        "signing_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_signing_key"),
    )


def downgrade() -> None:
    op.drop_table("signing_key")
    op.drop_table("report")
