"""Figures of search, the engines side by side in one run: build, size, memory, latencies and success, changes, load.

    python -m bench.search FOLDER [--listings N] [--questions N] [--only ENGINE]

FOLDER is what the shared ``corpus.py`` wrote. Each question is asked of every engine before the next one, so that whatever else
the machine does weighs on all of them alike; what is compared are these pairs.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.corpus import Asked, Names, make_document, read_documents, read_questions
from bench.engines import Measured, engines, resident
from directory.search.embedded import EmbeddedIndex
from directory.search.types import SearchPage, SearchQuery
from directory.vocabulary import Kind
from relais.services import COLLECTING

_WARMING = 100
_SLOW = 150
"""Questions of the slower sorts: facets, nearest-first."""


@dataclass(slots=True)
class Figures:
    """What was measured for one kind of question on one engine: one value for each question."""

    milliseconds: list[float] = field(default_factory=list)
    first: list[bool] = field(default_factory=list)
    fifth: list[bool] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def add(self, asked: Asked, page: SearchPage, milliseconds: float) -> None:
        """Note an answer; the rank that counts is the question's own."""
        ids = [hit.id for hit in page.hits]
        first, fifth = (bool(asked.expected & set(ids[:n])) if asked.expected else not ids for n in (asked.rank, 5))
        self.milliseconds.append(milliseconds)
        self.first.append(first)
        self.fifth.append(fifth)
        if not first:
            self.misses.append(f"{asked.query.text!r} → {page.hits[0].name if page.hits else None!r} ({page.widened})")


Table = dict[str, dict[str, Figures]]
"""Kind of question → engine → its figures, of the same questions in the same order."""


def percentiles(milliseconds: Sequence[float]) -> str:
    """p50, p95 and p99, in ms."""
    return " ".join(f"{value:7.2f}" for value in np.percentile(milliseconds, (50, 95, 99)))


def compare(found: Sequence[Measured], questions: Sequence[Asked]) -> Table:
    """Ask every question of every engine that can be asked it, in turn, each once and timed."""
    table: Table = defaultdict(lambda: defaultdict(Figures))
    for engine in found:
        for asked in islice(questions, _WARMING):
            engine.index.search(asked.query)
    for rank, asked in enumerate(questions):
        able = [engine for engine in found if engine.near or asked.query.near is None]
        for engine in (*able[rank % len(able) :], *able[: rank % len(able)]):
            begun = time.perf_counter()
            page = engine.index.search(asked.query)
            table[asked.kind][engine.name].add(asked, page, 1000 * (time.perf_counter() - begun))
    return table


def report(table: Table, names: Sequence[str], ceiling: dict[str, float]) -> None:
    """Print the table by kind of question, then what the pairs say."""
    rows = [*table.items(), ("all", {name: _together(table, [name])[name] for name in names})]
    print(f"\n{'kind':10}{'best':>6}  " + "  ".join(f"{name:^38}" for name in names))
    print(" " * 18 + "  ".join(f"{'@1':>5} {'@5':>6} {'p50':>7} {'p95':>7} {'p99':>7}  " for _ in names))
    for kind, engines_of in rows:
        best = f"{ceiling[kind]:6.3f}" if kind in ceiling else " " * 6
        cells = [_cell(engines_of[name]) if name in engines_of else " " * 38 for name in names]
        print(f"{kind:10}{best}  " + "  ".join(cells))
    for other in names[1:]:
        print(f"\n{names[0]} and {other}, by pairs:")
        pair = _together(table, [names[0], other])
        for kind, engines_of in (*table.items(), ("all", pair)):
            if other in engines_of:
                print(f"  {kind:10} {_pairs(engines_of[names[0]], engines_of[other])}")


def _cell(one: Figures) -> str:
    return f"{np.mean(one.first):5.3f} {np.mean(one.fifth):6.3f} {percentiles(one.milliseconds)}  "


