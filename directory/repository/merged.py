"""Between the two halves of an import: the listings as they will be, computed from staged and kept records, and staged too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, select

from directory.database import reading, writing
from directory.merging import merge_records
from directory.models.changes import StoredRecord
from directory.models.staging import staged_alias, staged_coverage, staged_link, staged_listing, staged_record, staged_takeover
from directory.repository import tables
from directory.repository.linking import Group, Node, listing_id, marked_id, own_ids
from directory.repository.rows import RECORD_COLUMNS, chunks, dumped_coverage, to_record, to_row

CLOSED = "Sa source ne la publie plus."
_GROUPS = 500
_listing = tables.listing
_coverage = tables.listing_coverage


@dataclass(slots=True)
class Merged:
    """What was staged of the listings.

    Attributes:
        joined: Records that joined a listing which another had opened (see ``AppliedCounts.merged``).
        last_listing_pk: The highest key given.
    """

    joined: int
    last_listing_pk: int


def stage_listings(engine: Engine, groups: Iterable[Group], trust: Mapping[str, int], now: datetime) -> Merged:
    """Compute the listing of each group and stage it where it differs from the one that is kept."""
    with reading(engine) as connection:
        last = connection.scalar(select(tables.directory_state.c.last_listing_pk)) or 0
    stager = _ListingStager(trust, now, last)
    for chunk in chunks(groups, _GROUPS):
        with reading(engine) as connection:
            stager.read(connection, chunk)
        with writing(engine) as connection:
            stager.write(connection)
    return Merged(joined=stager.joined, last_listing_pk=stager.last_pk)


class _ListingStager:
    def __init__(self, trust: Mapping[str, int], now: datetime, last_pk: int) -> None:
        self.joined = 0
        self.last_pk = last_pk
        self._trust = trust
        self._now = now
        self._new_ids: set[str] = set()
        self._rows: dict[Table, list[dict[str, Any]]] = {}

    def read(self, connection: Connection, groups: Sequence[Group]) -> None:
        members = [node.pk for group in groups for node in _speaking(group.members)]
        stored = _read_stored(connection, members)
        kept = _read_kept(connection, [pk for group in groups for pk in _listings_of(group)])
        ids = _taken_ids(connection, [_wanted_id(group) for group in groups if group.listing_pk is None])
        for group in groups:
            self.joined += _joined(group)
            before = kept.get(group.listing_pk) if group.listing_pk is not None else None
            if before is None:
                self._open(group, ids)
            for pk in group.taken_over:
                self._add(staged_takeover, {"listing_pk": pk, "id": kept[pk]["id"], "heir_pk": group.listing_pk})
            self._stage(group, stored, before)

    def _open(self, group: Group, ids: set[str]) -> None:
        self.last_pk += 1
        group.listing_pk = self.last_pk
        wanted = _wanted_id(group)
        if wanted in ids or wanted in self._new_ids:
            first = group.members[0]
            wanted = marked_id(wanted, first.source, first.record_id)
        self._new_ids.add(wanted)
        group.new_id = wanted

    def _stage(self, group: Group, stored: Mapping[int, StoredRecord], before: Mapping[str, Any] | None) -> None:
        record, winners = merge_records([stored[node.pk] for node in _speaking(group.members)], self._trust)
        row = to_row(record) | {"winners": winners, "closed_at": None, "closed_reason": ""}
        coverage = sorted((str(territory.scope), territory.code) for territory in record.coverage)
        if not any(node.live for node in group.members):
            row |= {"closed_at": (before and before["closed_at"]) or self._now, "closed_reason": CLOSED}
        for node in group.members:
            if node.listing_pk != group.listing_pk or node.pk in stored:
                self._add(staged_link, {"source_record_pk": node.pk, "listing_pk": group.listing_pk})
            if node.listing_pk not in {None, group.listing_pk}:
                for own in own_ids(node.source, node.record_id):
                    self._add(staged_alias, {"id": own, "listing_pk": group.listing_pk})
        if before is not None and before["coverage"] == coverage and all(before[name] == value for name, value in row.items()):
            return
        row |= {
            "pk": group.listing_pk,
            "id": before["id"] if before else group.new_id,
            "first_seen": before["first_seen"] if before else self._now,
            "last_changed": self._now,
            "revision": 0,
        }
        self._add(staged_listing, row)
        for scope, code in coverage:
            self._add(staged_coverage, {"listing_pk": group.listing_pk, "scope": scope, "code": code})

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        self._rows.setdefault(table, []).append(row)

    def write(self, connection: Connection) -> None:
        for table, rows in self._rows.items():
            connection.execute(insert(table), rows)
        self._rows.clear()


def _speaking(members: Sequence[Node]) -> Sequence[Node]:
    """The records that make the listing: those that their sources hold; all when none does: a closed listing can be read."""
    return [node for node in members if node.live] or members


def _listings_of(group: Group) -> Iterator[int]:
    if group.listing_pk is not None:
        yield group.listing_pk
    yield from group.taken_over


def _joined(group: Group) -> int:
    new_records = sum(node.listing_pk is None for node in group.members)
    opens_one = group.listing_pk is None and new_records > 0
    return new_records - opens_one + len(group.taken_over)


def _wanted_id(group: Group) -> str:
    first = group.members[0]
    return listing_id(first.source, first.record_id)


def _read_stored(connection: Connection, pks: Sequence[int]) -> dict[int, StoredRecord]:
    """The records of these keys: as staged, else as kept."""
    found: dict[int, StoredRecord] = {}
    for table in (staged_record, tables.source_record):
        c = table.c
        left = [pk for pk in pks if pk not in found]
        for chunk in chunks(left):
            question = select(c.pk, c.source, c.record_id, c.record, c.changed_at).where(c.pk.in_(chunk))
            for pk, source, record_id, dumped, changed_at in connection.execute(question):
                record = to_record(dumped, dumped_coverage(dumped))
                found[pk] = StoredRecord(pk=pk, source=source, record_id=record_id, record=record, changed_at=changed_at)
    return found


_COMPARED = ("pk", "id", "first_seen", "winners", "closed_at", "closed_reason", *RECORD_COLUMNS)


def _read_kept(connection: Connection, pks: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Listings as they are kept, their ``coverage`` as sorted (scope, code) pairs."""
    found: dict[int, dict[str, Any]] = {}
    for chunk in chunks(pks):
        question = select(*(_listing.c[name] for name in _COMPARED)).where(_listing.c.pk.in_(chunk))
        for row in connection.execute(question):
            found[row.pk] = dict(zip(_COMPARED, row, strict=True)) | {"coverage": []}
        c = _coverage.c
        order = (c.listing_pk, c.scope, c.code)
        for pk, scope, code in connection.execute(select(*order).where(c.listing_pk.in_(chunk)).order_by(*order)):
            found[pk]["coverage"].append((scope, code))
    return found


def _taken_ids(connection: Connection, ids: Iterable[str]) -> set[str]:
    taken: set[str] = set()
    for chunk in chunks(ids):
        taken.update(connection.scalars(select(_listing.c.id).where(_listing.c.id.in_(chunk))))
    return taken
