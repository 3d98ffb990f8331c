"""IndexKeeper: the database is the truth, and indexes catch up with it, from whatever process."""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from directory.errors import DirectoryError, IndexUnavailable, SearchError
from directory.geocoding.gazetteer import Gazetteer
from directory.repository import Repository
from directory.search.apart import produce_apart
from directory.search.documents import build_documents
from directory.search.types import SearchDocument, SearchIndex, SearchQuery

_MOST_CHANGES = 5000
"""More changed listings than that are indexed faster by a whole rebuild, which the readers do not wait for either."""
_WORTH_A_PROCESS = 20_000
"""From so many listings on, another process makes the documents of a whole rebuild: it takes a second to start."""
_FEW_CHANGES = 200
"""So many a process that serves indexes by itself, in some hundredths of a second; more would hold back the pages it answers."""
_EVERY_S = 0.5
_PATIENCE_S, _LOOK_S = 2.0, 0.02
"""How long a page waits for its change to be found; the half-second look brings it in when another works for longer."""

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
        bring_apart: Has another process call ``bring``; None to do here whatever is to be done, even in a process that serves.
    """

    def __init__(
        self,
        repository: Repository,
        gazetteer: Gazetteer,
        engines: Sequence[SearchIndex],
        lock: Path,
        *,
        produce: Callable[[], Iterable[SearchDocument]] | None = None,
        bring_apart: Callable[[], None] | None = None,
    ) -> None:
        self._repository, self._gazetteer, self._engines, self._lock = repository, gazetteer, engines, lock
        self._produce, self._bring_apart = produce, bring_apart
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

        In a process that serves (``start``), what takes long is left to its thread, and to another process: no page waits for it.

        Raises:
            SearchError: An index could not be written; the others are up to date.
            OSError: The lock's file cannot be opened.
            DatabaseError: The directory cannot be read.
        """
        with self._alone(_PATIENCE_S if self._serves() else None) as held:
            if held and not (self._serves() and any(map(self._has_many_to_bring, self._engines))):
                self.bring()

    def bring(self) -> None:
        """Bring every index up to date, for who holds the lock: see ``catch_up``."""
        failures: list[SearchError] = []
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
                    self._bring_from_server()
                told = ""
            except (DirectoryError, OSError) as error:
                # a server that is down is said once, not twice a second
                if str(error) != told:
                    told = str(error)
                    _log.warning("an index is not up to date: %s", error)

    def _bring_from_server(self) -> None:
        with self._alone():
            many = [engine for engine in self._engines if self._has_many_to_bring(engine)]
            if self._bring_apart is None or not many:
                self.bring()
                return
            held = [engine.revision() for engine in many]
            self._bring_apart()
            if any(engine.revision() == before for engine, before in zip(many, held, strict=True)):
                raise IndexUnavailable(
                    "the process that brings indexes up to date did not end its work",
                    public="L’index de recherche n’a pas pu être mis à jour (le journal dit pourquoi).",
                )

    def _serves(self) -> bool:
        return self._thread is not None and self._bring_apart is not None

    def _has_many_to_bring(self, engine: SearchIndex) -> bool:
        """Whether an index must be built anew, or told of many changes, of a directory that is worth another process."""
        held, revision = engine.revision(), self._repository.revision()
        if held == revision:
            return False
        few = held is not None and held < revision and self._repository.list_changes(held, _FEW_CHANGES) is not None
        return not few and self._are_many()

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
            or multiprocessing.current_process().daemon  # which may start none
            or not self._are_many()
        ):
            return build_documents(self._repository.iterate_listings(), self._gazetteer)
        return produce_apart(self._produce)

    def _are_many(self) -> bool:
        return sum(self._repository.count_listings().values()) >= _WORTH_A_PROCESS

    @contextmanager
    def _alone(self, patience_s: float | None = None) -> Iterator[bool]:
        """The lock, waited for as long as it takes; or for so long, and whether it was had."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as file:
            if patience_s is None:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield patience_s is None or _locked_within(file, patience_s)


def _locked_within(file: IO[str], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_S)
        else:
            return True
