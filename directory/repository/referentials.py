"""Referentials: replaced whole, entry by entry where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from directory.models.changes import AppliedCounts
from directory.models.published import ReferentialEntry
from directory.repository import tables
from directory.repository.rows import chunks

_state = tables.referential
_entry = tables.referential_entry


def compare(connection: Connection, entries: Iterable[ReferentialEntry]) -> AppliedCounts:
    """What replacing referentials by these entries would do."""
    counts = AppliedCounts()
    for name, wanted in _grouped(entries).items():
        counts += _counts(load(connection, name), wanted)
    return counts


def replace(connection: Connection, source: str, entries: Iterable[ReferentialEntry]) -> AppliedCounts:
    """Replace the referentials that the entries name, whole; the others stay."""
    total = AppliedCounts()
    for name, wanted in _grouped(entries).items():
        held = load(connection, name)
        counts = _counts(held, wanted)
        total += counts
        if not (counts.added or counts.changed or counts.removed):
            continue
        _raise_version(connection, name, source)
        gone = [code for code, data in held.items() if wanted.get(code) != data]
        for codes in chunks(gone):
            connection.execute(delete(_entry).where(_entry.c.referential == name, _entry.c.code.in_(codes)))
        new = [
            {"referential": name, "code": code, "data": data} for code, data in wanted.items() if held.get(code) != data
        ]  # fmt: skip
        for rows in chunks(new):
            connection.execute(insert(_entry), rows)
    return total


def versions(connection: Connection) -> dict[str, int]:
    """Referential → version, of those that were imported."""
    rows = connection.execute(select(_state.c.name, _state.c.version))
    return {row.name: row.version for row in rows}


def load(connection: Connection, name: str) -> dict[str, dict[str, Any]]:
    """Code → data, of every entry of a referential, by code."""
    question = select(_entry.c.code, _entry.c.data).where(_entry.c.referential == name).order_by(_entry.c.code)
    return {row.code: row.data for row in connection.execute(question)}


def _grouped(entries: Iterable[ReferentialEntry]) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for entry in entries:
        found.setdefault(entry.referential, {})[entry.code] = dict(entry.data)
    return found


def _counts(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> AppliedCounts:
    added = len(wanted.keys() - held.keys())
    same = sum(1 for code, data in wanted.items() if held.get(code) == data)
    return AppliedCounts(
        added=added, changed=len(wanted) - added - same, unchanged=same, removed=len(held.keys() - wanted.keys())
    )  # fmt: skip


def _raise_version(connection: Connection, name: str, source: str) -> None:
    risen = update(_state).where(_state.c.name == name).values(version=_state.c.version + 1, source=source)
    if connection.execute(risen).rowcount == 0:
        connection.execute(insert(_state).values(name=name, source=source, version=1))
