"""The first half of an import: its records go to the staging tables in chunks, so that no one waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select

from directory.database import reading, writing
from directory.models.changes import CURATION, AppliedCounts, ChangeSet, KnownRecord, digest_of, dump_record
from directory.models.duplicates import Comparer
from directory.models.record import SourcedRecord
from directory.models.staging import STAGING, staged_identity, staged_keys, staged_mark, staged_record
from directory.repository import tables
from directory.repository.linking import Node
from directory.repository.pairs import pack_keys, read_records, tied_to
from directory.repository.rows import chunks

_record = tables.source_record


@dataclass(slots=True)
class Staged:
    """What an import staged.

    Attributes:
        nodes: The staged records, and those that go missing or come back as they were, by ``pk``.
        compared: The staged records, which are compared anew.
        partial: Whether the source holds records that this run did not meet, so that its last sight of each is written.
    """

    nodes: dict[int, Node] = field(default_factory=dict)
    compared: set[int] = field(default_factory=set)
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    partial: bool = False

    def counts(self, merged: int, proposed: int) -> AppliedCounts:
        """What the run did; ``merged`` and ``proposed`` are told by who links and compares its records."""
        return AppliedCounts(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=self.removed,
            merged=merged,
            proposed=proposed,
        )


def clear(engine: Engine) -> None:
    """Empty the staging tables: what a run that died left there is nobody's."""
    with writing(engine) as connection:
        for table in STAGING:
            connection.execute(delete(table))


def known_records(connection: Connection, source: str) -> dict[str, KnownRecord]:
    """What is kept of each record of a source, by ``record_id``."""
    c = _record.c
    question = select(c.record_id, c.pk, c.listing_pk, c.digest, c.missing_since).where(c.source == source)
    return {
        record_id: KnownRecord(pk=pk, listing_pk=listing_pk, digest=digest, missing_since=missing_since)
        for record_id, pk, listing_pk, digest, missing_since in connection.execute(question)
    }


def stage(engine: Engine, changes: ChangeSet, now: datetime, comparer: Comparer | None = None) -> Staged:
    """Stage the records of a run, and mark those that were seen again or are missing.

    Raises:
        ValueError: The run gives one record twice.
    """
    with reading(engine) as connection:
        known = known_records(connection, changes.source)
        first_free = (connection.scalar(select(func.max(_record.c.pk))) or 0) + 1
    stager = _Stager(changes, known, first_free, now, comparer)
    for chunk in chunks(chain(changes.added, changes.changed)):
        stager.stage(engine, chunk)
    lost, back, same = stager.mark()
    marks = [{"source_record_pk": known.pk, "missing": True} for known in lost]
    marks += [{"source_record_pk": known.pk, "missing": False} for known in (*back, *same)]
    for rows in chunks(marks):
        with writing(engine) as connection:
            connection.execute(insert(staged_mark), rows)
    with reading(engine) as connection:
        for live, touched in ((False, lost), (True, back)):
            stager.staged.nodes.update(_marked_nodes(connection, [known.pk for known in touched], live=live))
    return stager.staged


def stage_keys(engine: Engine, comparer: Comparer) -> dict[int, Node]:
    """Stage the keys of every record anew. Returns the records that their sources hold, by ``pk``."""
    nodes: dict[int, Node] = {}
    with reading(engine) as connection:
        pks = list(connection.scalars(select(_record.c.pk).order_by(_record.c.pk)))
    for chunk in chunks(pks):
        with reading(engine) as connection:
            found = {node.pk: node for node in list_nodes(connection, chunk)}
            rows = [
                {"source_record_pk": pk, "keys": b"" if found[pk].source == CURATION else pack_keys(comparer.keys(record))}
                for pk, record in read_records(connection, chunk)
            ]
        nodes |= {pk: node for pk, node in found.items() if node.live}
        with writing(engine) as connection:
            connection.execute(insert(staged_keys), rows)
    return nodes


