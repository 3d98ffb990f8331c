"""What indexes must forget: the keys of listings that others took over; and finding what changed since a revision.

Revision ID: 0003
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing_gone",
        sa.Column("listing_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("listing_pk", name="pk_listing_gone"),
    )
    op.create_index("ix_listing_gone_revision", "listing_gone", ["revision"])
    op.create_index("ix_listing_revision", "listing", ["revision"])


def downgrade() -> None:
    op.drop_index("ix_listing_revision", "listing")
    op.drop_table("listing_gone")
