"""Forgetting: what was kept of someone whose source says that they are not to be diffused goes, its raw record first of all.

What stays is that the record existed, under its number, so that nobody wonders where its listing went: no name, no address, no
contact, no column of the file, in no record, listing, doubt nor report of an import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from directory.models.record import ListingRecord
from directory.repository import tables
from directory.repository.rows import chunks, to_row

FORGOTTEN = "Fiche effacée"
"""What stands for the name of what was forgotten."""

_record, _listing, _doubt, _run, _pair = (
    tables.source_record, tables.listing, tables.doubt, tables.import_run, tables.duplicate_pair,
)  # fmt: skip


def forget(connection: Connection, source: str, record_ids: Sequence[str]) -> None:
    """Empty these records of a source, which it no longer holds, and all that was made of them."""
    for chunk in chunks(record_ids):
        held = select(_record.c.pk, _record.c.listing_pk, _record.c.kind, _record.c.record["category"].as_string())
        rows = connection.execute(held.where(_record.c.source == source, _record.c.record_id.in_(chunk))).all()
        for pk, listing_pk, kind, category in rows:
            _empty_record(connection, pk, {"kind": kind, "category": category, "name": FORGOTTEN})
            if listing_pk is not None:
                # its life may tell what the record said
                connection.execute(delete(tables.listing_history).where(tables.listing_history.c.listing_pk == listing_pk))
                _empty_listing(connection, listing_pk)
        replaced = tables.replaced_record
        connection.execute(delete(replaced).where(replaced.c.source == source, replaced.c.record_id.in_(chunk)))
        said = update(_doubt).where(_doubt.c.source == source, _doubt.c.record_id.in_(chunk))
        connection.execute(said.values(raw=None, value="", message=FORGOTTEN))
    if record_ids:
        _empty_reports(connection, source, {*record_ids})


def _empty_record(connection: Connection, pk: int, record: dict[str, Any]) -> None:
    empty = {"raw": {}, "origins": {}, "identities": [], "record": record, "digest": ""}
    connection.execute(update(_record).where(_record.c.pk == pk).values(**empty))
    for beside in (tables.record_identity, tables.record_keys):
        connection.execute(delete(beside).where(beside.c.source_record_pk == pk))
    connection.execute(delete(tables.statement).where(tables.statement.c.record_pk == pk))
    # what a person judged stays; what was computed of its facts goes
    told = or_(_pair.c.left_pk == pk, _pair.c.right_pk == pk)
    connection.execute(update(_pair).where(told).values(verdict=None, probability=None, reasons=[]))


def _empty_listing(connection: Connection, listing_pk: int) -> None:
    """Empty a listing, unless another record still makes it: it was then merged anew without this one."""
    others = select(_record.c.pk).where(_record.c.listing_pk == listing_pk, _record.c.missing_since.is_(None)).limit(1)
    if connection.scalar(others) is not None:
        return
    kind, category = connection.execute(select(_listing.c.kind, _listing.c.category).where(_listing.c.pk == listing_pk)).one()
    row = to_row(ListingRecord(kind=kind, category=category, name=FORGOTTEN))
    connection.execute(update(_listing).where(_listing.c.pk == listing_pk).values(**row, winners={}))
    coverage = tables.listing_coverage
    connection.execute(delete(coverage).where(coverage.c.listing_pk == listing_pk))


def _empty_reports(connection: Connection, source: str, record_ids: set[str]) -> None:
    """Take the examples that show these records out of the reports of the source's imports; their counts stay."""
    for pk, plan in connection.execute(select(_run.c.pk, _run.c.plan).where(_run.c.source == source)).all():
        kept = _without(plan, record_ids | {f"{source}:{record_id}" for record_id in record_ids})
        if kept != plan:
            connection.execute(update(_run).where(_run.c.pk == pk).values(plan=kept))


def _without(value: Any, gone: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, gone) for name, part in value.items()}
    if isinstance(value, list):
        return [_without(part, gone) for part in value if not (isinstance(part, dict) and _shows(part, gone))]
    return value


def _shows(example: dict[str, Any], gone: set[str]) -> bool:
    return not gone.isdisjoint(str(example.get(name)) for name in ("record_id", "record", "into"))
