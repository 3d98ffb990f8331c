"""The engines that are measured side by side: the embedded index, a real Meilisearch server, and SQLite FTS5 used plainly."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from directory.search.analysis import keep_meaningful, split_words, stem
from directory.search.embedded import EmbeddedIndex
from directory.search.forms import stems_of, words_of
from directory.search.meilisearch import MeilisearchIndex
from directory.search.types import Hit, SearchDocument, SearchIndex, SearchPage, SearchQuery
from directory.vocabulary import Kind
from tests.meilisearch_server import BINARY, MeilisearchServer


class PlainFts5:
    """What a first version would be: SQLite's full text, bm25 with a weight for the name, the same words, no second chance.

    Radius, filters and facets are not there: what has no place here is measured without them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open = sqlite3.connect(path, check_same_thread=False)
        self._open.execute("PRAGMA journal_mode=WAL")

    def rebuild(self, documents: Iterable[SearchDocument], _revision: int) -> int:
        """Make the table again."""
        with self._open:
            self._open.execute("DROP TABLE IF EXISTS listings")
            self._open.execute(
                "CREATE VIRTUAL TABLE listings USING fts5"
                "(name, others, body, id UNINDEXED, kind UNINDEXED, label UNINDEXED, tokenize='ascii')"
            )
            done = self._open.executemany("INSERT INTO listings VALUES (?,?,?,?,?,?)", map(_row, documents))
        return done.rowcount

    def update(self, documents: Iterable[SearchDocument], _gone: Sequence[int], _revision: int) -> None:
        """Add documents."""
        with self._open:
            self._open.executemany("INSERT INTO listings VALUES (?,?,?,?,?,?)", map(_row, documents))

    def search(self, query: SearchQuery) -> SearchPage:
        """Every word, the best by bm25; the last word as a beginning when that finds nothing."""
        words = [stem(word) for word in keep_meaningful(split_words(query.text))]
        said = " ".join(f'"{word}"' for word in words)
        rows = self._ask(said, query.limit) or (self._ask(f"{said}*", query.limit) if words else [])
        blank: dict[str, Any] = {"category": "", "commune": "", "code_commune": "", "distance_km": None, "score": 0.0}
        hits = tuple(Hit(id=key, kind=Kind(kind), name=name, **blank) for key, kind, name in rows)
        return SearchPage(hits=hits, total=len(hits), facets={})

    def _ask(self, said: str, limit: int) -> list[tuple[str, str, str]]:
        if not said:
            return []
        asked = "SELECT id, kind, label FROM listings WHERE listings MATCH ? ORDER BY bm25(listings, 8, 4, 0.3) LIMIT ?"
        return self._open.execute(asked, (said, limit)).fetchall()


def _row(document: SearchDocument) -> tuple[str, ...]:
    words = words_of(document)
    return (stems_of(words.title), stems_of(words.others), stems_of(words.body), document.id, document.kind, document.name)


@dataclass(frozen=True)
class Measured:
    """An engine, and what it takes: on the disk and in memory (bytes), of the processor (seconds)."""

    name: str
    index: SearchIndex | PlainFts5
    size: Callable[[], int]
    memory: Callable[[], int]
    cpu: Callable[[], float]
    near: bool = True


def resident(pid: int | str = "self") -> int:
    """The resident memory of a process, in bytes."""
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


def processor(pid: int | str = "self") -> float:
    """The processor time that a process has taken, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bytes_of(folder: Path) -> int:
    """On the disk: a server's files may have holes."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


@contextmanager
def engines(folder: Path) -> Iterator[list[Measured]]:
    """Every engine of this machine; Meilisearch is named when it is not there."""
    (folder / "fts5").mkdir()
    fts5 = PlainFts5(folder / "fts5" / "listings.sqlite3")
    found = [
        Measured("embedded", EmbeddedIndex(folder / "embedded"), lambda: _bytes_of(folder / "embedded"), resident, processor),
        Measured("fts5", fts5, lambda: _bytes_of(folder / "fts5"), resident, processor, near=False),
    ]
    if not BINARY.is_file():
        print("no Meilisearch on this machine: `make test` installs it")
        yield found
        return
    server = MeilisearchServer()
    try:
        server.start()
        assert server.process is not None
        pid = server.process.pid
        index = MeilisearchIndex(server.url, server.key, uid="bench")
        db = server.folder / "db"
        measured = Measured(
            "meilisearch", index, lambda: _bytes_of(db), lambda: resident(pid), lambda: processor(pid) + processor()
        )
        found.insert(1, measured)
        yield found
    finally:
        server.remove()
