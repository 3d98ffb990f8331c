"""The first half of an import: what its records touch, worked out from the directory without writing; and its staging tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from directory.database import reading, writing
from directory.models.changes import CURATION, AppliedCounts, ChangeSet, KnownRecord, Merge
from directory.models.duplicates import Comparer
from directory.models.prepared import PreparedRecord
from directory.models.record import SourcedRecord
from directory.models.staging import STAGING, staged_keys, staged_mark, staged_pair
from directory.repository import tables
from directory.repository.linking import Group, Node, assign, link
from directory.repository.pairs import Fresh, bonds_among, find, pack_keys, read_records, tied_to, to_row
from directory.repository.rows import chunks
from directory.repository.siblings import carriers_of, services_of
from directory.spool import Spool
from directory.vocabulary import Visibility

ABSENT = "Sa source ne la publie plus (absente de deux imports de suite)."
_CLEARED = 5000
_record = tables.source_record


@dataclass(slots=True)
class Gathered:
    """What an import will do, worked out.

    Attributes:
        groups: Every group of records that the import touches, with the listing that it has or will open.
        places: ``pk`` of each record that is to be written → where it is: its spool and its place there.
        first_new: The lowest ``pk`` of a new record: those of before are lower.
        fresh: What comparing says of the records that are written.
        marks: Known records that were not written: ``pk``, mark, reason (``staged_mark``).
        partial: Whether the source holds records that this run did not meet, so that its last sight of each is written.
    """

    first_new: int
    fresh: Fresh = field(default_factory=Fresh)
    groups: list[Group] = field(default_factory=list)
    places: dict[int, tuple[Spool, int]] = field(default_factory=dict)
    marks: list[tuple[int, str, str]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    counts: AppliedCounts = field(default_factory=AppliedCounts)
    partial: bool = False

    def read_record(self, pk: int) -> dict[str, Any] | None:
        """The record of this key without the fields that hold their default; None when it stays as it is kept."""
        prepared = self.read(pk)
        return None if prepared is None else prepared.read_record()

    def read(self, pk: int) -> PreparedRecord | None:
        """The record of this key that is to be written; None when it stays as it is kept."""
        place = self.places.get(pk)
        return None if place is None else place[0].read(place[1])


def clear(engine: Engine) -> None:
    """Empty the staging tables, and take away the hidden listings: what a run that died left there is nobody's."""
    with writing(engine) as connection:
        for table in STAGING:
            connection.execute(delete(table))
        batch = connection.scalar(select(tables.directory_state.c.hidden_batch))
    if batch is None or batch < 0:
        return
    for table, condition in ((_record, _record.c.run_pk == batch), (tables.listing, tables.listing.c.batch == batch)):
        some = select(table.c.pk).where(condition).limit(_CLEARED)
        left = True
        while left:
            with writing(engine) as connection:
                left = connection.execute(delete(table).where(table.c.pk.in_(some))).rowcount > 0
    with writing(engine) as connection:
        connection.execute(update(tables.directory_state).values(hidden_batch=-1))


def known_records(connection: Connection, source: str) -> dict[str, KnownRecord]:
    """What is kept of each record of a source, by ``record_id``."""
    c = _record.c
    question = select(c.record_id, c.pk, c.listing_pk, c.digest, c.missed_at, c.missing_since)
    rows = connection.execute(question.where(c.source == source, tables.shown_record()))
    return {
        record_id: KnownRecord(pk=pk, listing_pk=listing_pk, digest=digest, missed_at=missed_at, missing_since=missing_since)
        for record_id, pk, listing_pk, digest, missed_at, missing_since in rows
    }


@contextmanager
def gathering(engine: Engine, changes: ChangeSet, comparer: Comparer | None, *, reserve: bool) -> Iterator[Gathered]:
    """Work out what a run's records touch. Nothing is written but, on request, the keys that new records will have.

    Raises:
        ValueError: The run gives one record twice, or a record of another source.
    """
    with ExitStack() as stack:
        spools = [_spool(given, stack) for given in (changes.added, changes.changed)]
        # what a person decides of a listing is not another record of it
        yield _gather(engine, changes, spools, None if changes.source == CURATION else comparer, reserve=reserve)


