"""CatalogueHolder: the catalogue of the directory's current revision, from a file, brought up to date by what changed."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from directory import catalogue as columns_module
from directory import catalogue_rows, columns, vocabulary
from directory.catalogue import Catalogue, build_catalogue, with_bassins
from directory.catalogue_file import UnusableFile, read_catalogue, write_catalogue
from directory.catalogue_merging import merged
from directory.catalogue_rows import ROW_COLUMNS
from directory.errors import DatabaseError
from directory.models.published import Changes
from directory.repository import Repository

_FEW = 20_000
"""So many listings are read in a second and some tens of megabytes."""
_MOST_CHANGES = 5_000
"""Beyond, reading every listing takes no longer."""
_log = logging.getLogger(__name__)


def load_catalogue(repository: Repository, commune_name: Callable[[str], str] = str) -> Catalogue:
    """Read every open listing of the repository into columns, as they state themselves (seconds at national size)."""
    # the revision is read before the rows: a change during the reading makes the next call read again
    revision = repository.revision()
    collecting = gc.isenabled()
    gc.disable()  # millions of short-lived objects and no cycle: looking for some takes a third of the time
    try:
        return build_catalogue(
            repository.iterate_columns(ROW_COLUMNS),
            repository.iterate_coverage(),
            revision=revision,
            mark=repository.mark_of(revision),
            commune_name=commune_name,
        )
    finally:
        if collecting:
            gc.enable()


class CatalogueHolder:
    """The catalogue of the directory's current revision, for the threads of one process.

    While one thread reads a new revision the others are answered from the last one; where reading takes long, that thread is none
    of those that answer.

    Args:
        repository: The truth.
        commune_name: INSEE code → name.
        file: Where the columns are kept for the next process, None to keep none. One that is damaged, or of another program or
            directory, is made anew.
        directory: Names the directory that the file is of.
        make: Has another process call ``make``; None to read every listing here, however many there are.
    """

    def __init__(
        self,
        repository: Repository,
        commune_name: Callable[[str], str] = str,
        file: Path | None = None,
        directory: str = "",
        make: Callable[[], None] | None = None,
    ) -> None:
        self._repository = repository
        # the same communes are shown again and again, and the gazetteer looks each up on disk
        self._commune_name = lru_cache(maxsize=40_000)(commune_name)
        self._file = file
        self._make_apart = make
        self._key = {"program": _program(), "directory": hashlib.sha256(directory.encode()).hexdigest()}
        self._lock = threading.Lock()
        self._stated: Catalogue | None = None
        self._catalogue: Catalogue | None = None

    def current(self) -> Catalogue:
        """The catalogue, brought up to date when the directory has changed since."""
        held, revision = self._catalogue, self._repository.revision()
        if held is not None and held.revision == revision:
            return held
        if held is not None and self._lock.locked():
            return held
        if held is not None and self._make_apart is not None and len(held) > _FEW:
            threading.Thread(target=self._refresh_beside, name="catalogue", daemon=True).start()
            return held
        return self._refresh()

    def _refresh_beside(self) -> None:
        try:
            self._refresh()
        except DatabaseError as error:  # whoever asks next tries again
            _log.warning("the catalogue stays as it was: %s", error)

    def _refresh(self) -> Catalogue:
        with self._lock:
            held, revision = self._catalogue, self._repository.revision()
            if held is None or held.revision != revision:
                self._stated = self._read()
                bassins = self._repository.load_bassins()
                held = self._catalogue = with_bassins(self._stated, bassins.find_label)
            return held

    def prepare(self) -> None:
        """Have the file made where the next process would have to read many listings for it; other files cost it little."""
        with self._lock:
            if self._file is not None and self._are_many() and self._kept() is None:
                self._have_made()

    def make(self) -> Catalogue:
        """Read every listing, and keep the file."""
        made = load_catalogue(self._repository, self._commune_name)
        self._keep(made)
        return made

    def _read(self) -> Catalogue:
        """The columns of the current revision: what is held, or the file, with what changed since; else all listings."""
        current = (self._stated and self._brought_up(self._stated)) or self._kept()
        if current is None and self._are_many():
            self._have_made()
            current = self._kept()
        if current is not None:
            return current
        current = self.make()
        return self._from_file() or current  # its pages are shared with other processes

    def _are_many(self) -> bool:
        """Whether reading every listing takes so much memory that a process which answers is spared it."""
        return self._make_apart is not None and self._file is not None and self._count() > _FEW

    def _count(self) -> int:
        return sum(self._repository.count_listings().values())

    def _have_made(self) -> None:
        """Have the file made by another process; of all that want it, one has it made and the others wait."""
        if self._file is None or self._make_apart is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self._kept() is None:
                    self._make_apart()
        except OSError as error:
            _log.warning("the catalogue cannot be made by another process: %s", error)

    def _kept(self) -> Catalogue | None:
        """What the file says, brought up to date; None where that takes more than reading every listing."""
        stated = self._from_file()
        current = stated and self._brought_up(stated)
        if current is not None and current is not stated:
            self._keep(current)
        return current

    def _brought_up(self, stated: Catalogue) -> Catalogue | None:
        """The columns with what changed since; None when that is too much, or not of the same directory."""
        if self._repository.mark_of(stated.revision) != stated.mark:
            return None  # a backup was restored
        if stated.revision == self._repository.revision():
            current = stated
        else:
            changes = self._repository.list_changes(stated.revision, _MOST_CHANGES)
            if changes is None or changes.revision < stated.revision:
                return None
            current = merged(stated, _of_changes(changes, self._repository.mark_of(changes.revision)), _closed(changes))
        return current if len(current) == self._count() else None

    def _from_file(self) -> Catalogue | None:
        if self._file is None:
            return None
        try:
            return read_catalogue(self._file, self._key, self._commune_name)
        except UnusableFile as error:
            _log.info("the catalogue is read again: %s", error)
            return None

    def _keep(self, stated: Catalogue) -> None:
        if self._file is None:
            return
        try:
            write_catalogue(stated, self._file, self._key)
        except OSError as error:  # a full disk costs the next process some seconds, no more
            _log.warning("the catalogue could not be kept: %s", error)


def _of_changes(changes: Changes, mark: str) -> Catalogue:
    """The open ones of the listings that changed."""
    rows, coverage = [], []
    for listing in sorted(changes.listings, key=lambda each: each.pk):
        if listing.closed_at is None:
            values: Mapping[str, Any] = {**listing.record.model_dump(mode="json"), "pk": listing.pk, "id": listing.id}
            rows.append(tuple(values[name] for name in ROW_COLUMNS))
            coverage += [(listing.pk, str(each.scope), each.code) for each in listing.record.coverage]
    return build_catalogue(rows, coverage, revision=changes.revision, mark=mark)


def _closed(changes: Changes) -> list[int]:
    return [*changes.gone, *(listing.pk for listing in changes.listings if listing.closed_at is not None)]


@cache
def _program() -> str:
    """A digest of what columns are made by: a file that another version wrote is not read."""
    digest = hashlib.sha256()
    for module in (columns_module, catalogue_rows, columns, vocabulary):
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(repr((vocabulary.categories(), vocabulary.networks(), tuple(vocabulary.THEMATIQUES))).encode())
    return digest.hexdigest()
