"""The web addresses of listings, checked.

Revision ID: 0018
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_check",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('alive', 'failing', 'dead', 'closed')", name="ck_link_check_state_known"),
        sa.PrimaryKeyConstraint("digest", name="pk_link_check"),
    )
    op.create_index("ix_link_check_state", "link_check", ["state"])
    op.create_table(
        "link_holder",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["link_check.digest"], name="fk_link_holder_digest_link_check", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["listing_pk"], ["listing.pk"], name="fk_link_holder_listing_pk_listing", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest", "listing_pk", name="pk_link_holder"),
    )
    op.create_index("ix_link_holder_listing_pk", "link_holder", ["listing_pk"])


def downgrade() -> None:
    op.drop_table("link_holder")
    op.drop_table("link_check")
