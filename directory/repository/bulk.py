"""Writing many rows: statements compiled once, and JSON that is text already passed on instead of being made once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import JSON, Connection, Dialect, Table, TableClause, column, insert, table
from sqlalchemy.types import TypeDecorator

from directory.models import staging
from directory.repository import tables


class _JsonText(TypeDecorator[str]):
    impl = JSON
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:  # noqa: ARG002
        return None


def _twin(of: Table) -> TableClause:
    return table(of.name, *(column(c.name, _JsonText() if isinstance(c.type, JSON) else c.type) for c in of.columns))


listing = _twin(tables.listing)
source_record = _twin(tables.source_record)
staged_record = _twin(staging.staged_record)
JSON_COLUMNS = tuple(c.name for c in tables.listing.columns if isinstance(c.type, JSON))
"""The columns of a listing that are JSON."""
_EMPTY = "[]"


def write_json(value: object) -> str:
    """A value as the JSON text that is kept."""
    return to_json(value).decode() if value else _EMPTY


class _Statement(NamedTuple):
    sql: str
    read: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    binders: tuple[tuple[int, Callable[[Any], Any]], ...]


def insert_rows(connection: Connection, into: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, two of them at least; by COPY on PostgreSQL.

    Twice as fast on SQLite as the same by ``Connection.execute``. Values are bound as their columns' types say; a column that
    the rows do not have holds the database's default.
    """
    if not rows:
        return
    statement = _compile(into, connection.dialect, tuple(rows[0]))
    values = list(map(list, map(statement.read, rows)))
    for place, bind in statement.binders:
        for value in values:
            value[place] = bind(value[place])
    if connection.dialect.name == "postgresql":
        _copy(connection, statement.sql, values)
    else:
        connection.exec_driver_sql(statement.sql, list(map(tuple, values)))


def _copy(connection: Connection, sql: str, values: Iterable[Sequence[Any]]) -> None:
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(sql) as copy:
        for row in values:
            copy.write_row(row)


@lru_cache(maxsize=64)
def _compile(into: TableClause, dialect: Dialect, names: tuple[str, ...]) -> _Statement:
    compiled = insert(into).compile(dialect=dialect, column_keys=list(names))
    ordered = tuple(compiled.positiontup or names)
    binders = []
    for place, name in enumerate(ordered):
        bind = into.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if bind is not None:
            binders.append((place, lru_cache(maxsize=64)(bind) if into.c[name].type.hashable else bind))
    quoted = dialect.identifier_preparer.quote
    copying = f"COPY {quoted(into.name)} ({', '.join(map(quoted, ordered))}) FROM STDIN"
    sql = copying if dialect.name == "postgresql" else str(compiled)
    return _Statement(sql, itemgetter(*ordered), tuple(binders))
