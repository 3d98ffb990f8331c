"""Rows understood by several processes: handed out in chunks, taken back in their order, as if one process had read them all.

See ADR 9.
"""

from __future__ import annotations

import gc
import logging
import marshal
import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from directory import referentials
from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import Doubt
from directory.models.prepared import PreparedRecord, prepare
from directory.models.record import SourcedRecord
from directory.repository.addresses import LocatedAddress
from directory.territory import Bassins
from importers.audit import Audit
from importers.locating import locate
from importers.row import Row
from importers.run import Run
from importers.source import Column, get_source

T = TypeVar("T")
Read = Callable[[Run, T], SourcedRecord | None]
"""Understands one item by the run and the item alone: a function of a module, or an object that can be pickled."""

WORTH = 1.0
"""Seconds of reading after which other processes help: each takes as long to start."""
PROCESSES = min((os.cpu_count() or 1) - 1, 3)
"""How many help the first: with it, one for each processor; where there is one processor, nobody does."""
_CHUNK, _CHUNK_WEIGHT = 200, 500_000
_WAITING = 3
"""Chunks handed out for each process."""

_log = logging.getLogger(__name__)


def each(run: Run, items: Iterable[T], read: Read[T], weigh: Callable[[T], int]) -> Iterator[SourcedRecord | PreparedRecord]:
    """What ``read`` makes of each item, in order; by other processes too where there are many items and the run has readers.

    Whatever the processes, the records, the doubts and the errors are the same and come in the same order: what a process could
    not do, for any reason, is done again here.

    Args:
        run: The run. ``read`` may use its clock, gazetteer, mapping and bassins, what was admitted, and what it tells (doubts,
            ``closed``, ``tally``); not what it knows of the directory.
        items: Plain data that can be pickled; whoever makes them counts them as read.
        read: It keeps nothing from one item to the next but what saves it time.
        weigh: About how many bytes an item takes, so that little is held.
    """
    if run.readers is None:
        return _here(run, items, read)
    return run.readers.share(run, _chunks(items, weigh), read)


def each_row(
    run: Run, path: Path, read: Callable[[Run, Row], SourcedRecord | None], columns: Mapping[str, Column] | None = None
) -> Iterator[SourcedRecord | PreparedRecord]:
    """What ``read`` makes of each row of a table: ``run.rows`` and ``each`` together."""
    table, rows = run.open_table(path, columns)
    run.audit = Audit()
    headers = table.resolved if (run.source.columns if columns is None else columns) else None
    yield from each(run, _counted(run, rows), _ReadRow(table.headers, headers, read), _weight)
    run.end_table(path, table, run.audit)


class _Cells(NamedTuple):
    """A row on its way."""

    texts: list[str]
    line: int
    beyond: tuple[str, ...]
    suspect: dict[str, str]


@dataclass(frozen=True, slots=True)
class _ReadRow:
    names: tuple[str, ...]
    headers: Mapping[str, str] | None
    read: Callable[[Run, Row], SourcedRecord | None]

    def __call__(self, run: Run, cells: _Cells) -> SourcedRecord | None:
        row = Row(dict(zip(self.names, cells.texts, strict=True)), cells.line, self.headers, cells.beyond)
        row.suspect = cells.suspect
        run.begin(row)
        record = self.read(run, row)
        run.end(row, run.audit)
        return record


def _counted(run: Run, rows: Iterable[Row]) -> Iterator[_Cells]:
    for row in rows:
        run.count()
        yield _Cells(list(row.raw.values()), row.line, row.beyond, row.suspect)


def _weight(cells: _Cells) -> int:
    return sum(map(len, cells.texts)) + sum(map(len, cells.beyond))


def _here(run: Run, items: Iterable[T], read: Read[T]) -> Iterator[SourcedRecord]:
    for item in items:
        record = read(run, item)
        if record is not None:
            yield record


