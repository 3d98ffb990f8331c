"""What Alembic runs for each migration: on the connection it is given, or as a script for a dialect."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import directory.models.staging  # noqa: F401  (declares every table)

_given = context.config.attributes
if "connection" in _given:
    context.configure(
        connection=_given["connection"], target_metadata=SQLModel.metadata, render_as_batch=True, transactional_ddl=True
    )
else:
    context.configure(dialect_name=_given["dialect"], target_metadata=SQLModel.metadata, literal_binds=True)
with context.begin_transaction():
    context.run_migrations()
