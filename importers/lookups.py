"""Known exceptions of a source: its lookups.csv, asked by field and value."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from directory.text import fold

Entry = Mapping[str, str]


@cache
def read_lookups(source_name: str) -> Mapping[tuple[str, str], Entry]:
    """The entries of a source's lookups.csv by (field, folded value).

    The file's first columns are ``field`` and ``value``; the others say what the value means.

    Raises:
        ValueError: The same value stands twice for a field.
    """
    path = resources.files("importers").joinpath("sources", source_name, "lookups.csv")
    entries: dict[tuple[str, str], Entry] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        key = row["field"], fold(row["value"])
        if key in entries:
            raise ValueError(f"{source_name}/lookups.csv: {key} stands twice")
        entries[key] = row
    return entries


@lru_cache(maxsize=4096)
def find_lookup(source_name: str, field: str, value: str) -> Entry | None:
    """What a source's lookups.csv says of a value; None when it is no known exception."""
    return read_lookups(source_name).get((field, fold(value)))