def _chunks(items: Iterable[T], weigh: Callable[[T], int]) -> Iterator[list[T]]:
    """Items by chunks that weigh little; where the items break off, those that came before are given first."""
    chunk: list[T] = []
    weight = 0
    try:
        for item in items:
            if len(chunk) >= _CHUNK or weight >= _CHUNK_WEIGHT:
                yield chunk
                chunk, weight = [], 0
            chunk.append(item)
            weight += weigh(item)
    except Exception:
        yield chunk
        raise
    yield chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What the other processes are told once.

    Attributes:
        located: The addresses that the geocoding service placed, which records are put on.
        referentials: Those that the instance has imported: version and entries.
    """

    located: Mapping[str, LocatedAddress] = field(default_factory=dict)
    referentials: Mapping[str, tuple[int, dict[str, dict[str, Any]]]] = field(default_factory=dict)


class _Told(NamedTuple):
    """A run as another process needs it, and what that process is told."""

    source: str
    now: datetime
    mapping: Mapping[str, Any] | None
    bassins: Bassins | None
    admitted: frozenset[str]
    store: Path
    knowledge: Knowledge
    collecting: tuple[int, int, int]


class _Understood(NamedTuple):
    """What a process made of a chunk: each record with the number of doubts that stood before it."""

    records: list[tuple[int, bytes]]
    doubts: list[Doubt]
    tally: Counter[tuple[str, str]]
    closed: dict[str, str]
    incomplete: bool
    audit: Audit


class Readers:
    """The processes that help a run; none is started before there is enough to do.

    Args:
        know: Asked once, when they start.
        processes: PROCESSES when left out.
        worth: WORTH when left out; 0 to wait for them, so that they help from the first row on.

    Attributes:
        shared: How many chunks were handed out.
    """

    def __init__(self, know: Callable[[], Knowledge], *, processes: int | None = None, worth: float | None = None) -> None:
        self.shared = 0
        self._worth = WORTH if worth is None else worth
        self._began = time.monotonic()
        self._know = know
        self._processes = PROCESSES if processes is None else processes
        self._pool: ProcessPoolExecutor | None = None
        self._ready: Future[bool] | None = None
        self._mine: _Helper | None = None
        self._numbers = count()

    def share(self, run: Run, chunks: Iterator[list[T]], read: Read[T]) -> Iterator[SourcedRecord | PreparedRecord]:
        """What ``read`` makes of the items of each chunk; see ``each``."""
        number, packed = next(self._numbers), pickle.dumps(read)
        waiting: deque[tuple[list[T], Future[_Understood | None] | None]] = deque()
        handed = max(1, self._processes * _WAITING)
        broken: Exception | None = None
        more = True
        while more or waiting:
            if more and len(waiting) < 3 * handed and not (waiting and _is_done(waiting[0][1])):
                try:
                    chunk = next(chunks, None)
                except Exception as error:  # noqa: BLE001  (raised below, once what came before has been told)
                    chunk, broken = None, error
                if chunk is None:
                    more = False
                elif sum(not _is_done(future) for _, future in waiting) < handed:
                    waiting.append((chunk, self._hand(run, number, packed, chunk)))
                else:
                    waiting.append((chunk, self._own(number, packed, chunk)))  # who helps has enough to do
            elif waiting:
                yield from self._take(run, read, *waiting.popleft())
        if broken is not None:
            raise broken

    def _hand(self, run: Run, number: int, packed: bytes, chunk: list[T]) -> Future[_Understood | None] | None:
        """Hand a chunk out; None where nobody can take it yet, or any longer."""
        if self._processes < 1 or time.monotonic() - self._began < self._worth:
            return None
        try:
            if self._pool is None or self._ready is None:
                self._pool = self._open(run)
                self._ready = self._pool.submit(_is_ready)
            if self._worth and not self._ready.done():
                return None
            self.shared += 1
            return self._pool.submit(_understand, number, packed, chunk)
        except BrokenProcessPool:
            return None

    def _own(self, number: int, packed: bytes, chunk: list[T]) -> Future[_Understood | None]:
        """A chunk understood here, before its turn."""
        future: Future[_Understood | None] = Future()
        future.set_result(self._mine.understand(number, packed, chunk) if self._mine else None)
        return future

    def _open(self, run: Run) -> ProcessPoolExecutor:
        told = _Told(
            source=run.source.name,
            now=run.now,
            mapping=run.mapping,
            bassins=run.bassins,
            admitted=run.admitted,
            store=run.geocoder.store,
            knowledge=self._know(),
            collecting=gc.get_threshold(),
        )
        self._mine = _Helper(told, run.geocoder)
        # a fork would share the database's connections and the engine's threads
        return ProcessPoolExecutor(self._processes, get_context("spawn"), initializer=_start, initargs=(told,))

    def _take(
        self, run: Run, read: Read[T], chunk: list[T], future: Future[_Understood | None] | None
    ) -> Iterator[SourcedRecord | PreparedRecord]:
        understood = None
        if future is not None:
            try:
                understood = future.result()
            except BrokenProcessPool as error:
                _log.warning("a process that reads rows ended (%s): this one goes on alone", error)
        if understood is None:
            yield from _here(run, chunk, read)
            return
        run.tally.update(understood.tally)
        run.closed.update(understood.closed)
        run.incomplete = run.incomplete or understood.incomplete
        run.audit.add(understood.audit)
        told = 0
        for before, data in understood.records:
            for doubt in understood.doubts[told:before]:
                run.add(doubt)
            told = before
            yield PreparedRecord(*marshal.loads(data))  # noqa: S302  (written by a process that this one started)
        for doubt in understood.doubts[told:]:
            run.add(doubt)

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = self._ready = self._mine = None


def _is_done(future: Future[_Understood | None] | None) -> bool:
    """Whether a chunk has been understood, or waits for its turn here."""
    return future is None or future.done()


class _Unknown:
    """What the directory holds is not known here: to ask is an error, and the chunk is done again by who knows."""

    def __contains__(self, _: object) -> bool:
        raise LookupError("another process knows what the directory holds")


class _Copied:
    """The referentials that the instance has imported."""

    def __init__(self, given: Mapping[str, tuple[int, dict[str, dict[str, Any]]]]) -> None:
        self._given = given

    def referential_versions(self) -> dict[str, int]:
        return {name: version for name, (version, _) in self._given.items()}

    def load_referential(self, name: str) -> dict[str, dict[str, Any]]:
        return self._given[name][1]


class _Helper:
    """Understands the chunks of a run, without what only the run itself knows."""

    def __init__(self, told: _Told, gazetteer: Gazetteer) -> None:
        self._located = told.knowledge.located
        self._number = -1
        self._read: Read[Any] | None = None
        self._run = Run(
            source=get_source(told.source),
            paths=(),
            geocoder=gazetteer,
            now=told.now,
            mapping=told.mapping,
            bassins=told.bassins,
            admitted=told.admitted,
            held=_Unknown(),
        )

    def understand(self, number: int, packed: bytes, chunk: list[Any]) -> _Understood | None:
        """What is made of a chunk; None when it fails, so that the error is met where it is told."""
        run = self._run
        if self._read is None or self._number != number:
            self._number, self._read = number, pickle.loads(packed)  # noqa: S301  (written by the process that reads the file)
        run.doubts, run.tally, run.closed, run.incomplete, run.audit = [], Counter(), {}, False, Audit()
        records: list[tuple[int, bytes]] = []
        try:
            records.extend((len(run.doubts), self._pack(record)) for record in _here(run, chunk, self._read))
        except Exception:  # noqa: BLE001  (done again by who asked)
            return None
        return _Understood(records, run.doubts, run.tally, run.closed, run.incomplete, run.audit)

    def _pack(self, record: SourcedRecord) -> bytes:
        return marshal.dumps(tuple(prepare(locate(record, self._located) if self._located else record)))


# Below: in another process.


_helper: _Helper | None = None


def _start(told: _Told) -> None:
    global _helper  # noqa: PLW0603  (one for the process)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it is told, and ends it
    threading.Thread(target=_end_with, name="relais-parent", daemon=True).start()
    gc.set_threshold(*told.collecting)
    referentials.use(_Copied(told.knowledge.referentials))
    _helper = _Helper(told, Gazetteer(told.store))


def _end_with() -> None:
    """End with the process that started this one, however it ends: killed, it tells nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _is_ready() -> bool:
    return _helper is not None


def _understand(number: int, packed: bytes, chunk: list[Any]) -> _Understood | None:
    return _helper.understand(number, packed, chunk) if _helper is not None else None
