"""A service's structure and how it is mobilised, how long it lasts, and how many people a company employs.

Revision ID: 0002
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("listing", "staged_listing")


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("structure", sa.String(), nullable=True),
        sa.Column("mobilisable_par", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("mobilisation_details", sa.String(), nullable=False, server_default=""),
        sa.Column("hours_per_week", sa.Float(), nullable=True),
        sa.Column("weeks", sa.Integer(), nullable=True),
        sa.Column("employees_min", sa.Integer(), nullable=True),
        sa.Column("employees_max", sa.Integer(), nullable=True),
    ]


def upgrade() -> None:
    for table in TABLES:
        for column in _columns():
            op.add_column(table, column)
    op.create_index("ix_listing_structure", "listing", ["structure"])


def downgrade() -> None:
    op.drop_index("ix_listing_structure", "listing")
    for table in TABLES:
        for column in reversed(_columns()):
            op.drop_column(table, column.name)
