"""The schema's history, and how a database follows it. Slow to import (Alembic): ``directory.database`` asks only when needed."""

from __future__ import annotations

from typing import TextIO

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision, forwards or backwards, inside the connection's own transaction.

    Args:
        connection: In a transaction, which the caller commits.
        revision: A revision of ``versions/``, ``head`` or ``base``.
    """
    config = _config()
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def write_script(dialect: str, output: TextIO) -> None:
    """Write the SQL that makes the whole schema on a kind of database (``sqlite``, ``postgresql``), without one."""
    config = _config(output)
    config.attributes["dialect"] = dialect
    command.upgrade(config, "head", sql=True)


def known_revisions() -> frozenset[str]:
    """Every revision of the schema that this program knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """The latest revision."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise LookupError("no revision in directory/migrations/versions")
    return found


def _config(output: TextIO | None = None) -> Config:
    config = Config(output_buffer=output) if output else Config()
    # the package's own folder, wherever it is installed
    config.set_main_option("script_location", "directory:migrations")
    return config
