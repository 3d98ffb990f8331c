"""Between the two halves of an import: the listings as they will be, computed from new and kept records.

A new listing that only new records make is written where it will stay, in a batch that nobody sees until the run publishes. What
changes something that can be seen is staged, for the short last transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, TableClause, select, update

from directory.database import reading, writing
from directory.merging import merge_records
from directory.models.changes import StoredRecord
from directory.models.prepared import PreparedRecord
from directory.models.staging import (
    staged_alias,
    staged_change,
    staged_coverage,
    staged_identity,
    staged_keys,
    staged_link,
    staged_listing,
    staged_takeover,
)
from directory.repository import bulk, overlay, tables
from directory.repository.linking import Group, Node, listing_id, marked_id, own_ids
from directory.repository.rows import RECORD_COLUMNS, chunks, dumped_coverage, dumped_row, stated_fields, to_record, to_row
from directory.repository.staging import ABSENT, Gathered, stage_compared, stage_marks

_GROUPS = 500
_listing = tables.listing
_coverage = tables.listing_coverage
_Row = dict[str, Any]


class Batch(NamedTuple):
    """What the rows of a piece of work have in common. ``run_pk`` is 0 when it is no import: it then writes nothing hidden.

    ``overlays`` are the statements of curators that will stand, where they are not those that are kept.
    """

    run_pk: int
    now: datetime
    trust: Mapping[str, int]
    overlays: overlay.Overlays | None = None


class _Content(NamedTuple):
    source: str
    record_id: str
    changed_at: datetime
    dumped: Mapping[str, Any]


def stage_listings(engine: Engine, gathered: Gathered, batch: Batch) -> int:
    """Write the new listings, hidden, and stage those that change. Small transactions: no other writer waits.

    Returns:
        The directory's revision that the new listings bear.
    """
    stage_marks(engine, gathered.marks)
    stage_compared(engine, gathered)
    opened = sum(group.listing_pk is None for group in gathered.groups)
    state = tables.directory_state
    hidden = {"hidden_batch": batch.run_pk} if batch.run_pk else {}
    with writing(engine) as connection:
        reserved = update(state).values(last_listing_pk=state.c.last_listing_pk + opened, **hidden)
        last = connection.execute(reserved.returning(state.c.last_listing_pk, state.c.revision)).one()
    overlays = batch.overlays
    if overlays is None:
        with reading(engine) as connection:
            overlays = overlay.load(connection)
    stager = _ListingStager(gathered, batch._replace(overlays=overlays), next_pk=last[0] - opened + 1, revision=last[1] + 1)
    for groups in chunks(gathered.groups, _GROUPS):
        with reading(engine) as connection:
            stager.read(connection, groups)
        with writing(engine) as connection:
            stager.write(connection)
    return stager.revision


class _ListingStager:
    def __init__(self, gathered: Gathered, batch: Batch, *, next_pk: int, revision: int) -> None:
        self._gathered = gathered
        self._batch = batch
        self._next_pk = next_pk
        self.revision = revision
        self._new_ids: set[str] = set()
        self._rows: dict[TableClause, list[_Row]] = {}

    def read(self, connection: Connection, groups: Sequence[Group]) -> None:
        prepared = {
            node.pk: record for group in groups for node in group.members if (record := self._gathered.read(node.pk)) is not None
        }
        kept_pks = [node.pk for group in groups for node in _speaking(group.members) if node.pk not in prepared]
        contents = _read_contents(connection, kept_pks)
        for pk, record in prepared.items():
            contents[pk] = _Content(record.source, record.record_id, self._batch.now, record.read_record())
        kept = _read_kept(connection, [pk for group in groups for pk in _listings_of(group)])
        ids = _taken_ids(connection, [_wanted_id(group) for group in groups if group.listing_pk is None])
        for group in groups:
            before = kept.get(group.listing_pk) if group.listing_pk is not None else None
            if before is None:
                self._open(group, ids)
            for pk in group.taken_over:
                self._add(staged_takeover, {"listing_pk": pk, "id": kept[pk]["id"], "heir_pk": group.listing_pk})
            fresh = before is None and all(node.pk >= self._gathered.first_new for node in group.members)
            self._write_records(group, prepared, fresh=fresh)
            self._write_listing(group, contents, before, fresh=fresh)

    def _open(self, group: Group, ids: set[str]) -> None:
        group.listing_pk, self._next_pk = self._next_pk, self._next_pk + 1
        wanted = _wanted_id(group)
        if wanted in ids or wanted in self._new_ids:
            first = group.members[0]
            wanted = marked_id(wanted, first.source, first.record_id)
        self._new_ids.add(wanted)
        group.new_id = wanted

    def _write_records(self, group: Group, prepared: Mapping[int, PreparedRecord], *, fresh: bool) -> None:
        identity = tables.record_identity if fresh else staged_identity
        for node in group.members:
            record = prepared.get(node.pk)
            if record is not None:
                row = self._record_row(node, record) | {"listing_pk": group.listing_pk}
                self._add(bulk.source_record if fresh else bulk.staged_record, row)
                for key in dict.fromkeys(record.identities):
                    self._add(identity, {"identity": key, "source_record_pk": node.pk})
            if record is not None and node.pk >= self._gathered.first_new:
                keys = {"source_record_pk": node.pk, "keys": self._gathered.fresh.keys[node.pk]}
                self._add(tables.record_keys if fresh else staged_keys, keys)
            if not fresh and (record is not None or node.listing_pk != group.listing_pk):
                self._add(staged_link, {"source_record_pk": node.pk, "listing_pk": group.listing_pk})
            if node.listing_pk not in {None, group.listing_pk}:
                for own in own_ids(node.source, node.record_id):
                    self._add(staged_alias, {"id": own, "listing_pk": group.listing_pk})

    def _record_row(self, node: Node, record: PreparedRecord) -> _Row:
        return {
            "pk": node.pk,
            "source": record.source,
            "record_id": record.record_id,
            "kind": record.kind,
            "digest": record.digest,
            "raw": record.raw,
            "record": record.record,
            "origins": record.origins,
            "identities": bulk.write_json(record.identities),
            "first_seen": self._batch.now,
            "last_seen": self._batch.now,
            "changed_at": self._batch.now,
            "missed_at": None,
            "missing_since": None,
            "missing_reason": "",
            "run_pk": self._batch.run_pk,
        }

    def _write_listing(
        self, group: Group, contents: Mapping[int, _Content], before: Mapping[str, Any] | None, *, fresh: bool
    ) -> None:
        row, coverage = _merge([(node.pk, contents[node.pk]) for node in _speaking(group.members)], self._batch.trust)
        row |= {"closed_at": None, "closed_reason": ""}
        if not any(node.live for node in group.members):
            row |= self._closing(group, before)
        if self._batch.overlays:
            overlay.lay(row, overlay.standing(self._batch.overlays, (node.pk for node in group.members)).values())
            coverage = [(scope, code) for scope, code in row.pop("coverage", coverage)]
        if before is not None and before["coverage"] == coverage and all(before[name] == value for name, value in row.items()):
            return
        if before is not None:
            changes = overlay.changes_between(before, row | {"coverage": coverage}, _TOLD)
            if changes:
                self._add(staged_change, {"listing_pk": group.listing_pk, "changes": changes})
        row |= {
            "pk": group.listing_pk,
            "id": before["id"] if before else group.new_id,
            "first_seen": before["first_seen"] if before else self._batch.now,
            "last_changed": self._batch.now,
            "revision": self.revision,
            "batch": self._batch.run_pk,
        }
        if fresh:
            row |= {name: bulk.write_json(row[name]) for name in bulk.JSON_COLUMNS}
        self._add(bulk.listing if fresh else staged_listing, row)
        for scope, code in coverage:
            territory = {"listing_pk": group.listing_pk, "scope": scope, "code": code}
            self._add(_coverage if fresh else staged_coverage, territory)

    def _closing(self, group: Group, before: Mapping[str, Any] | None) -> _Row:
        if before is not None and before["closed_at"] is not None:
            return {name: before[name] for name in ("closed_at", "closed_reason")}
        reasons = dict.fromkeys(node.reason for node in group.members if node.reason)
        return {"closed_at": self._batch.now, "closed_reason": " ".join(reasons) or ABSENT}

    def _add(self, table: TableClause, row: _Row) -> None:
        self._rows.setdefault(table, []).append(row)

    def write(self, connection: Connection) -> None:
        for table in sorted(self._rows, key=lambda table: _ORDER.get(table.name, len(_ORDER))):
            bulk.insert_rows(connection, table, self._rows[table])
        self._rows.clear()


def _merge(members: Sequence[tuple[int, _Content]], trust: Mapping[str, int]) -> tuple[_Row, list[tuple[str, str]]]:
    """The row of the listing that these records make, and its sorted coverage."""
    if len(members) == 1:
        pk, content = members[0]
        row = dumped_row(content.dumped) | {"winners": dict.fromkeys(stated_fields(content.dumped), pk)}
        return row, sorted(set(dumped_coverage(content.dumped)))
    stored = [
        StoredRecord(
            pk=pk,
            source=content.source,
            record_id=content.record_id,
            record=to_record(content.dumped, dumped_coverage(content.dumped)),
            changed_at=content.changed_at,
        )
        for pk, content in members
    ]
    record, winners = merge_records(stored, trust)
    coverage = {(str(territory.scope), territory.code) for territory in record.coverage}
    return to_row(record) | {"winners": winners}, sorted(coverage)


def merge_kept(connection: Connection, nodes: Sequence[Node], trust: Mapping[str, int]) -> _Row:
    """The row of a listing as its records make it, without what curators state; ``closed_at`` is True when no source holds it."""
    speaking = [node.pk for node in _speaking(nodes)]
    contents = _read_contents(connection, speaking)
    row, coverage = _merge([(pk, contents[pk]) for pk in speaking], trust)
    return row | {"coverage": list(map(list, coverage)), "closed_at": None if any(node.live for node in nodes) else True}


# a listing before what refers to it
_ORDER = {"listing": 0, "source_record": 1}


def _speaking(members: Sequence[Node]) -> Sequence[Node]:
    """The records that make the listing: those that their sources hold; all when none does: a closed listing can be read."""
    return [node for node in members if node.live] or members


def _listings_of(group: Group) -> Iterable[int]:
    if group.listing_pk is not None:
        yield group.listing_pk
    yield from group.taken_over


def _wanted_id(group: Group) -> str:
    first = group.members[0]
    return listing_id(first.source, first.record_id)


def _read_contents(connection: Connection, pks: Sequence[int]) -> dict[int, _Content]:
    """What is kept of the records of these keys."""
    found: dict[int, _Content] = {}
    c = tables.source_record.c
    for chunk in chunks(pks):
        question = select(c.pk, c.source, c.record_id, c.changed_at, c.record).where(c.pk.in_(chunk))
        for pk, source, record_id, changed_at, dumped in connection.execute(question):
            found[pk] = _Content(source, record_id, changed_at, dumped)
    return found


_TOLD = (*RECORD_COLUMNS, "coverage", "closed_at")
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
