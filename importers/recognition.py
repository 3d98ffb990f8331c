"""Which source a file is of, told by what it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from directory.text import fold
from importers.errors import ImporterError, StructureChanged, UnreadableFile
from importers.guards import Content, check_file
from importers.json_items import flatten, read_json_items
from importers.parquet import read_parquet
from importers.reading import read_table
from importers.source import Mark, Source, sources

_CONTAINERS = (
    "service", "commune", "results", "records", "data", "features", "items", "structures", "services", "events", "content",
    "etablissements", "companies",
)  # fmt: skip
_LONGEST_LINE = 1_000_000


def recognise(path: Path, max_bytes: int) -> Source | None:
    """The source of a file; None when none says that it is its own, or several do.

    Raises:
        UnreadableFile: The file cannot be opened at all.
    """
    content = check_file(path, max_bytes)
    try:
        row = {fold(header): text for header, text in _first_row(path, content, max_bytes).items()}
    except ImporterError:
        row = {}
    found = {source.name: source for source in sources().values() for mark in source.recognised if _is(mark, content, row)}
    return found.popitem()[1] if len(found) == 1 else None


def _is(mark: Mark, content: Content, row: Mapping[str, str]) -> bool:
    if mark.content and mark.content != content:
        return False
    headers = all(fold(column) in row for column in mark.columns)
    return headers and all(fold(row.get(fold(header), "")) == fold(text) for header, text in mark.values.items())


def _first_row(path: Path, content: Content, max_bytes: int) -> Mapping[str, str]:
    """Headers and texts of the first row, or of the first objects together; nothing for what has no rows."""
    if content is Content.JSON:
        return _first_object(path)
    if content is Content.PARQUET:
        return _texts(next(iter(read_parquet(path)), (0, {}))[1])
    if content in {Content.ICALENDAR, Content.ZIP, Content.PDF}:
        return {}
    table = read_table(path, {}, max_bytes)
    first = next(table.rows, None)
    return first.cells if first is not None else dict.fromkeys(table.headers, "")


def _first_object(path: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    with suppress(StructureChanged, UnreadableFile):
        for _, item in islice(read_json_items(path, _CONTAINERS), 5):
            found = flatten(item) | found
    with suppress(ValueError, RecursionError, OSError):  # JSON lines
        if not found:
            with path.open(encoding="utf-8-sig") as file:
                found = flatten(json.loads(file.readline(_LONGEST_LINE)))
    return found


def _texts(item: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in item.items()}
