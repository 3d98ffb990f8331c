"""The first schema.

Revision ID: 0001
Create Date: 2026-11-24
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _listing() -> list[sa.Column[object]]:
    return [
        sa.Column("pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(400), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("visibility", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("code_postal", sa.String(), nullable=True),
        sa.Column("code_commune", sa.String(), nullable=True),
        sa.Column("code_departement", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("precision", sa.String(), nullable=True),
        sa.Column("bassin_label", sa.String(), nullable=False),
        sa.Column("publics", sa.JSON(), nullable=False),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("age_max", sa.Integer(), nullable=True),
        sa.Column("conditions", sa.String(), nullable=False),
        sa.Column("contacts", sa.JSON(), nullable=False),
        sa.Column("modes_mobilisation", sa.JSON(), nullable=False),
        sa.Column("opening_hours", sa.String(), nullable=False),
        sa.Column("thematiques", sa.JSON(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        sa.Column("frais", sa.String(), nullable=True),
        sa.Column("frais_details", sa.String(), nullable=False),
        sa.Column("modes_accueil", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("pathways", sa.JSON(), nullable=False),
        sa.Column("occupations", sa.JSON(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("uai", sa.String(), nullable=True),
        sa.Column("naf", sa.String(), nullable=True),
        sa.Column("occurrences", sa.JSON(), nullable=False),
        sa.Column("event_state", sa.String(), nullable=False),
        sa.Column("registration_url", sa.String(), nullable=False),
        sa.Column("checked_at", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=False),
        sa.Column("updated_at", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source_url", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("winners", sa.JSON(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_changed", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
    ]


def _coverage() -> list[sa.Column[object]]:
    return [
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
    ]


def _source_record() -> list[sa.Column[object]]:
    return [
        sa.Column("pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("identities", sa.JSON(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("missing_since", MOMENT, nullable=True),
        sa.Column("run_pk", sa.Integer(), nullable=True),
    ]


def _identity() -> list[sa.Column[object]]:
    return [
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("source_record_pk", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "directory_state",
        sa.Column("pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("last_listing_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_directory_state"),
    )
    op.execute("INSERT INTO directory_state (pk, revision, last_listing_pk) VALUES (1, 0, 0)")
    _create_listings()
    _create_sources()
    _create_bassins()
    _create_staging()


def _create_listings() -> None:
    op.create_table(
        "listing",
        *_listing(),
        sa.CheckConstraint("event_state IN ('open', 'full', 'postponed', 'cancelled')", name="ck_listing_event_state_known"),
        sa.CheckConstraint("kind IN ('partner', 'scheme', 'company', 'event')", name="ck_listing_kind_known"),
        sa.CheckConstraint(
            "precision IN ('point', 'address', 'street', 'commune', 'name', 'departement')", name="ck_listing_precision_known"
        ),
        sa.CheckConstraint("visibility IN ('private', 'bassin', 'public')", name="ck_listing_visibility_known"),
        sa.PrimaryKeyConstraint("pk", name="pk_listing"),
        sa.UniqueConstraint("id", name="uq_listing_id"),
    )
    op.create_index("ix_listing_closed_at_kind", "listing", ["closed_at", "kind"], unique=False)
    op.create_table(
        "listing_coverage",
        *_coverage(),
        sa.ForeignKeyConstraint(
            ["listing_pk"], ["listing.pk"], name="fk_listing_coverage_listing_pk_listing", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_pk", "scope", "code", name="pk_listing_coverage"),
    )
    op.create_table(
        "listing_alias",
        sa.Column("id", sa.String(400), nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["listing_pk"], ["listing.pk"], name="fk_listing_alias_listing_pk_listing", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_listing_alias"),
    )
    op.create_index("ix_listing_alias_listing_pk", "listing_alias", ["listing_pk"], unique=False)


def _create_sources() -> None:
    op.create_table(
        "import_run",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_import_run"),
    )
    op.create_index("ix_import_run_source", "import_run", ["source"], unique=False)
    op.create_table(
        "source_record",
        *_source_record(),
        sa.ForeignKeyConstraint(["listing_pk"], ["listing.pk"], name="fk_source_record_listing_pk_listing"),
        sa.ForeignKeyConstraint(["run_pk"], ["import_run.pk"], name="fk_source_record_run_pk_import_run"),
        sa.PrimaryKeyConstraint("pk", name="pk_source_record"),
        sa.UniqueConstraint("source", "record_id", name="uq_source_record_source_record_id"),
    )
    op.create_index("ix_source_record_listing_pk", "source_record", ["listing_pk"], unique=False)
    op.create_table(
        "record_identity",
        *_identity(),
        sa.ForeignKeyConstraint(
            ["source_record_pk"],
            ["source_record.pk"],
            name="fk_record_identity_source_record_pk_source_record",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity", "source_record_pk", name="pk_record_identity"),
    )
    op.create_index("ix_record_identity_source_record_pk", "record_identity", ["source_record_pk"], unique=False)
    op.create_table(
        "source_seen",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_seen"),
    )
    op.create_table(
        "doubt",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_pk"], ["import_run.pk"], name="fk_doubt_run_pk_import_run"),
        sa.PrimaryKeyConstraint("pk", name="pk_doubt"),
    )
    op.create_index("ix_doubt_run_pk", "doubt", ["run_pk"], unique=False)
    op.create_index("ix_doubt_source", "doubt", ["source"], unique=False)


def _create_bassins() -> None:
    op.create_table(
        "bassin",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("academie", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_bassin"),
    )
    op.create_index("ix_bassin_source", "bassin", ["source"], unique=False)
    op.create_table(
        "bassin_member",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("bassin_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["bassin_code"], ["bassin.code"], name="fk_bassin_member_bassin_code_bassin", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scope", "code", "bassin_code", name="pk_bassin_member"),
    )
    op.create_index("ix_bassin_member_bassin_code", "bassin_member", ["bassin_code"], unique=False)


def _create_staging() -> None:
    op.create_table(
        "staged_record",
        *_source_record(),
        sa.PrimaryKeyConstraint("pk", name="pk_staged_record"),
    )
    op.create_table(
        "staged_identity",
        *_identity(),
        sa.PrimaryKeyConstraint("identity", "source_record_pk", name="pk_staged_identity"),
    )
    op.create_table(
        "staged_listing",
        *_listing(),
        sa.PrimaryKeyConstraint("pk", name="pk_staged_listing"),
    )
    op.create_table(
        "staged_coverage",
        *_coverage(),
        sa.PrimaryKeyConstraint("listing_pk", "scope", "code", name="pk_staged_coverage"),
    )
    op.create_table(
        "staged_link",
        sa.Column("source_record_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_staged_link"),
    )
    op.create_table(
        "staged_mark",
        sa.Column("source_record_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source_record_pk", name="pk_staged_mark"),
    )
    op.create_table(
        "staged_takeover",
        sa.Column("listing_pk", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=400), nullable=False),
        sa.Column("heir_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("listing_pk", name="pk_staged_takeover"),
    )


def downgrade() -> None:
    for table in (
        "staged_takeover",
        "staged_mark",
        "staged_link",
        "staged_coverage",
        "staged_listing",
        "staged_identity",
        "staged_record",
        "bassin_member",
        "bassin",
        "doubt",
        "source_seen",
        "record_identity",
        "source_record",
        "listing_alias",
        "listing_coverage",
        "directory_state",
        "listing",
        "import_run",
    ):
        op.drop_table(table)
