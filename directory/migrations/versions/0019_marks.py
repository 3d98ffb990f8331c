"""A random mark of each revision: a backup that was restored and changed since is told from what it undid.

Revision ID: 0019
Create Date: 2026-11-25
"""

from __future__ import annotations

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    marks = op.create_table(
        "revision_mark",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_revision_mark"),
    )
    state = sa.table("directory_state", sa.column("revision", sa.Integer()))
    op.execute(marks.insert().from_select(["revision", "mark"], sa.select(state.c.revision, sa.literal(token_hex(16)))))


def downgrade() -> None:
    op.drop_table("revision_mark")
