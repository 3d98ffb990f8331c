"""Repository: reading and writing the directory; the only room where SQL is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from directory.database import reading, writing
from directory.errors import ListingNotFound
from directory.geocoding.types import LyceeEntry
from directory.models.changes import AppliedCounts, ChangeSet, KnownRecord, RunSummary
from directory.models.doubt import Doubt
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
from directory.repository import admissions, kept, listings, merged, publishing, referentials, runs, sourced, staging, tables
from directory.repository import bassins as bassin_rows
from directory.repository.admissions import KeptOut
from directory.repository.linking import assign, link
from directory.repository.lock import ImportLock
from directory.territory import Bassins
from directory.vocabulary import Kind, Visibility


class Repository:
    """The directory, kept in a database (``directory.database`` opens it and brings it to the current schema).

    Threads and processes may share it for reading, also while an import publishes; one import runs at a time. Any method may
    raise ``DatabaseError`` (the database cannot be read or written) and ``DatabaseBusy`` (another writer keeps it for too long).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
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
        staged = staging.stage(self._engine, changes, now)
        groups = assign(link(staging.expand(self._engine, staged.nodes).values()))
        computed = merged.stage_listings(self._engine, groups, changes.trust, now)
        with writing(self._engine) as connection:
            if staged.nodes:
                publishing.publish(connection, computed.last_listing_pk, now)
            if staged.partial:
                publishing.see_some(connection, now)
            else:
                publishing.see_all(connection, changes.source, now)
            counts = staged.counts(computed.joined)
            runs.publish(connection, changes.run_pk, counts.to_json())
        staging.clear(self._engine)
        return counts

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
