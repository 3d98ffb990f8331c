"""Dossiers, their steps, the journal of accesses.

Revision ID: 0016
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = "'repere', 'contacte', 'entretien', 'volontaire', 'non-volontaire', 'inscrit', 'solution', 'suite'"
_STEPS = "'propose', 'contacte', 'accepte', 'refuse', 'sans-reponse'"
_KINDS = (
    "'liste', 'lecture', 'ouverture', 'modification', 'demarche', "
    "'transmission', 'impression', 'export', 'effacement', 'echeance'"
)


def upgrade() -> None:
    op.create_table(
        "dossier",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("referent", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("born", sa.String(length=7), nullable=False),
        sa.Column("diploma", sa.String(), nullable=False),
        sa.Column("filiere", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name="ck_dossier_state_known"),
        sa.CheckConstraint("diploma IN ('inconnu', 'obtenu', 'non-obtenu')", name="ck_dossier_diploma_known"),
        sa.ForeignKeyConstraint(["referent"], ["account.id"], name="fk_dossier_referent_account"),
        sa.PrimaryKeyConstraint("id", name="pk_dossier"),
        sa.UniqueConstraint("nonce", name="uq_dossier_nonce"),
    )
    op.create_index("ix_dossier_uai", "dossier", ["uai"])
    op.create_index("ix_dossier_delete_on", "dossier", ["delete_on"])
    op.create_table(
        "dossier_step",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.String(length=12), nullable=False),
        sa.Column("listing_id", sa.String(length=400), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("counted", sa.String(length=20), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.CheckConstraint(f"state IN ({_STEPS})", name="ck_dossier_step_state_known"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name="fk_dossier_step_dossier_id_dossier", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pk", name="pk_dossier_step"),
        sa.UniqueConstraint("nonce", name="uq_dossier_step_nonce"),
    )
    op.create_index("ix_dossier_step_dossier_id", "dossier_step", ["dossier_id"])
    op.create_table(
        "dossier_access",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(length=24), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("dossier_id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="ck_dossier_access_kind_known"),
        sa.PrimaryKeyConstraint("pk", name="pk_dossier_access"),
    )
    op.create_index("ix_dossier_access_at", "dossier_access", ["at"])
    op.create_index("ix_dossier_access_uai_at", "dossier_access", ["uai", "at"])
    op.create_index("ix_dossier_access_dossier_id", "dossier_access", ["dossier_id"])


def downgrade() -> None:
    op.drop_table("dossier_access")
    op.drop_table("dossier_step")
    op.drop_table("dossier")