def _pairs(ours: Figures, theirs: Figures) -> str:
    """How many times faster at the median, and who alone is right; « worse » beyond twice the noise of so many pairs."""
    alone = sum(a and not b for a, b in zip(ours.first, theirs.first, strict=True))
    other = sum(b and not a for a, b in zip(ours.first, theirs.first, strict=True))
    verdict = "worse" if other - alone > 2 * (other + alone) ** 0.5 else "no worse"
    ratio = float(np.median(np.array(theirs.milliseconds) / np.array(ours.milliseconds)))
    return f"{ratio:5.1f} times faster, alone right {alone} to {other}: {verdict}"


def _together(table: Table, names: Sequence[str]) -> dict[str, Figures]:
    """All kinds as one, over the questions that each of these engines was asked."""
    whole: dict[str, Figures] = {}
    for name in names:
        one = whole[name] = Figures()
        for engines_of in table.values():
            if all(each in engines_of for each in names):
                one.milliseconds += engines_of[name].milliseconds
                one.first += engines_of[name].first
                one.fifth += engines_of[name].fifth
    return whole


def _slower_sorts(found: Sequence[Measured], questions: Sequence[Asked]) -> None:
    texts = [asked.query for asked in questions if asked.expected][::7][:_SLOW]
    points = [asked.query.near for asked in questions if asked.query.near][:_SLOW]
    sorts = {
        "text and facets": [replace(query, with_facets=True) for query in texts],
        "facets of everything": [SearchQuery(limit=20) for _ in range(10)],
        "nearest first, no text": [SearchQuery(near=near, sort="distance", with_facets=False) for near in points],
        "nearest first, a common word": [
            SearchQuery(text="formation", near=near, sort="distance", with_facets=False) for near in points
        ],
        "relevance around a place": [
            SearchQuery(text="mission locale", near=replace(near, radius_km=None), with_facets=False) for near in points if near
        ],
    }
    print(f"\n{'ms p50 p95 p99':32}" + "  ".join(f"{engine.name:^24}" for engine in found))
    for label, queries in sorts.items():
        print(f"{label:32}" + "  ".join(percentiles(_timed(engine.index, queries)) for engine in found), flush=True)


def _timed(index: Any, queries: Sequence[SearchQuery]) -> list[float]:
    times = []
    for query in queries:
        begun = time.perf_counter()
        index.search(query)
        times.append(1000 * (time.perf_counter() - begun))
    return times


def _until_visible(index: Any, times: int = 9) -> float:
    """Median time from an update to a question that sees it, in ms."""
    taken = []
    for rank in range(times):
        name = f"Xylophonerie {'abcdefghijklm'[rank]}zanzibar"
        document = make_document(9_000_000 + rank, id=f"bench--{rank}", kind=Kind.PARTNER, category="association", name=name)
        begun = time.perf_counter()
        index.update([document], [], 2 + rank)
        while not index.search(SearchQuery(text=name, with_facets=False)).total:
            time.sleep(0.001)
        taken.append(1000 * (time.perf_counter() - begun))
    return float(np.median(taken))


def _read_beside_a_writer(index: Any, queries: Sequence[SearchQuery], seconds: float = 5.0) -> tuple[float, float]:
    """Questions a second that four threads get answered while one writes, and the updates a second that it makes."""
    stop, answered = threading.Event(), [0] * 4

    def read(rank: int) -> None:
        for query in cycle(queries[rank:] + queries[:rank]):
            if stop.is_set():
                return
            index.search(query)
            answered[rank] += 1

    readers = [threading.Thread(target=read, args=(rank,)) for rank in range(4)]
    for reader in readers:
        reader.start()
    begun, updates = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        document = make_document(
            9_500_000 + updates, id=f"bench-w--{updates}", kind=Kind.PARTNER, category="association", name="Relu"
        )
        index.update([document], [], 100 + updates)
        updates += 1
    stop.set()
    elapsed = time.monotonic() - begun
    for reader in readers:
        reader.join()
    return sum(answered) / elapsed, updates / elapsed


