"""Campaigns: letters to partners, what they answer, who wants none.

Revision ID: 0021
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LETTERS = "'waiting', 'sending', 'sent', 'uncertain', 'refused', 'skipped'"


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("signed", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('prepared', 'open', 'stopped')", name="ck_campaign_state_known"),
        sa.PrimaryKeyConstraint("number", name="pk_campaign"),
    )
    op.create_table(
        "campaign_letter",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("campaign_number", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reminder", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=False),
        sa.CheckConstraint(f"state IN ({_LETTERS})", name="ck_campaign_letter_state_known"),
        sa.ForeignKeyConstraint(
            ["campaign_number"], ["campaign.number"], name="fk_campaign_letter_campaign_number_campaign", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_campaign_letter"),
        sa.UniqueConstraint("campaign_number", "email", "reminder", name="uq_campaign_letter_campaign_number_email_reminder"),
    )
    op.create_index("ix_campaign_letter_state", "campaign_letter", ["state"])
    op.create_index("ix_campaign_letter_digest", "campaign_letter", ["digest"])
    op.create_table(
        "campaign_invitation",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("campaign_number", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_number"], ["campaign.number"], name="fk_campaign_invitation_campaign_number_campaign", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_campaign_invitation"),
    )
    op.create_index("ix_campaign_invitation_campaign_number_email", "campaign_invitation", ["campaign_number", "email"])
    op.create_index("ix_campaign_invitation_listing_id", "campaign_invitation", ["listing_id"])
    op.create_table(
        "campaign_answer",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("invitation_number", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=254), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_number"],
            ["campaign_invitation.number"],
            name="fk_campaign_answer_invitation_number_campaign_invitation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_campaign_answer"),
        sa.UniqueConstraint("invitation_number", name="uq_campaign_answer_invitation_number"),
    )
    op.create_index("ix_campaign_answer_closed_at", "campaign_answer", ["closed_at"])
    op.create_table(
        "mail_opposition",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("opposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_mail_opposition"),
    )


def downgrade() -> None:
    for table in ("mail_opposition", "campaign_answer", "campaign_invitation", "campaign_letter", "campaign"):
        op.drop_table(table)
