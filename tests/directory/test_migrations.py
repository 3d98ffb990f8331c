"""The schema's history and the tables agree, forwards and backwards."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect
from sqlmodel import SQLModel

import directory.models.staging  # noqa: F401  (declares every table)
from directory.database import SCHEMA, open_engine, reading, schema_version, upgrade, writing
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


_BEFORE_ANYONE_UPGRADED = frozenset({"0007"})
"""Migrations that took something away, when nobody could be upgrading without a stop: no other may."""


def test_no_migration_takes_away_or_asks_for_what_the_version_before_does_not_know(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'steps.sqlite3'}")
    before: Schema = {}
    broken: dict[str, list[str]] = {}
    for revision in sorted(known_revisions()):
        with writing(engine) as connection:
            migrate(connection, revision)
        with reading(engine) as connection:
            after = described(connection)
        broken[revision] = list(refused_to_the_version_before(before, after))
        before = after
    engine.dispose()

    assert {revision: what for revision, what in broken.items() if what and revision not in _BEFORE_ANYONE_UPGRADED} == {}
    assert all(broken[revision] for revision in _BEFORE_ANYONE_UPGRADED), "an exception that is none"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TABLE listing_gone", "listing_gone is gone"),
        ("ALTER TABLE report DROP COLUMN text", "report.text is gone"),
        ("ALTER TABLE report RENAME COLUMN text TO words", "report.text is gone, report.words must be given"),
        ("ALTER TABLE report ADD COLUMN mood TEXT NOT NULL DEFAULT ''", ""),
        ("ALTER TABLE report ADD COLUMN mood TEXT", ""),
        ("CREATE TABLE mood (pk INTEGER NOT NULL)", ""),
        ("CREATE UNIQUE INDEX once ON report (text)", "report: once refuses what was accepted"),
        ("CREATE INDEX fast ON report (text)", ""),
    ],
)
def test_what_the_version_before_could_not_live_with_is_told(engine: Engine, change: str, told: str) -> None:
    with reading(engine) as connection:
        before = described(connection)
    with writing(engine) as connection:
        connection.exec_driver_sql(change)
    with reading(engine) as connection:
        after = described(connection)

    assert ", ".join(refused_to_the_version_before(before, after)) == told


Schema = dict[str, tuple[dict[str, dict[str, Any]], frozenset[str]]]


def described(connection: Connection) -> Schema:
    """Table → its columns, and the names of its unique indexes."""
    seen = inspect(connection)
    return {
        table: (
            {column["name"]: dict(column) for column in seen.get_columns(table)},
            frozenset(str(index["name"]) for index in seen.get_indexes(table) if index["unique"]),
        )
        for table in seen.get_table_names()
    }


def refused_to_the_version_before(before: Schema, after: Schema) -> Iterator[str]:
    """What a program that knows the first schema could no longer read or write in the second."""
    for table, (columns, unique) in before.items():
        if table not in after:
            yield f"{table} is gone"
            continue
        now, now_unique = after[table]
        yield from (f"{table}.{name} is gone" for name in columns.keys() - now.keys())
        yield from (f"{table}: {name} refuses what was accepted" for name in now_unique - unique)
        for name, column in now.items():
            known = columns.get(name)
            if not column["nullable"] and column["default"] is None and (known is None or known["nullable"]):
                yield f"{table}.{name} must be given"
            if known is not None and str(known["type"]) != str(column["type"]):
                yield f"{table}.{name} is another type"


def test_the_same_schema_can_be_written_for_postgresql() -> None:
    script = io.StringIO()

    write_script("postgresql", script)

    written = script.getvalue()
    for table in SQLModel.metadata.tables:
        assert f"CREATE TABLE {table} (" in written
    assert "TIMESTAMP WITH TIME ZONE" in written