def _build(engine: Measured, documents: Callable[[], Iterable[Any]]) -> None:
    begun, cpu = time.perf_counter(), engine.cpu()
    held = engine.index.rebuild(documents(), 1)
    seconds, cpu = time.perf_counter() - begun, engine.cpu() - cpu
    engine.index.search(SearchQuery(text="mission locale", with_facets=False))
    print(
        f"{engine.name:12} {held} listings in {seconds:.1f} s ({held / seconds:.0f}/s; {cpu:.0f} s of its processor time), "
        f"{engine.size() / 1e6:.0f} MB on disk",
        flush=True,
    )


def _memory_of_the_embedded(index: EmbeddedIndex, corpus: Path) -> str:
    """What a process that only answers takes, in MB: of its own, before and after."""
    code = "from bench.search import tell_memory; tell_memory"
    command = [sys.executable, "-c", f"{code}({str(index.path)!r}, {str(corpus)!r})"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def tell_memory(path: str, corpus: str) -> None:
    """Print what answering 400 questions adds to this process."""
    index, questions = EmbeddedIndex(Path(path)), read_questions(Path(corpus))[::10]
    before = resident()
    for asked in questions:
        index.search(asked.query)
    print(f"{(resident() - before) / 1e6:.0f} MB more than the program alone ({before / 1e6:.0f} MB)")


def main(
    corpus: Path,
    listings: int | None = None,
    *,
    questions: int | None = None,
    only: Sequence[str] = (),
    show_misses: bool = False,
) -> None:
    """Build the index of a corpus on each engine, ask all of them its questions, print the figures.

    Args:
        corpus: What ``corpus.py`` wrote.
        listings: Only the first so many listings; all of them when None (questions on the others then miss).
        questions: Ask about so many, of every kind; all of them when None.
        only: Names of engines; all of them when empty.
        show_misses: Print the questions whose answer did not come first.
    """
    gc.set_threshold(*COLLECTING)  # as every process of Relais does
    names = Names()
    with tempfile.TemporaryDirectory() as place, engines(Path(place)) as every:
        found = [engine for engine in every if not only or engine.name in only]
        for rank, engine in enumerate(found):
            told = names.told if rank == 0 else iter
            _build(engine, lambda told=told: told(islice(read_documents(corpus), listings)))  # type: ignore[misc]
        asked = read_questions(corpus)
        asked = asked[:: max(1, len(asked) // questions)] if questions else asked
        asked += names.two_short_words(max(40, len(asked) // 10))
        table = compare(found, asked)
        report(table, [engine.name for engine in found], names.ceiling(asked))
        placed = [engine for engine in found if engine.near]
        _slower_sorts(placed, asked)
        _print_the_rest(found, placed, [each.query for each in asked if each.expected and not each.query.near], corpus)
        if show_misses:
            for kind, engines_of in table.items():
                print(f"\n{kind}", *engines_of[found[0].name].misses, sep="\n  ")


def _print_the_rest(found: Sequence[Measured], placed: Sequence[Measured], texts: Sequence[SearchQuery], corpus: Path) -> None:
    print()
    for engine in found:
        own = isinstance(engine.index, EmbeddedIndex)
        memory = _memory_of_the_embedded(engine.index, corpus) if own else f"{engine.memory() / 1e6:.0f} MB"  # type: ignore[arg-type]
        print(f"{engine.name:12} memory: {memory}", flush=True)
    for engine in found:
        print(f"{engine.name:12} a change is visible after {_until_visible(engine.index):.0f} ms", flush=True)
    for engine in placed:
        rate, updates = _read_beside_a_writer(engine.index, texts)
        print(f"{engine.name:12} four readers beside a writer: {rate:.0f} questions/s, {updates:.1f} updates/s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--listings", type=int)
    parser.add_argument("--questions", type=int)
    parser.add_argument("--only", action="append", default=[], choices=["embedded", "meilisearch", "fts5"])
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    main(options.folder, options.listings, questions=options.questions, only=options.only, show_misses=options.misses)
