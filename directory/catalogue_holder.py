"""CatalogueHolder: the catalogue of the directory's current revision, from a file, brought up to date by what changed."""

from __future__ import annotations

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
from directory.errors import RunNotFound
from directory.models.published import Changes
from directory.repository import Repository

_MOST_CHANGES = 5_000
"""Beyond, reading every listing takes no longer."""
_log = logging.getLogger(__name__)


def load_catalogue(repository: Repository, commune_name: Callable[[str], str] = str, revision: int | None = None) -> Catalogue:
    """Read every open listing of the repository into columns, as they state themselves (seconds at national size)."""
    collecting = gc.isenabled()
    gc.disable()  # millions of short-lived objects and no cycle: looking for some takes a third of the time
    try:
        return build_catalogue(
            repository.iterate_columns(ROW_COLUMNS),
            repository.iterate_coverage(),
            revision=repository.revision() if revision is None else revision,
            commune_name=commune_name,
        )
    finally:
        if collecting:
            gc.enable()


class CatalogueHolder:
    """The catalogue of the directory's current revision, for the threads of one process.

    While one thread reads a new revision the others are answered from the last one.

    Args:
        repository: The truth.
        commune_name: INSEE code → name.
        file: Where the columns are kept for the next process, None to keep none. One that is damaged, or of another program or
            directory, is made anew.
        directory: Names the directory that the file is of.
    """

    def __init__(
        self, repository: Repository, commune_name: Callable[[str], str] = str, file: Path | None = None, directory: str = ""
    ) -> None:
        self._repository = repository
        # the same communes are shown again and again, and the gazetteer looks each up on disk
        self._commune_name = lru_cache(maxsize=40_000)(commune_name)
        self._file = file
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
        with self._lock:
            held, revision = self._catalogue, self._repository.revision()
            if held is None or held.revision != revision:
                self._stated = self._read()
                bassins = self._repository.load_bassins()
                held = self._catalogue = with_bassins(self._stated, bassins.find_label)
            return held

    def _read(self) -> Catalogue:
        """The columns of the current revision: what is held, or the file, with what changed since; else all listings."""
        stated = self._stated or self._from_file()
        current = stated and self._brought_up(stated)
        if current is not None:
            return current
        # the revision is read before the rows: a change during the reading makes the next call read again
        current = load_catalogue(self._repository, self._commune_name, self._repository.revision())
        self._keep(current)
        return self._from_file() or current  # its pages are shared with other processes

    def _brought_up(self, stated: Catalogue) -> Catalogue | None:
        """The columns with what changed since; None when that is too much, or not of the same directory."""
        if stated.revision == self._repository.revision():
            current = stated
        else:
            changes = self._repository.list_changes(stated.revision, _MOST_CHANGES)
            if changes is None or changes.revision < stated.revision:
                return None
            current = merged(stated, _of_changes(changes), _closed(changes))
        if len(current) != sum(self._repository.count_listings().values()):
            return None
        if self._stated is None and current is not stated:
            self._keep(current)
        return current

    def _from_file(self) -> Catalogue | None:
        if self._file is None:
            return None
        try:
            stated, key = read_catalogue(self._file, self._key, self._commune_name)
            return stated if self._has_run(key["run"]) else None
        except UnusableFile as error:
            _log.info("the catalogue is read again: %s", error)
            return None

    def _has_run(self, run: list[Any]) -> bool:
        """Whether the directory is the one whose last import was this: a copy of another time has other imports."""
        try:
            return not run or self._repository.get_run(run[0]).started_at.isoformat() == run[1]
        except RunNotFound:
            return False

    def _keep(self, stated: Catalogue) -> None:
        if self._file is None:
            return
        last = self._repository.list_runs(limit=1)
        run = [last[0].pk, last[0].started_at.isoformat()] if last else []
        try:
            write_catalogue(stated, self._file, {**self._key, "run": run})
        except OSError as error:  # a full disk costs the next process some seconds, no more
            _log.warning("the catalogue could not be kept: %s", error)


def _of_changes(changes: Changes) -> Catalogue:
    """The open ones of the listings that changed."""
    rows, coverage = [], []
    for listing in sorted(changes.listings, key=lambda each: each.pk):
        if listing.closed_at is None:
            values: Mapping[str, Any] = {**listing.record.model_dump(mode="json"), "pk": listing.pk, "id": listing.id}
            rows.append(tuple(values[name] for name in ROW_COLUMNS))
            coverage += [(listing.pk, str(each.scope), each.code) for each in listing.record.coverage]
    return build_catalogue(rows, coverage, revision=changes.revision)


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
