"""Repository: reading and writing the directory; the only room where SQL is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from directory.database import reading, writing
from directory.errors import ListingNotFound
from directory.geocoding.types import LyceeEntry
from directory.models.changes import AppliedCounts, ChangeSet, KnownRecord, RunSummary
from directory.models.doubt import Doubt
from directory.models.duplicates import Comparer, Decision, DuplicatePair, PairState
from directory.models.published import (
    BassinRecord,
    Changes,
    FactOrigin,
    ListingLink,
    PublishedListing,
    ReferentialEntry,
    SourcedListing,
)
from directory.models.record import SourcedRecord
from directory.repository import (
    admissions,
    judgements,
    kept,
    listings,
    merged,
    pairs,
    publishing,
    referentials,
    runs,
    sourced,
    staging,
    tables,
)  # fmt: skip
from directory.repository import bassins as bassin_rows
from directory.repository.admissions import KeptOut
from directory.repository.linking import Bond, Group, Node, assign, link
from directory.repository.lock import ImportLock
from directory.territory import Bassins
from directory.vocabulary import Kind, Visibility


class Repository:
    """The directory, kept in a database (``directory.database`` opens it and brings it to the current schema).

    Threads and processes may share it for reading, also while an import publishes; one import runs at a time. Any method may
    raise ``DatabaseError`` (the database cannot be read or written) and ``DatabaseBusy`` (another writer keeps it for too long).

    Args:
        engine: The database.
        comparer: Finds the records that are one thing without sharing an identity; None to do without.
    """

    def __init__(self, engine: Engine, comparer: Comparer | None = None) -> None:
        self._engine = engine
        self._comparer = comparer
        self._lock = ImportLock(engine)
        self._running: int | None = None

    # ------------------------------------------------------------ reading

    def revision(self) -> int:
        """The number of the last committed change; 0 for an empty directory."""
        with reading(self._engine) as connection:
            return connection.scalar(select(tables.directory_state.c.revision)) or 0

    def get_listing(self, listing_id: str, viewer: Visibility = Visibility.PUBLIC) -> PublishedListing:
        """The listing of this id, or the one that took it over; a closed one too (``closed_at``).

        Args:
            listing_id: Its id.
            viewer: What the asker may see: contacts that are for fewer people are left out.

        Raises:
            ListingNotFound: There is none, or the viewer may not see it.
        """
        found = self.list_listings([listing_id], viewer)
        if not found:
            raise ListingNotFound(listing_id)
        return found[0]

    def list_listings(self, ids: Sequence[str], viewer: Visibility = Visibility.PUBLIC) -> list[PublishedListing]:
        """The listings of these ids, in their order, once each; those that are absent or hidden from the viewer are left out."""
        with reading(self._engine) as connection:
            return listings.list_listings(connection, ids, viewer)

    def list_services(self, listing_id: str, viewer: Visibility = Visibility.PUBLIC) -> list[ListingLink]:
        """The open listings of the services that a structure carries, by name; none for an unknown one."""
        with reading(self._engine) as connection:
            return listings.list_services(connection, listing_id, viewer)

    def find_name(self, identity: str) -> str | None:
        """The name of the open listing that a record with this identity makes, for lists that hold numbers only."""
        with reading(self._engine) as connection:
            return listings.find_name(connection, identity)

    def find_lycee(self, uai: str) -> LyceeEntry | None:
        """The lycée of a UAI where the education directory was imported; None otherwise."""
        with reading(self._engine) as connection:
            found = listings.find_lycee(connection, uai)
        return LyceeEntry(uai, *found) if found else None

    def iterate_listings(self) -> Iterator[PublishedListing]:
        """Every open listing, by primary key, whatever its visibility, with all its contacts. One state, memory bounded."""
        return listings.iterate_listings(self._engine)

    def list_changes(self, since: int, most: int) -> Changes | None:
        """What changed after a revision, in one state of the directory; None when more than ``most`` listings did."""
        with reading(self._engine) as connection:
            return listings.list_changes(connection, since, most)

    def iterate_sourced(self, source: str) -> Iterator[SourcedListing]:
        """Every open listing, by primary key, with the records of one source that make it: what an export to it starts from."""
        return sourced.iterate_sourced(self._engine, source)

    def list_joined(self, source: str) -> list[list[str]]:
        """The ids of the records of one source that make one listing, the oldest first, wherever several do."""
        with reading(self._engine) as connection:
            return sourced.list_joined(connection, source)

    def iterate_columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The columns of every open listing, by primary key: JSON lists as lists, days as dates.

        Raises:
            KeyError: A listing has no such column.
        """
        return listings.iterate_columns(self._engine, names)

    def iterate_coverage(self) -> Iterator[tuple[int, str, str]]:
        """Listing's primary key, scope and code of every territory that an open listing serves, by primary key."""
        return listings.iterate_coverage(self._engine)

    def list_origins(self, listing_id: str, viewer: Visibility = Visibility.PUBLIC) -> list[FactOrigin]:
        """Where each published field comes from, in the fields' order; for a united list, each source that tells a part of it.

        The original texts of contacts that the viewer may not see are left out.

        Raises:
            ListingNotFound: There is none, or the viewer may not see it.
        """
        with reading(self._engine) as connection:
            return listings.list_origins(connection, listing_id, viewer)

    def count_listings(self) -> dict[Kind, int]:
        """How many listings of each kind are open."""
        with reading(self._engine) as connection:
            return listings.count_listings(connection)

    def load_bassins(self) -> Bassins:
        """Every bassin, ready to be asked."""
        with reading(self._engine) as connection:
            return Bassins(bassin_rows.load(connection))

    def referential_versions(self) -> dict[str, int]:
        """Referential → version, of those that were imported; a version rises when anything of it changes."""
        with reading(self._engine) as connection:
            return referentials.versions(connection)

    def load_referential(self, name: str) -> dict[str, dict[str, Any]]:
        """Every entry of a referential, by code; empty when it was not imported."""
        with reading(self._engine) as connection:
            return referentials.load(connection, name)

    def compare_referentials(self, entries: Sequence[ReferentialEntry]) -> AppliedCounts:
        """What ``replace_referentials`` would do, without doing it."""
        with reading(self._engine) as connection:
            return referentials.compare(connection, entries)

    def list_pairs(self, state: PairState, limit: int = 50) -> list[DuplicatePair]:
        """Pairs of records that are, or may be, one thing: the likeliest first (those judged, the last judged first)."""
        with reading(self._engine) as connection:
            return judgements.list_pairs(connection, state, limit)

    def get_pair(self, number: int) -> DuplicatePair:
        """The pair of this number.

        Raises:
            PairNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return judgements.get_pair(connection, number)

    def pairs_of(self, listing_id: str) -> list[DuplicatePair]:
        """Every pair that says something of a listing.

        Raises:
            ListingNotFound: There is no such listing.
        """
        with reading(self._engine) as connection:
            return judgements.pairs_of(connection, listing_id)

    # ------------------------------------------------------------ runs

    def start_run(self, source: str, inputs: Sequence[Mapping[str, Any]], now: datetime) -> int:
        """Open a run and take the import lock, which ``finish_run`` (or the death of the process) gives back.

        Returns:
            The run's primary key.

        Raises:
            DatabaseBusy: Another run is under way; nothing was changed.
        """
        self._lock.acquire()
        try:
            staging.clear(self._engine)
            with writing(self._engine) as connection:
                self._running = runs.start(connection, source, inputs, now)
        except BaseException:
            self._lock.release()
            raise
        return self._running

    def finish_run(
        self, run_pk: int, status: str, counts: Mapping[str, int], doubts: Sequence[Doubt], message: str, now: datetime
    ) -> None:
        """Close a run, keep its doubts, and give the import lock back."""
        outcome = {"status": status, "counts": dict(counts), "message": message, "finished_at": now}
        try:
            with writing(self._engine) as connection:
                runs.finish(connection, run_pk, doubts, outcome)
        finally:
            if self._running == run_pk:
                self._running = None
                self._lock.release()

    def list_runs(self, source: str | None = None, limit: int = 20) -> list[RunSummary]:
        """The last runs (of a source, or of all), the latest first."""
        with reading(self._engine) as connection:
            return runs.summaries(connection, source, limit)

    def list_doubts(self, run_pk: int) -> list[Doubt]:
        """The doubts of a run, in the order met."""
        with reading(self._engine) as connection:
            return runs.doubts_of(connection, run_pk)

    def list_kept_out(self, source: str, record_ids: Sequence[str] | None = None) -> list[KeptOut]:
        """The records (all, or these) of a source that its rule keeps out, each as it was last seen, the latest first."""
        with reading(self._engine) as connection:
            return admissions.kept_out(connection, source, record_ids)

    def list_admitted(self, source: str) -> frozenset[str]:
        """The records of a source that a person lets in although its rule keeps them out."""
        with reading(self._engine) as connection:
            return admissions.admitted(connection, source)

    # ------------------------------------------------------------ writing

    def admit(self, source: str, record_ids: Sequence[str], now: datetime) -> int:
        """Let records in from the next import on, whatever their source's rule says; returns how many were not yet."""
        with writing(self._engine) as connection:
            return admissions.admit(connection, source, record_ids, now)

    def withdraw_admission(self, source: str, record_ids: Sequence[str]) -> int:
        """Leave records to their source's rule again; returns how many had been let in."""
        with writing(self._engine) as connection:
            return admissions.withdraw(connection, source, record_ids)

    def known_records(self, source: str) -> dict[str, KnownRecord]:
        """What is kept of each record of a source, by ``record_id``."""
        with reading(self._engine) as connection:
            return staging.known_records(connection, source)

    def iterate_kept(self, source: str) -> Iterator[SourcedRecord]:
        """The records that a source still holds, as it stated them."""
        return kept.iterate(self._engine, source)

    def apply(self, changes: ChangeSet, now: datetime) -> AppliedCounts:
        """Publish what a run found: all of it, or nothing.

        Records and the listings they make are staged in small transactions; the last, short one publishes them. Records that
        share an identity become one listing. A listing whose every record is missing is closed; one that comes back is reopened.

        Args:
            changes: Read once. ``run_pk`` must be the run that this repository has open.
            now: The run's clock.

        Raises:
            DatabaseBusy: The run is not the one that holds the directory.
            ValueError: A record is given twice, or is of another source.
        """
        if self._running != changes.run_pk:
            raise self._lock.busy()
        staged = staging.stage(self._engine, changes, now, self._comparer)
        proposed = pairs.find(self._engine, self._comparer, staged.nodes) if self._comparer else 0
        groups = self._group(staged.nodes, staged.compared)
        computed = merged.stage_listings(self._engine, groups, changes.trust, now)
        with writing(self._engine) as connection:
            if staged.nodes:
                publishing.publish(connection, computed.last_listing_pk, now)
            if staged.partial:
                publishing.see_some(connection, now)
            else:
                publishing.see_all(connection, changes.source, now)
            counts = staged.counts(computed.joined, proposed)
            runs.publish(connection, changes.run_pk, counts.to_json())
        staging.clear(self._engine)
        return counts

    def judge(self, asked: int | tuple[str, str], decision: Decision) -> DuplicatePair:
        """Note what a person decides of two records, and merge or part their listings at once; old ids keep leading to them.

        It outlives every import, until it is taken back. Taking back (``decision.verdict`` None) what nobody decided holds apart
        what comparing had merged.

        Args:
            asked: The number of a pair, or two ids: of listings, or that listings had before others took them over.
            decision: What is decided.

        Raises:
            PairNotFound: There is no such number.
            ListingNotFound: There is no such listing.
            JudgementRefused: It contradicts another decision, cannot hold, or there is nothing to take back.
            DatabaseBusy: An import is under way.
        """
        self._lock.acquire()
        try:
            staging.clear(self._engine)
            with reading(self._engine) as connection:
                left, right = judgements.find_pair(connection, asked)
                verdict = judgements.meant(connection, left, right, decision.verdict)
                nodes = {node.pk: node for node in staging.list_nodes(connection, (left, right))}
            every = staging.expand(self._engine, nodes)
            with reading(self._engine) as connection:
                bonds = pairs.bonds_among(connection, every, undone={(left, right)})
            if verdict is not None:
                bonds = [bond for bond in bonds if (bond.left, bond.right) != (left, right)]
                bonds.append(Bond(left, right, verdict, decision.now.timestamp(), by_person=True))
            groups = list(assign(link(every.values(), bonds)))
            judgements.check(groups, bonds)
            computed = merged.stage_listings(self._engine, groups, decision.trust, decision.now)
            with writing(self._engine) as connection:
                number = judgements.note(connection, left, right, verdict, decision)
                publishing.publish(connection, computed.last_listing_pk, decision.now)
            staging.clear(self._engine)
        finally:
            self._lock.release()
        return self.get_pair(number)

    def compare_all(self, trust: Mapping[str, int], now: datetime) -> AppliedCounts:
        """Compare every record anew, as if all were imported at once: after the rule changed, or for records older than it.

        Raises:
            DatabaseBusy: An import is under way.
        """
        if self._comparer is None:
            return AppliedCounts()
        self._lock.acquire()
        try:
            staging.clear(self._engine)
            nodes = staging.stage_keys(self._engine, self._comparer)
            proposed = pairs.find(self._engine, self._comparer, nodes)
            computed = merged.stage_listings(self._engine, self._group(nodes, nodes.keys()), trust, now)
            with writing(self._engine) as connection:
                publishing.publish(connection, computed.last_listing_pk, now)
            staging.clear(self._engine)
        finally:
            self._lock.release()
        return AppliedCounts(unchanged=len(nodes), merged=computed.joined, proposed=proposed)

    def _group(self, nodes: Mapping[int, Node], compared: Set[int] = frozenset()) -> Iterator[Group]:
        """The records that these touch, put together, with their listings."""
        every = staging.expand(self._engine, nodes, compared)
        with reading(self._engine) as connection:
            bonds = pairs.bonds_among(connection, every, compared)
        return assign(link(every.values(), bonds))

    def replace_bassins(self, source: str, bassins: Sequence[BassinRecord]) -> AppliedCounts:
        """Replace what a source says of the académies of these bassins; another académie's map stays."""
        with writing(self._engine) as connection:
            counts = bassin_rows.replace(connection, source, bassins)
            if counts.added or counts.changed or counts.removed:
                publishing.bump(connection)
        return counts

    def replace_referentials(self, source: str, entries: Sequence[ReferentialEntry]) -> AppliedCounts:
        """Replace the referentials that the entries name, whole, or not at all; the others stay."""
        with writing(self._engine) as connection:
            return referentials.replace(connection, source, entries)