def _spool(given: Iterable[SourcedRecord | PreparedRecord], stack: ExitStack) -> Spool:
    """Records that can be read again; those that were not so already are given back with the stack."""
    if isinstance(given, Spool):
        return given
    spool = stack.enter_context(closing(Spool()))
    for record in given:
        spool.append(record)
    return spool


def _gather(engine: Engine, changes: ChangeSet, spools: Sequence[Spool], comparer: Comparer | None, *, reserve: bool) -> Gathered:
    with reading(engine) as connection:
        known = known_records(connection, changes.source)
    given = sum(map(len, spools))
    gathered = Gathered(first_new=_first_free(engine, given if reserve else 0))
    gathered.fresh = Fresh(first_new=gathered.first_new, read=gathered.read_record)
    gatherer = _Gatherer(changes, known, gathered, comparer)
    for spool in spools:
        gatherer.meet(spool)
    lost, back = gatherer.mark()
    nodes = gatherer.nodes
    with reading(engine) as connection:
        for live, touched in ((False, lost), (True, back)):
            nodes |= _marked_nodes(connection, touched, live=live)
    proposed = find(engine, comparer, nodes, gathered.fresh) if comparer else set()
    gathered.groups = group_nodes(engine, nodes, gathered.fresh)
    if comparer is not None:
        more = compare_services(engine, comparer, gathered.groups, gathered.fresh, nodes, gatherer.services)
        if more is not None:
            proposed |= more
            gathered.groups = group_nodes(engine, nodes, gathered.fresh)
    gathered.merges = [merge for group in gathered.groups for merge in list_merges(group)]
    gathered.counts = gatherer.counts(len(gathered.merges), count_proposed(proposed, gathered.groups))
    return gathered


def group_nodes(engine: Engine, nodes: Mapping[int, Node], fresh: Fresh) -> list[Group]:
    """The records that these touch, put together, with their listings."""
    every = expand(engine, nodes, fresh)
    with reading(engine) as connection:
        bonds = bonds_among(connection, every, fresh)
    return list(assign(link(every.values(), bonds)))


def count_proposed(pairs: Iterable[frozenset[int]], groups: Iterable[Group]) -> int:
    """How many questions these pairs are to a curator: one for two listings, none where other bonds made them one."""
    of = {node.pk: rank for rank, group in enumerate(groups) for node in group.members}
    asked = {frozenset(of.get(pk, -pk) for pk in pair) for pair in pairs}
    return sum(1 for both in asked if len(both) > 1)


def compare_services(
    engine: Engine,
    comparer: Comparer,
    groups: Sequence[Group],
    fresh: Fresh,
    nodes: dict[int, Node],
    new: Mapping[str, Sequence[int]],
) -> set[frozenset[int]] | None:
    """Compare the services of structures that become one listing, or part, as that listing's; ``nodes`` then holds them.

    Returns:
        The pairs that may be one thing and were not known; None when there was no such service.
    """
    fresh.carriers = carriers_of(groups)
    services = services_of(engine, fresh.carriers, new)
    if not services:
        return None
    with reading(engine) as connection:
        kept = {node.pk: node for node in list_nodes(connection, services - nodes.keys())}
        for pk, record in read_records(connection, sorted(kept)):
            fresh.keys[pk] = pack_keys(comparer.keys(comparer.read(record)))
    nodes |= kept
    fresh.unsay(services)
    return find(engine, comparer, {pk: nodes[pk] for pk in services if pk in nodes}, fresh)


def read_keys(engine: Engine, comparer: Comparer) -> tuple[dict[int, Node], Fresh]:
    """The records that their sources hold, by ``pk``, and the keys of every record anew."""
    nodes: dict[int, Node] = {}
    fresh = Fresh()
    with reading(engine) as connection:
        pks = list(connection.scalars(select(_record.c.pk).order_by(_record.c.pk)))
        for chunk in chunks(pks):
            found = {node.pk: node for node in list_nodes(connection, chunk)}
            for pk, record in read_records(connection, chunk):
                fresh.keys[pk] = b"" if found[pk].source == CURATION else pack_keys(comparer.keys(comparer.read(record)))
            nodes |= {pk: node for pk, node in found.items() if node.live}
    return nodes, fresh


