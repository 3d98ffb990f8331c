"""What curators put off.

Revision ID: 0014
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "put_off",
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("put_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("queue", "key", name="pk_put_off"),
    )


def downgrade() -> None:
    op.drop_table("put_off")
