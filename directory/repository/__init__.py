"""Repository: reading and writing the directory; the only room where SQL is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from directory.models.changes import AppliedCounts, ChangeSet, KnownRecord, RunSummary
from directory.models.doubt import Doubt
from directory.models.published import BassinRecord, FactOrigin, PublishedListing
from directory.territory import Bassins
from directory.vocabulary import Kind, Visibility


class Repository:
    """The directory, kept in a database (``directory.database`` opens it and brings it to the current schema)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def revision(self) -> int:
        """The number of the last committed change; 0 for an empty directory."""
        raise NotImplementedError

    def get_listing(self, listing_id: str, viewer: Visibility = Visibility.PUBLIC) -> PublishedListing:
        """The listing of this id, or the one that took it over.

        Raises:
            ListingNotFound: There is none, or the viewer may not see it.
        """
        raise NotImplementedError

    def list_listings(self, ids: Sequence[str], viewer: Visibility = Visibility.PUBLIC) -> list[PublishedListing]:
        """The listings of these ids, in their order; those that are absent or hidden are left out."""
        raise NotImplementedError

    def iterate_listings(self) -> Iterator[PublishedListing]:
        """Every open listing, by primary key, whatever its visibility, with all its contacts."""
        raise NotImplementedError

    def iterate_columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The columns of every open listing, by primary key."""
        raise NotImplementedError

    def iterate_coverage(self) -> Iterator[tuple[int, str, str]]:
        """Listing's primary key, scope and code of every territory that an open listing serves, by primary key."""
        raise NotImplementedError

    def list_origins(self, listing_id: str, viewer: Visibility = Visibility.PUBLIC) -> list[FactOrigin]:
        """Where each published field comes from."""
        raise NotImplementedError

    def count_listings(self) -> dict[Kind, int]:
        """How many listings of each kind are open."""
        raise NotImplementedError

    def known_records(self, source: str) -> dict[str, KnownRecord]:
        """What is kept of each record of a source, by ``record_id``."""
        raise NotImplementedError

    def start_run(self, source: str, inputs: Sequence[Mapping[str, Any]], now: datetime) -> int:
        """Open a run and take the import lock.

        Raises:
            DatabaseBusy: Another run is under way.
        """
        raise NotImplementedError

    def finish_run(
        self, run_pk: int, status: str, counts: Mapping[str, int], doubts: Sequence[Doubt], message: str, now: datetime
    ) -> None:
        """Close a run, keep its doubts, and release the import lock."""
        raise NotImplementedError

    def list_runs(self, source: str | None = None, limit: int = 20) -> list[RunSummary]:
        """The last runs, the latest first."""
        raise NotImplementedError

    def list_doubts(self, run_pk: int) -> list[Doubt]:
        """The doubts of a run, in the order met."""
        raise NotImplementedError

    def apply(self, changes: ChangeSet, now: datetime) -> AppliedCounts:
        """Publish what a run found, all or nothing."""
        raise NotImplementedError

    def replace_bassins(self, source: str, bassins: Sequence[BassinRecord]) -> AppliedCounts:
        """Replace the bassins of a source."""
        raise NotImplementedError

    def load_bassins(self) -> Bassins:
        """Every bassin, ready to be asked."""
        raise NotImplementedError
