"""IndexKeeper: the database is the truth, and indexes catch up with it, from whatever process."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from directory.errors import DirectoryError, SearchError
from directory.geocoding.gazetteer import Gazetteer
from directory.repository import Repository
from directory.search.apart import produce_apart
from directory.search.documents import build_documents
from directory.search.types import SearchDocument, SearchIndex, SearchQuery

_MOST_CHANGES = 5000
"""More changed listings than that are indexed faster by a whole rebuild, which the readers do not wait for either."""
_WORTH_A_PROCESS = 20_000
"""From so many listings on, another process makes the documents of a whole rebuild: it takes a second to start."""
_EVERY_S = 0.5

_log = logging.getLogger(__name__)


class IndexKeeper:
    """Keeps indexes in step with the directory.

    The watermark is the revision that each index holds. Whoever commits a change calls ``catch_up``; a process that serves also
    looks every half second, for what others committed and died, and for a server that comes back.

    Args:
        repository: The truth.
        gazetteer: Names the territories of what is indexed.
        engines: Each is brought up to date by itself: one that is down does not hold the others back.
        lock: A file; of the processes of this host, one at a time works.
        produce: Makes every document anew when another process calls it (see ``produce_apart``); None to make them all here.
    """

    def __init__(
        self,
        repository: Repository,
        gazetteer: Gazetteer,
        engines: Sequence[SearchIndex],
        lock: Path,
        *,
        produce: Callable[[], Iterable[SearchDocument]] | None = None,
    ) -> None:
        self._repository, self._gazetteer, self._engines, self._lock = repository, gazetteer, engines, lock
        self._produce = produce
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def is_behind(self) -> bool:
        """Whether an index does not hold the directory's revision."""
        revision = self._repository.revision()
        return any(engine.revision() != revision for engine in self._engines)

    def failures(self) -> list[SearchError | None]:
        """What keeps each engine from answering; None where it answers."""
        found: list[SearchError | None] = []
        for engine in self._engines:
            try:
                engine.search(SearchQuery(limit=1, with_facets=False))
                found.append(None)
            except SearchError as error:
                found.append(error)
        return found

    def catch_up(self) -> None:
        """Bring every index to the directory's revision; what changed in the meantime too.

        Raises:
            SearchError: An index could not be written; the others are up to date.
            OSError: The lock's file cannot be opened.
            DatabaseError: The directory cannot be read.
        """
        failures: list[SearchError] = []
        with self._alone():
            for engine in self._engines:
                try:
                    self._bring(engine)
                except SearchError as error:
                    failures.append(error)
        if failures:
            raise failures[0]

    def rebuild(self) -> int:
        """Build every index again, beside what serves. Returns how many listings they hold.

        Raises:
            SearchError: An index cannot be written.
        """
        with self._alone():
            return max(self._rebuild(engine) for engine in self._engines)

    def start(self) -> None:
        """Look every half second, in a thread of this process, until ``stop``."""
        self._thread = threading.Thread(target=self._look, name="index-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        told = ""
        while not self._stopped.wait(_EVERY_S):
            try:
                if self.is_behind():
                    self.catch_up()
                told = ""
            except (DirectoryError, OSError) as error:
                # a server that is down is said once, not twice a second
                if str(error) != told:
                    told = str(error)
                    _log.warning("an index is not up to date: %s", error)

    def _bring(self, engine: SearchIndex) -> None:
        held, revision = engine.revision(), self._repository.revision()
        if held == revision:
            return
        changes = self._repository.list_changes(held, _MOST_CHANGES) if held is not None and held < revision else None
        if changes is None:
            self._rebuild(engine)
            return
        closed = [listing.pk for listing in changes.listings if listing.closed_at is not None]
        documents = build_documents(changes.listings, self._gazetteer)
        engine.update(documents, [*changes.gone, *closed], changes.revision)

    def _rebuild(self, engine: SearchIndex) -> int:
        # read before the listings: what changes meanwhile is then brought in again, never missed
        revision = self._repository.revision()
        return engine.rebuild(self._every_document(), revision)

    def _every_document(self) -> Iterable[SearchDocument]:
        if (
            self._produce is None
            or (os.cpu_count() or 1) < 2
            or sum(self._repository.count_listings().values()) < _WORTH_A_PROCESS
        ):
            return build_documents(self._repository.iterate_listings(), self._gazetteer)
        return produce_apart(self._produce)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
