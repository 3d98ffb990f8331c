"""Referentials that are imported.

Revision ID: 0004
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referential",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_referential"),
    )
    op.create_table(
        "referential_entry",
        sa.Column("referential", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referential"], ["referential.name"], name="fk_referential_entry_referential_referential", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("referential", "code", name="pk_referential_entry"),
    )


def downgrade() -> None:
    op.drop_table("referential_entry")
    op.drop_table("referential")
