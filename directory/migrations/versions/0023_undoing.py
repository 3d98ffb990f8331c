"""What a run replaced says which run had written it.

Revision ID: 0023
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("replaced_record", sa.Column("was_run_pk", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("replaced_record", "was_run_pk")
