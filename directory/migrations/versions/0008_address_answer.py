"""What the geocoding service answered of each address.

Revision ID: 0008
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_answer",
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("precision", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('found', 'doubtful', 'unknown')", name="ck_address_answer_state_known"),
        sa.PrimaryKeyConstraint("key", name="pk_address_answer"),
    )


def downgrade() -> None:
    op.drop_table("address_answer")