def _first_free(engine: Engine, reserved: int) -> int:
    state = tables.directory_state
    if not reserved:
        with reading(engine) as connection:
            return (connection.scalar(select(state.c.last_record_pk)) or 0) + 1
    with writing(engine) as connection:
        taken = update(state).values(last_record_pk=state.c.last_record_pk + reserved).returning(state.c.last_record_pk)
        return int(connection.execute(taken).scalar_one()) - reserved + 1


class _Gatherer:
    def __init__(
        self, changes: ChangeSet, known: Mapping[str, KnownRecord], gathered: Gathered, comparer: Comparer | None
    ) -> None:
        self._comparer = comparer
        self.nodes: dict[int, Node] = {}
        self._gathered = gathered
        self._changes = changes
        self._known = known
        self._next_pk = gathered.first_new
        self._met: set[str] = set()
        self.services: dict[str, list[int]] = {}
        self._same: list[KnownRecord] = []
        self._added = self._changed = self._missed = self._lost = self._unchanged = 0

    def meet(self, spool: Spool) -> None:
        for place, prepared in spool.places():
            record_id = prepared.record_id
            if prepared.source != self._changes.source or record_id in self._met:
                raise ValueError(f"record {record_id!r} of {prepared.source!r} is of another source, or given twice")
            self._met.add(record_id)
            known = self._known.get(record_id)
            if known is not None and known.digest == prepared.digest and known.missing_since is None:
                self._same.append(known)
                continue
            if known is None:
                self._added += 1
                pk, listing_pk, self._next_pk = self._next_pk, None, self._next_pk + 1
            else:
                self._changed += 1
                pk, listing_pk = known.pk, known.listing_pk
            self._gathered.places[pk] = spool, place
            record = prepared.read_record()
            self._gathered.fresh.keys[pk] = self._compared(pk, record)
            if carrier := record.get("structure"):
                self.services.setdefault(carrier, []).append(pk)
            seen_by = visibility_of(prepared.source, record.get("visibility"))
            self.nodes[pk] = Node(
                pk, prepared.source, record_id, prepared.kind, listing_pk, prepared.identities, visibility=seen_by
            )

    def _compared(self, pk: int, record: Mapping[str, Any]) -> bytes:
        """The packed keys of a record, which is read for ``find`` at the same time."""
        if self._comparer is None:
            return b""
        entry = self._comparer.read(record)
        self._gathered.fresh.entries[pk] = entry
        return pack_keys(self._comparer.keys(entry))

    def mark(self) -> tuple[dict[int, str], dict[int, str]]:
        """Mark what is not written again. Returns those that are lost (``pk`` → reason), and those that are back as they were."""
        changes, marks = self._changes, self._gathered.marks
        lost = {
            known.pk: changes.reasons.get(one, ABSENT) for one in dict.fromkeys(changes.missing) if (known := self._living(one))
        }
        missed = [known.pk for one in dict.fromkeys(changes.missed) if (known := self._living(one)) and known.pk not in lost]
        again = [known for record_id in changes.unchanged if (known := self._meet(record_id))]
        back = {known.pk: "" for known in again if known.missing_since is not None}
        same = self._same + [known for known in again if known.missing_since is None]
        self._lost, self._missed = len(lost), len(missed)
        self._changed += len(back)
        self._unchanged = len(same)
        gone = {*changes.missing, *changes.missed}
        self._gathered.partial = any(
            known.missing_since is None and record_id not in self._met and record_id not in gone
            for record_id, known in self._known.items()
        )
        marks += [(pk, "missing", reason) for pk, reason in lost.items()]
        marks += [(pk, "missed", "") for pk in missed]
        marks += [(pk, "seen", "") for pk in back]
        marks += [(known.pk, "seen", "") for known in same if self._gathered.partial or known.missed_at is not None]
        return lost, back

    def counts(self, merged: int, proposed: int) -> AppliedCounts:
        return AppliedCounts(
            added=self._added, changed=self._changed, unchanged=self._unchanged, missed=self._missed, removed=self._lost,
            merged=merged, proposed=proposed,
        )  # fmt: skip

    def _living(self, record_id: str) -> KnownRecord | None:
        known = self._known.get(record_id)
        return known if known and known.missing_since is None and record_id not in self._met else None

    def _meet(self, record_id: str) -> KnownRecord | None:
        if record_id in self._met:
            return None
        self._met.add(record_id)
        return self._known.get(record_id)


