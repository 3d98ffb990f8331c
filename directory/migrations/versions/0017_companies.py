"""What a lycée keeps of the companies that host its pupils.

Revision ID: 0017
Create Date: 2026-11-25
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_PATHWAYS = (
    "'apprenticeship', 'job', 'training', 'internship', 'immersion', 'visit', 'workshop', 'courses', 'civic_service', "
    "'social_clause', 'support'"
)


def _whose() -> list[sa.Column[Any]]:
    return [
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
    ]


def _signed(table: str) -> list[Any]:
    return [
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=f"pk_{table}"),
        sa.UniqueConstraint("nonce", name=f"uq_{table}_nonce"),
    ]


def _between() -> list[sa.Column[Any]]:
    return [
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "company_terms",
        sa.Column("area", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("visibility IN ('private', 'bassin', 'public')", name="ck_company_terms_visibility_known"),
        sa.PrimaryKeyConstraint("area", "code", "listing_id", name="pk_company_terms"),
    )
    op.create_index("ix_company_terms_listing_id", "company_terms", ["listing_id"])
    op.create_index("ix_company_terms_visibility", "company_terms", ["visibility"])
    op.create_table(
        "company_period",
        *_whose(),
        *_between(),
        sa.Column("places", sa.Integer(), nullable=False),
        *_signed("company_period"),
        sa.CheckConstraint(f"pathway IN ({_PATHWAYS})", name="ck_company_period_pathway_known"),
        sa.CheckConstraint("places > 0", name="ck_company_period_some_places"),
        sa.CheckConstraint("starts <= ends", name="ck_company_period_in_order"),
    )
    op.create_index("ix_company_period_ends", "company_period", ["ends"])
    op.create_table(
        "company_stay",
        *_whose(),
        *_between(),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("class_name", sa.String(length=60), nullable=False),
        sa.Column("dossier_id", sa.String(length=12), nullable=False),
        sa.Column("review", sa.String(length=10), nullable=False),
        sa.Column("review_note", sa.String(length=500), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=254), nullable=False),
        *_signed("company_stay"),
        sa.CheckConstraint(f"pathway IN ({_PATHWAYS})", name="ck_company_stay_pathway_known"),
        sa.CheckConstraint("students > 0", name="ck_company_stay_someone"),
        sa.CheckConstraint("starts <= ends", name="ck_company_stay_in_order"),
    )
    op.create_index("ix_company_stay_dossier_id", "company_stay", ["dossier_id"])
    op.create_table(
        "company_exchange",
        *_whose(),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        *_signed("company_exchange"),
        sa.CheckConstraint("channel IN ('appel', 'courriel', 'visite', 'rencontre')", name="ck_company_exchange_channel_known"),
    )
    op.create_table(
        "company_contact",
        *_whose(),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        *_signed("company_contact"),
        sa.CheckConstraint(
            "purpose IN ('accueil', 'tutorat', 'recrutement', 'partenariat')", name="ck_company_contact_purpose_known"
        ),
    )
    op.create_index("ix_company_contact_keep_until", "company_contact", ["keep_until"])
    for table in ("company_period", "company_stay", "company_exchange", "company_contact"):
        op.create_index(f"ix_{table}_area_code_listing_id", table, ["area", "code", "listing_id"])
    op.create_table(
        "contact_opposition",
        sa.Column("area", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("opposed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("area", "code", "digest", name="pk_contact_opposition"),
    )


def downgrade() -> None:
    for table in ("contact_opposition", "company_contact", "company_exchange", "company_stay", "company_period", "company_terms"):
        op.drop_table(table)
