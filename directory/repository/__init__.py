"""Repository: reading and writing the directory; the only room where SQL is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from directory.database import reading, writing
from directory.errors import DatabaseBusy, ListingNotFound
from directory.geocoding.types import LyceeEntry
from directory.models.changes import AppliedCounts, ChangeSet, Foreseen, KeptRecord, KnownRecord, RunDetails, RunSummary
from directory.models.doubt import Doubt, DoubtFilter, KeptDoubt, Resolution
from directory.models.duplicates import Comparer, Decision, DuplicatePair, PairState
from directory.models.published import Changes, FactOrigin, ListingLink, PublishedListing, ReferentialEntry, SourcedListing
from directory.repository import applying, judgements, listings, publishing, records, referentials, runs, sourced, staging, tables
from directory.repository import bassins as bassin_rows
from directory.repository import doubts as doubt_rows
from directory.repository.accounts import Accounts
from directory.repository.asides import Asides
from directory.repository.companies import Companies
from directory.repository.curation import CurationDesk
from directory.repository.desk import Desk
from directory.repository.dossiers import Dossiers
from directory.repository.lock import ImportLock
from directory.repository.uploads import Uploads
from directory.territory import Bassins
from directory.vocabulary import Kind, Visibility

_PATIENCE_S = 5.0
"""How long who judges a pair waits for another who does."""


class Repository(Asides):
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
        self._bassins = bassin_rows.Held(engine)
        self.accounts = Accounts(engine)
        self.curation = CurationDesk(engine, self._lock)
        self.desk = Desk(engine)
        self.dossiers = Dossiers(engine)
        self.companies = Companies(engine)
        self.uploads = Uploads(engine)

    # ------------------------------------------------------------ reading

    def revision(self) -> int:
        """The number of the last committed change; 0 for an empty directory."""
        with reading(self._engine) as connection:
            return connection.scalar(select(tables.directory_state.c.revision)) or 0

    def mark_of(self, revision: int) -> str:
        """The random mark of a revision: of a backup restored and changed since it is another. Empty for one that has none."""
        marks = tables.revision_mark
        with reading(self._engine) as connection:
            return connection.scalar(select(marks.c.mark).where(marks.c.revision == revision)) or ""

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

    def list_sourced(self, source: str, listings: Sequence[PublishedListing]) -> list[SourcedListing]:
        """These listings, in their order, with the records of one source that make them."""
        with reading(self._engine) as connection:
            return sourced.list_sourced(connection, source, listings)

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
        """Every bassin, ready to be asked; what another process changed is seen within a second."""
        return self._bassins.current()

    def referential_versions(self) -> dict[str, int]:
        """Referential → version, of those that were imported; a version rises when anything of it changes."""
        with reading(self._engine) as connection:
            return referentials.versions(connection)

    def load_referential(self, name: str) -> dict[str, dict[str, Any]]:
        """Every entry of a referential, by code; empty when it was not imported."""
        with reading(self._engine) as connection:
            return referentials.load(connection, name)

    def compare_referentials(self, entries: Sequence[ReferentialEntry]) -> AppliedCounts:
        """What publishing these entries would do, without doing it."""
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

    def list_records(self, listing_id: str) -> list[KeptRecord]:
        """The records of each source that make a listing, closed ones too, as they came and as they are kept.

        Raises:
            ListingNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return records.list_records(connection, listing_id)

    # ------------------------------------------------------------ runs

    def start_run(self, source: str, inputs: Sequence[Mapping[str, Any]], now: datetime, wait_seconds: float = 0) -> int:
        """Open a run and take the import lock, which ``finish_run`` (or the death of the process) gives back.

        Args:
            source: The source's name.
            inputs: What it reads.
            now: The run's clock.
            wait_seconds: How long to wait for another run to end.

        Returns:
            The run's primary key.

        Raises:
            DatabaseBusy: Another run is under way; nothing was changed.
        """
        self._lock.acquire(wait_seconds)
        try:
            # a run that lost the lock is closed before what it staged is cleared
            with writing(self._engine) as connection:
                self._running = runs.start(connection, source, inputs, now)
            staging.clear(self._engine)
        except BaseException:
            self._lock.release()
            raise
        return self._running

    def finish_run(
        self,
        run_pk: int,
        status: str,
        counts: Mapping[str, int],
        doubts: Sequence[Doubt],
        message: str,
        now: datetime,
        details: RunDetails | None = None,
    ) -> None:
        """Close a run, keep its doubts (those that ``apply`` has not kept), and give the import lock back."""
        outcome = {"status": status, "counts": dict(counts), "message": message, "finished_at": now}
        try:
            with writing(self._engine) as connection:
                source = runs.finish(connection, run_pk, outcome, details or RunDetails())
                if details is not None and details.repeats is not None:
                    publishing.see_all(connection, source, now)
            doubt_rows.keep(self._engine, run_pk, source, doubts)
        finally:
            if self._running == run_pk:
                self._running = None
                self._lock.release()

    def close_dead_runs(self, now: datetime) -> None:
        """Mark as interrupted the runs whose process is gone; nothing where an import is under way."""
        with reading(self._engine) as connection:
            if not runs.any_open(connection):
                return
        with suppress(DatabaseBusy), self._lock.held(), writing(self._engine) as connection:
            runs.close_dead(connection, now)

    def list_runs(self, source: str | None = None, limit: int = 20) -> list[RunSummary]:
        """The last runs (of a source, or of all), the latest first."""
        with reading(self._engine) as connection:
            return runs.summaries(connection, source, limit)

    def get_run(self, run_pk: int) -> RunSummary:
        """The run of this number.

        Raises:
            RunNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return runs.get(connection, run_pk)

    def list_doubts(self, run_pk: int) -> list[Doubt]:
        """The doubts of a run, in the order met; of one that found its files unchanged, those of the run that read them."""
        with reading(self._engine) as connection:
            return doubt_rows.said_by(connection, run_pk)

    # ------------------------------------------------------------ doubts

    def find_doubts(self, wanted: DoubtFilter, *, limit: int = 100, after: int = 0) -> list[KeptDoubt]:
        """Doubts of which the row still stands behind what is published (or all those of a run), by number.

        Args:
            wanted: Which ones.
            limit: At most so many.
            after: Only those of a higher number: the last of the page before.
        """
        with reading(self._engine) as connection:
            return doubt_rows.find(connection, wanted, limit, after)

    def count_doubts(self, wanted: DoubtFilter) -> int:
        """How many doubts ``find_doubts`` would give without a limit."""
        with reading(self._engine) as connection:
            return doubt_rows.count_all(connection, wanted)

    def decide_doubt(self, pk: int, decision: Resolution, now: datetime, *, note: str = "", author: str = "") -> KeptDoubt:
        """Say of a doubt that it is accepted as it is, or ignored; or take that back (``REOPENED``). Each is kept in a journal.

        It stays so at the next imports for as long as the row says the same.

        Raises:
            DoubtNotFound: There is none of this number.
        """
        with writing(self._engine) as connection:
            doubt_rows.get(connection, pk)
            doubt_rows.decide(connection, pk, decision, now, note=note, author=author)
            return doubt_rows.get(connection, pk)

    # ------------------------------------------------------------ writing

    def known_records(self, source: str) -> dict[str, KnownRecord]:
        """What is kept of each record of a source, by ``record_id``."""
        with reading(self._engine) as connection:
            return staging.known_records(connection, source)

    def read_records(self, pks: Sequence[int]) -> Iterator[tuple[int, dict[str, Any], dict[str, str]]]:
        """Key, record (without the fields that hold their default) and raw row of source records, in the order of their keys."""
        return records.read_records(self._engine, pks)

    def foresee(self, changes: ChangeSet) -> Foreseen:
        """What ``apply`` would do. Nothing is written.

        Raises:
            ValueError: A record is given twice, or is of another source.
        """
        return applying.foresee(self._engine, changes, self._comparer)

    def apply(self, changes: ChangeSet, now: datetime) -> Foreseen:
        """Publish what a run found, all of it or nothing, and tell what was done.

        New listings are written hidden, changed ones staged, in small transactions; the last, short one publishes them. Records
        that share an identity become one listing. A listing whose every record is missing is closed; one that comes back is
        reopened.

        Args:
            changes: Read once. ``run_pk`` must be the run that this repository has open.
            now: The run's clock.

        Raises:
            DatabaseBusy: The run is not the one that holds the directory.
            ValueError: A record is given twice, or is of another source.
        """
        if self._running != changes.run_pk:
            raise self._lock.busy()
        done = applying.apply(self._engine, changes, self._comparer, now)
        self._bassins.forget()
        return done

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
        with self._lock.held(_PATIENCE_S):
            number = applying.judge(self._engine, asked, decision, self._comparer)
        return self.get_pair(number)

    def compare_all(self, trust: Mapping[str, int], now: datetime) -> AppliedCounts:
        """Compare every record anew, as if all were imported at once: after the rule changed, or for records older than it.

        Raises:
            DatabaseBusy: An import is under way.
        """
        if self._comparer is None:
            return AppliedCounts()
        with self._lock.held():
            return applying.compare_all(self._engine, self._comparer, trust, now)