class _Stager:
    def __init__(
        self, changes: ChangeSet, known: Mapping[str, KnownRecord], first_free: int, now: datetime, comparer: Comparer | None
    ) -> None:
        self.staged = Staged()
        # what a person decides of a listing is not another record of it
        self._comparer = None if changes.source == CURATION else comparer
        self._changes = changes
        self._known = known
        self._next_pk = first_free
        self._now = now
        self._met: set[str] = set()
        self._same: list[KnownRecord] = []

    def stage(self, engine: Engine, records: Iterable[SourcedRecord]) -> None:
        rows = [row for sourced in records if (row := self._row(sourced))]
        identities = [
            {"identity": identity, "source_record_pk": row["pk"]} for row in rows for identity in dict.fromkeys(row["identities"])
        ]
        keys = [{"source_record_pk": row["pk"], "keys": self._keys(row["record"])} for row in rows]
        if rows:
            with writing(engine) as connection:
                connection.execute(insert(staged_record), rows)
                connection.execute(insert(staged_keys), keys)
                if identities:
                    connection.execute(insert(staged_identity), identities)

    def _keys(self, dumped: Mapping[str, Any]) -> bytes:
        return pack_keys(self._comparer.keys(dumped)) if self._comparer else b""

    def _row(self, sourced: SourcedRecord) -> dict[str, Any] | None:
        record_id, dumped = sourced.record_id, dump_record(sourced.record)
        digest = digest_of(sourced, dumped)
        if sourced.source != self._changes.source or record_id in self._met:
            raise ValueError(f"record {record_id!r} of {sourced.source!r} is of another source, or given twice")
        self._met.add(record_id)
        known = self._known.get(record_id)
        if known is not None and known.digest == digest and known.missing_since is None:
            self._same.append(known)
            return None
        if known is None:
            self.staged.added += 1
            pk, listing_pk, self._next_pk = self._next_pk, None, self._next_pk + 1
        else:
            self.staged.changed += 1
            pk, listing_pk = known.pk, known.listing_pk
        self.staged.compared.add(pk)
        kind = str(sourced.record.kind)
        self.staged.nodes[pk] = Node(pk, sourced.source, record_id, kind, listing_pk, sourced.identities)
        return {
            "pk": pk,
            "source": sourced.source,
            "record_id": record_id,
            "kind": kind,
            "listing_pk": listing_pk,
            "digest": digest,
            "raw": sourced.raw,
            "record": dumped,
            "origins": {name: list(headers) for name, headers in sourced.origins.items()},
            "identities": list(sourced.identities),
            "first_seen": self._now,
            "last_seen": self._now,
            "changed_at": self._now,
            "run_pk": self._changes.run_pk,
        }

    def mark(self) -> tuple[list[KnownRecord], list[KnownRecord], list[KnownRecord]]:
        """The records to mark: those that are missing, those that are back as they were, those seen again (of a part)."""
        lost = [known for record_id in dict.fromkeys(self._changes.missing) if (known := self._living(record_id))]
        again = [known for record_id in self._changes.unchanged if (known := self._meet(record_id))]
        back = [known for known in again if known.missing_since is not None]
        same = self._same + [known for known in again if known.missing_since is None]
        self.staged.removed = len(lost)
        self.staged.changed += len(back)
        self.staged.unchanged = len(same)
        gone = set(self._changes.missing)
        self.staged.partial = any(
            known.missing_since is None and record_id not in self._met and record_id not in gone
            for record_id, known in self._known.items()
        )
        return lost, back, same if self.staged.partial else []

    def _living(self, record_id: str) -> KnownRecord | None:
        known = self._known.get(record_id)
        return known if known and known.missing_since is None and record_id not in self._met else None

    def _meet(self, record_id: str) -> KnownRecord | None:
        if record_id in self._met:
            return None
        self._met.add(record_id)
        return self._known.get(record_id)


def _marked_nodes(connection: Connection, pks: Iterable[int], *, live: bool) -> dict[int, Node]:
    found: dict[int, Node] = {}
    for node in list_nodes(connection, pks):
        node.live = live
        found[node.pk] = node
    return found


def _read_nodes(connection: Connection, condition: ColumnElement[bool]) -> list[Node]:
    c = _record.c
    question = select(c.pk, c.source, c.record_id, c.kind, c.listing_pk, c.identities, c.missing_since).where(condition)
    return [
        Node(pk, source, record_id, kind, listing_pk, identities, missing_since is None)
        for pk, source, record_id, kind, listing_pk, identities, missing_since in connection.execute(question)
    ]


def list_nodes(connection: Connection, pks: Iterable[int]) -> Iterator[Node]:
    """The nodes of these records, as they are kept."""
    for chunk in chunks(pks):
        yield from _read_nodes(connection, _record.c.pk.in_(chunk))


def expand(engine: Engine, nodes: Mapping[int, Node], compared: Set[int] = frozenset()) -> dict[int, Node]:
    """The nodes with every other record that shares their listing or an identity, or is bound to them, and so on.

    Args:
        engine: The database.
        nodes: Those that the import touches.
        compared: Records whose comparisons are the staged ones alone.
    """
    every = dict(nodes)
    frontier, listings, identities = list(every.values()), set[int](), set[str]()
    with reading(engine) as connection:
        while frontier:
            new_listings = {node.listing_pk for node in frontier if node.listing_pk is not None} - listings
            new_identities = {identity for node in frontier for identity in node.identities} - identities
            tied = tied_to(connection, [node.pk for node in frontier], compared) - every.keys()
            listings |= new_listings
            identities |= new_identities
            found = chain(
                _of_listings(connection, new_listings), _of_identities(connection, new_identities), list_nodes(connection, tied)
            )
            frontier = [every.setdefault(node.pk, node) for node in found if node.pk not in every]
    return every


def _of_listings(connection: Connection, pks: Iterable[int]) -> Iterable[Node]:
    for chunk in chunks(pks):
        yield from _read_nodes(connection, _record.c.listing_pk.in_(chunk))


def _of_identities(connection: Connection, identities: Iterable[str]) -> Iterable[Node]:
    holders = tables.record_identity
    for chunk in chunks(identities):
        sharing = select(holders.c.source_record_pk).where(holders.c.identity.in_(chunk))
        yield from _read_nodes(connection, _record.c.pk.in_(sharing))
