"""Writing many rows: JSON that is text already is passed on as it is, instead of being made once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Dialect, Table, TableClause, column, table
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
