"""Outcomes of contacts, counted by listing and filière.

Revision ID: 0009
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response_count",
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("filiere", sa.String(length=3), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("accepted >= 0 AND declined >= 0 AND silent >= 0", name="ck_response_count_never_negative"),
        sa.PrimaryKeyConstraint("listing_id", "filiere", name="pk_response_count"),
    )


def downgrade() -> None:
    op.drop_table("response_count")
