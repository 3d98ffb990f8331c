"""What is asked, counted by month without people.

Revision ID: 0015
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_count",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("thematique", sa.String(length=80), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.CheckConstraint("channel IN ('pages', 'widget', 'api', 'propositions')", name="ck_question_count_channel_known"),
        sa.PrimaryKeyConstraint("month", "channel", "departement", "kind", "thematique", name="pk_question_count"),
    )
    op.create_table(
        "unanswered_question",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "departement", "words", name="pk_unanswered_question"),
    )


def downgrade() -> None:
    op.drop_table("unanswered_question")
    op.drop_table("question_count")
