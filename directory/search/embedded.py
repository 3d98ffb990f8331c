"""EmbeddedIndex: the SearchIndex on Tantivy, in a folder that several processes share."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tantivy import Index

from directory.errors import IndexUnavailable
from directory.search import generations
from directory.search.analysis import register
from directory.search.answering import answer
from directory.search.generations import Generation, engine_errors
from directory.search.questions import check
from directory.search.schema import build_schema, to_tantivy
from directory.search.suggestions import suggest_names
from directory.search.types import SearchDocument, SearchPage, SearchQuery

_WRITER_BYTES = 256_000_000
_SMALL_WRITER_BYTES = 30_000_000
_LOOK_EVERY_S = 0.1


class EmbeddedIndex:
    """A SearchIndex in a folder.

    Any number of processes and threads read it; one at a time rebuilds it. A rebuild is seen by each process at its next question
    (one ``stat`` tells).

    Args:
        path: The index's folder; made by the first rebuild.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opening = threading.Lock()
        self._open: tuple[tuple[int, int, int], Generation] | None = None
        self._files: dict[str, os.stat_result] = {}
        """The files of the open generation, as they were when it was opened."""
        self._looked_at = 0.0
        self._checked: dict[str, bool] = {}
        """Folder of a generation that failed → whether its files are sound: read once."""

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer one question (see ``SearchIndex``)."""
        check(query)
        generation = self._current()
        with self._checking(generation), engine_errors("searching"):
            return answer(generation, query)

    def suggest(self, text: str, limit: int = 8) -> tuple[str, ...]:
        """Names of public listings that complete a text, best first."""
        generation = self._current()
        with self._checking(generation), engine_errors("suggesting"):
            return suggest_names(generation, text, limit)

    def rebuild(self, documents: Iterable[SearchDocument], revision: int) -> int:
        """Build a new index beside, make it durable, then swap. What served still serves if this fails or is killed.

        Raises:
            IndexUnavailable: It cannot be written.
        """
        return generations.build(self.path, lambda folder: _write(folder, documents), revision)

    def update(self, documents: Iterable[SearchDocument], gone: Sequence[int], revision: int) -> None:
        """Replace some documents and take others away. Every process sees all of it, or nothing, at its next question.

        Raises:
            IndexUnavailable: There is no index to bring up to date, or it cannot be written.
        """
        rows = list(documents)
        generations.amend(self.path, lambda folder: _change(folder, rows, gone), revision)

    def revision(self) -> int | None:
        """The directory's revision that the index holds, None when there is no usable index.

        Files that are gone are noticed here though this process still reads them: another one could not.
        """
        try:
            pointer = self._current().pointer
            if not generations.same_files(self.path / pointer.folder, self._files):
                # lost, written over, or swept a moment ago by who swapped it
                pointer = generations.open_current(self.path).pointer
                self._files = generations.statuses(self.path / pointer.folder)
        except IndexUnavailable:
            return None
        return pointer.revision if self._checked.get(pointer.folder, True) else None

    @contextmanager
    def _checking(self, generation: Generation) -> Iterator[None]:
        """When the engine fails, look whether its files are damaged: then there is no usable index until it is built again."""
        try:
            yield
        except IndexUnavailable:
            folder = generation.pointer.folder
            if folder not in self._checked:
                self._checked = {folder: generations.is_sound(self.path, generation.pointer)}
            raise

    def _current(self) -> Generation:
        stamp, held = generations.stamp(self.path), self._open
        if held is not None and held[0] == stamp and not self._is_cut_short(held[1]):
            return held[1]
        with self._opening:
            if self._open is not None and self._open[0] == stamp:
                return self._open[1]
            generation = generations.open_current(self.path)
            if stamp is not None:
                self._files = generations.statuses(self.path / generation.pointer.folder)
                self._open = (stamp, generation)
            return generation

    def _is_cut_short(self, generation: Generation) -> bool:
        """Whether a file of the open generation was truncated in place: then it is left at once, ten looks a second."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY_S:
            return False
        self._looked_at = now
        if not generations.has_shrunk(self.path / generation.pointer.folder, self._files):
            return False
        self._open = None
        return True


def _write(folder: Path, documents: Iterable[SearchDocument]) -> int:
    with engine_errors("creating an index"):
        Index(build_schema(), str(folder))
        generations.set_stored_blocks(folder)
        index = Index.open(str(folder))
        register(index)
        # one thread: documents then stand in the order they came, and ties of the engine's scores with them
        writer = index.writer(_WRITER_BYTES, 1)
    total = 0
    try:
        for document in documents:
            with engine_errors(f"indexing {document.id}"):
                writer.add_document(to_tantivy(document))
            total += 1
        with engine_errors("committing an index"):
            writer.commit()
    finally:
        # whatever happened, no thread may still write in the folder: a failed one is about to be removed
        with engine_errors("closing an index"):
            writer.wait_merging_threads()
    return total


def _change(folder: Path, documents: Iterable[SearchDocument], gone: Sequence[int]) -> int:
    with engine_errors("opening an index to change it"):
        index = Index.open(str(folder))
        register(index)
        writer = index.writer(_SMALL_WRITER_BYTES, 1)
    try:
        with engine_errors("changing an index"):
            for pk in gone:
                writer.delete_documents_by_term("pk", pk)
            for document in documents:
                writer.delete_documents_by_term("pk", document.pk)
                writer.add_document(to_tantivy(document))
            writer.commit()
    finally:
        with engine_errors("closing an index"):
            writer.wait_merging_threads()
    with engine_errors("counting an index"):
        index.reload()
        return int(index.searcher().num_docs)
