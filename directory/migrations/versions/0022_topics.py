"""More topics that a curator may state: category, territory, publics, themes, visibility.

Revision ID: 0022
Create Date: 2026-11-25
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NAME = "ck_statement_topic_known"
_BEFORE = (
    "nom", "presentation", "lieu", "contacts", "demarche", "horaires", "ages", "conditions", "propose", "metiers", "places",
    "dates", "inscription", "validite",
)  # fmt: skip
_NEW = ("categorie", "territoire", "publics", "thematiques", "visibilite")
_LAST = ("verification", "fermeture")


def upgrade() -> None:
    _allow(*_BEFORE, *_NEW, *_LAST)


def downgrade() -> None:
    statement = sa.table("statement", sa.column("topic"))
    op.execute(statement.delete().where(statement.c.topic.in_(_NEW)))
    _allow(*_BEFORE, *_LAST)


def _allow(*topics: str) -> None:
    known = f"topic IN ({', '.join(map(repr, topics))})"
    if op.get_context().dialect.name == "sqlite":
        held = sa.inspect(op.get_bind()).get_check_constraints("statement")
        with op.batch_alter_table("statement") as batch:
            for name in filter(None, (each["name"] for each in held)):
                batch.drop_constraint(op.f(name), type_="check")
            batch.create_check_constraint(op.f(_NAME), known)
        return
    # 0013 gave it a name that the naming convention made longer
    for name in (_NAME, f"ck_statement_{_NAME}"):
        op.execute(f"ALTER TABLE statement DROP CONSTRAINT IF EXISTS {name}")
    op.create_check_constraint(op.f(_NAME), "statement", known)