def stage_compared(engine: Engine, gathered: Gathered) -> None:
    """Stage what comparing says, and the keys of the records that are not new."""
    keys = ({"source_record_pk": pk, "keys": packed} for pk, packed in gathered.fresh.keys.items() if pk < gathered.first_new)
    for table, rows in ((staged_keys, keys), (staged_pair, map(to_row, gathered.fresh.found))):
        for chunk in chunks(rows):
            with writing(engine) as connection:
                connection.execute(insert(table), chunk)


def stage_marks(engine: Engine, marks: Iterable[tuple[int, str, str]]) -> None:
    """Stage what becomes of records that are not written again."""
    for rows in chunks(marks):
        with writing(engine) as connection:
            named = [{"source_record_pk": pk, "mark": mark, "reason": reason} for pk, mark, reason in rows]
            connection.execute(insert(staged_mark), named)


def list_merges(group: Group) -> list[Merge]:
    """The records of a group that join a listing which another opens, and the founders of the listings that it takes over."""
    first = group.members[0]
    joining = [node for node in group.members if node.listing_pk is None]
    if group.listing_pk is None:
        joining = [node for node in joining if node is not first]
    else:
        first = next(node for node in group.members if node.listing_pk == group.listing_pk)
    for pk in group.taken_over:
        joining.append(next(node for node in group.members if node.listing_pk == pk))
    return [Merge(record=f"{node.source}:{node.record_id}", into=f"{first.source}:{first.record_id}") for node in joining]


def _marked_nodes(connection: Connection, touched: Mapping[int, str], *, live: bool) -> dict[int, Node]:
    found: dict[int, Node] = {}
    for node in list_nodes(connection, touched):
        node.live, node.reason = live, touched[node.pk]
        found[node.pk] = node
    return found


def list_nodes(connection: Connection, pks: Iterable[int]) -> Iterator[Node]:
    """The nodes of these records, as they are kept."""
    for chunk in chunks(pks):
        yield from _read_nodes(connection, _record.c.pk.in_(chunk))


def _read_nodes(connection: Connection, condition: ColumnElement[bool]) -> list[Node]:
    c = _record.c
    question = select(
        c.pk, c.source, c.record_id, c.kind, c.listing_pk, c.identities, c.record["visibility"].as_string(), c.missing_since,
        c.missing_reason,
    )  # fmt: skip
    rows = connection.execute(question.where(condition, tables.shown_record()))
    return [
        Node(pk, source, record_id, kind, listing_pk, identities, missing_since is None, reason, visibility_of(source, seen_by))
        for pk, source, record_id, kind, listing_pk, identities, seen_by, missing_since, reason in rows
    ]


def visibility_of(source: str, stated: str | None) -> str:
    """A node's visibility, from what its record states (nothing, where that is the default)."""
    return "" if source == CURATION else stated or Visibility.PUBLIC


def expand(engine: Engine, nodes: Mapping[int, Node], fresh: Fresh) -> dict[int, Node]:
    """The nodes with every other record that shares their listing or an identity, or is bound to them, and so on."""
    every = dict(nodes)
    frontier, listings, identities = list(every.values()), set[int](), set[str]()
    with reading(engine) as connection:
        while frontier:
            new_listings = {node.listing_pk for node in frontier if node.listing_pk is not None} - listings
            new_identities = {identity for node in frontier for identity in node.identities} - identities
            listings |= new_listings
            identities |= new_identities
            tied = tied_to(connection, [node.pk for node in frontier], fresh) - every.keys()
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
