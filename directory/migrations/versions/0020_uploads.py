"""Lists sent from the pages, and what a run replaced.

Revision ID: 0020
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATES = "'examining', 'proposed', 'planning', 'planned', 'applying', 'applied', 'undoing', 'undone', 'failed', 'cancelled'"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=254), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("proposal", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("run_pk", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_upload_state_known")),
        sa.PrimaryKeyConstraint("number", name="pk_upload"),
        sa.UniqueConstraint("nonce", name="uq_upload_nonce"),
    )
    op.create_index("ix_upload_area_code_number", "upload", ["area", "code", "number"])
    op.create_index("ix_upload_state", "upload", ["state"])
    op.create_table(
        "replaced_record",
        sa.Column("run_pk", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("raw", sa.JSON(), nullable=True),
        sa.Column("origins", sa.JSON(), nullable=True),
        sa.Column("identities", sa.JSON(), nullable=True),
        sa.Column("missing_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["run_pk"], ["import_run.pk"], name="fk_replaced_record_run_pk_import_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_pk", "source", "record_id", name="pk_replaced_record"),
    )


def downgrade() -> None:
    op.drop_table("replaced_record")
    op.drop_table("upload")
