"""The schema's history and the tables agree, forwards and backwards."""

from __future__ import annotations

import io

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

import directory.models.staging  # noqa: F401  (declares every table)
from directory.database import SCHEMA, reading, schema_version, upgrade, writing
from directory.migrations import head, known_revisions, migrate, write_script
from directory.repository import Repository


def test_the_migrations_make_exactly_the_tables_that_the_models_declare(engine: Engine) -> None:
    with reading(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)

    assert differences == []


def test_the_program_speaks_the_latest_schema() -> None:
    assert head() == SCHEMA
    assert SCHEMA in known_revisions()


def test_the_schema_can_be_undone_and_made_again(engine: Engine) -> None:
    with writing(engine) as connection:
        migrate(connection, "base")
    with reading(engine) as connection:
        left = inspect(connection).get_table_names()

    upgrade(engine)

    assert left == ["alembic_version"]
    assert schema_version(engine) == SCHEMA
    assert Repository(engine).revision() == 0


def test_the_same_schema_can_be_written_for_postgresql() -> None:
    script = io.StringIO()

    write_script("postgresql", script)

    written = script.getvalue()
    for table in SQLModel.metadata.tables:
        assert f"CREATE TABLE {table} (" in written
    assert "TIMESTAMP WITH TIME ZONE" in written
