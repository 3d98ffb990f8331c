"""Figures of search, each engine in turn: build, size, memory, latencies and success by kind of question, changes, load.

    python -m bench.search FOLDER [--listings N] [--only ENGINE]

FOLDER is what the shared ``corpus.py`` wrote; its files become search documents here, without the importers.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import resources
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from data_inclusion.schema import v1
from icalendar import Calendar

from bench.engines import Measured, engines
from directory.search.types import Near, SearchDocument, SearchIndex, SearchQuery
from directory.vocabulary import THEMATIQUES, Kind, Visibility, networks

_PROPOSED = {"stage": "internship", "immersion": "immersion", "apprentissage": "apprenticeship", "emploi": "job"}


@dataclass(slots=True)
class Figures:
    """What was measured for one kind of question."""

    milliseconds: list[float] = field(default_factory=list)
    first: int = 0
    fifth: int = 0
    misses: list[str] = field(default_factory=list)


def read_documents(folder: Path) -> Iterator[SearchDocument]:
    """Every listing of a corpus as a search document."""
    keys = count(1)
    for name in ("structures.jsonl", "services.jsonl"):
        with (folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                yield _from_data_inclusion(json.loads(line), next(keys))
    with (folder / "companies.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _from_company(row, next(keys))
    yield from _read_events(folder / "events.ics", keys)


def _document(pk: int, **facts: Any) -> SearchDocument:
    empty: dict[str, Any] = dict.fromkeys(
        ("coverage", "thematiques", "publics", "networks", "pathways", "occupations", "modes_accueil"), ()
    )
    empty |= dict.fromkeys(("age_min", "age_max", "first_day", "last_day", "updated_at", "latitude", "longitude"))
    empty |= dict.fromkeys(("description", "words", "frais", "commune", "code_commune", "code_departement"), "")
    return SearchDocument(pk=pk, **(empty | {"visibility": Visibility.PUBLIC, "demonstration": False} | facts))


def _from_data_inclusion(row: Mapping[str, Any], pk: int) -> SearchDocument:
    carriers = tuple(row.get("reseaux_porteurs") or ())
    topics = tuple(row.get("thematiques") or ())
    labels = [networks().get(code, "") for code in carriers] + [THEMATIQUES[code] for code in topics]
    if row.get("type"):
        labels.append(v1.TypeService(row["type"]).label)
    return _document(
        pk,
        id=row["id"],
        kind=Kind.PARTNER,
        category="association",
        name=row["nom"],
        description=row["description"],
        words=" ".join(labels),
        **_place(row["commune"], row["code_insee"], row["latitude"], row["longitude"]),
        coverage=tuple(map(_zone, row.get("zone_eligibilite") or ())),
        thematiques=topics,
        publics=tuple(row.get("publics") or ()),
        networks=carriers,
        frais=row.get("frais") or "",
        modes_accueil=tuple(row.get("modes_accueil") or ()),
        updated_at=date.fromisoformat(row["date_maj"]),
    )


def _zone(code: str) -> str:
    scope = {2: "departement", 3: "departement", 5: "commune", 9: "epci"}.get(len(code))
    return f"{scope}:{code}" if scope else code


def _place(commune: str, code: str, latitude: float | str, longitude: float | str) -> dict[str, Any]:
    departement = code[:3] if code.startswith("97") else code[:2]
    return {
        "commune": commune,
        "code_commune": code,
        "code_departement": departement,
        "latitude": float(latitude),
        "longitude": float(longitude),
    }


def _from_company(row: Mapping[str, str], pk: int) -> SearchDocument:
    return _document(
        pk,
        id=row["id"],
        kind=Kind.COMPANY,
        category="entreprise",
        name=row["nom"],
        words=row["propose"].replace(";", " "),
        **_place(row["commune"], row["code_insee"], row["latitude"], row["longitude"]),
        pathways=tuple(_PROPOSED[word] for word in row["propose"].split(";")),
    )


def _read_events(path: Path, keys: Iterator[int]) -> Iterator[SearchDocument]:
    calendar = Calendar.from_ical(path.read_bytes())
    for event in calendar.walk("VEVENT"):
        latitude, longitude = event["GEO"].latitude, event["GEO"].longitude
        yield _document(
            next(keys),
            id=str(event["UID"]).partition("@")[0],
            kind=Kind.EVENT,
            category="salon",
            name=str(event["SUMMARY"]),
            description=str(event["DESCRIPTION"]),
            commune=str(event["LOCATION"]).rpartition(", ")[2].partition(" ")[2],
            latitude=latitude,
            longitude=longitude,
            first_day=event.decoded("DTSTART").date(),
            last_day=event.decoded("DTEND").date(),
        )


def read_questions(folder: Path) -> list[tuple[dict[str, Any], SearchQuery]]:
    """The corpus's questions, each with what the index is asked."""
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    with resources.files("directory").joinpath("data", "communes.csv").open(encoding="utf-8", newline="") as file:
        communes = {row["code_insee"]: row for row in csv.DictReader(file)}
    return [
        (question, SearchQuery(text=question["text"], near=_near(question, communes), with_facets=False)) for question in asked
    ]


def _near(question: Mapping[str, Any], communes: Mapping[str, Mapping[str, str]]) -> Near | None:
    code = question.get("code_commune")
    if code is None:
        return None
    commune = communes[code]
    tokens = (f"commune:{code}", f"epci:{commune['epci']}", f"departement:{commune['departement']}", "france")
    point = {"latitude": float(commune["lat"]), "longitude": float(commune["lon"])}
    return Near(**point, territories=tokens, radius_km=question["radius_km"])


def ask(index: SearchIndex, questions: Sequence[tuple[dict[str, Any], SearchQuery]]) -> dict[str, Figures]:
    """Ask every question once, timed; the rank that counts is the question's own."""
    figures: dict[str, Figures] = defaultdict(Figures)
    for question, query in questions:
        begun = time.perf_counter()
        page = index.search(query)
        elapsed = 1000 * (time.perf_counter() - begun)
        ids = [hit.id for hit in page.hits]
        right = question.get("any_rank", 1)
        kind = figures[question["kind"]]
        kind.milliseconds.append(elapsed)
        if question["expected"]:
            first, fifth = (bool(set(ids[:rank]) & set(question["expected"])) for rank in (right, 5))
        else:
            first = fifth = not ids
        kind.first += first
        kind.fifth += fifth
        if not first:
            kind.misses.append(f"{question['text']!r} → {page.hits[0].name if page.hits else None!r} ({page.widened})")
    return figures


def percentiles(milliseconds: Sequence[float]) -> str:
    """p50, p95 and p99, in ms."""
    return " ".join(f"{value:7.2f}" for value in np.percentile(milliseconds, (50, 95, 99)))


def report(figures: Mapping[str, Figures]) -> None:
    """Print the table of figures by kind of question."""
    print(f"{'kind':12}{'n':>6} {'@1':>6} {'@5':>6} {'p50':>7} {'p95':>7} {'p99':>7}  ms")
    for kind, one in [*figures.items(), ("all", _together(figures.values()))]:
        asked = len(one.milliseconds)
        print(f"{kind:12}{asked:6} {one.first / asked:6.3f} {one.fifth / asked:6.3f} {percentiles(one.milliseconds)}")


def _together(figures: Any) -> Figures:
    whole = Figures()
    for one in figures:
        whole.milliseconds += one.milliseconds
        whole.first += one.first
        whole.fifth += one.fifth
    return whole


def _timed(label: str, index: Any, queries: Sequence[SearchQuery]) -> None:
    times = []
    for query in queries:
        begun = time.perf_counter()
        index.search(query)
        times.append(1000 * (time.perf_counter() - begun))
    print(f"  {label:32}{percentiles(times)}  ms p50 p95 p99")


def _until_visible(index: Any, times: int = 5) -> float:
    """Median time from an update to a question that sees it, in ms."""
    taken = []
    for rank in range(times):
        name = f"Xylophonerie {'abcdefghij'[rank]}zanzibar"
        document = _document(9_000_000 + rank, id=f"bench--{rank}", kind=Kind.PARTNER, category="association", name=name)
        begun = time.perf_counter()
        index.update([document], [], 2 + rank)
        while not index.search(SearchQuery(text=name, with_facets=False)).total:
            time.sleep(0.001)
        taken.append(1000 * (time.perf_counter() - begun))
    return float(np.median(taken))


def _read_beside_a_writer(index: Any, queries: Sequence[SearchQuery], seconds: float = 5.0) -> tuple[float, int]:
    """Questions a second that four threads get answered while one writes, and how many updates it made."""
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
    until, updates = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        document = _document(
            9_500_000 + updates, id=f"bench-w--{updates}", kind=Kind.PARTNER, category="association", name="Relu"
        )
        index.update([document], [], 100 + updates)
        updates += 1
    stop.set()
    for reader in readers:
        reader.join()
    return sum(answered) / seconds, updates


def _measure(engine: Measured, documents: list[SearchDocument], folder: Path, *, show_misses: bool) -> None:
    index, before = engine.index, engine.memory()
    begun = time.perf_counter()
    held = index.rebuild(documents, 1)
    built = time.perf_counter() - begun
    index.search(SearchQuery(text="mission locale", with_facets=False))
    print(f"\n-- {engine.name}: {held} listings built in {built:.1f} s ({held / built:.0f}/s), {engine.size() / 1e6:.0f} MB")
    questions = [(each, query) for each, query in read_questions(folder) if engine.near or query.near is None]
    figures = ask(index, questions)  # type: ignore[arg-type]
    report(figures)
    print(f"  memory {engine.memory() / 1e6:.0f} MB (before the build {before / 1e6:.0f})")
    print(f"  a change is visible after {_until_visible(index):.0f} ms")
    texts = [query for each, query in questions if each["expected"]][:400]
    if engine.near:
        points = [query.near for _, query in questions if query.near][:100]
        _timed("text and facets", index, [replace(query, with_facets=True) for query in texts])
        _timed("nearest first, no text", index, [SearchQuery(near=near, sort="distance", with_facets=False) for near in points])
        nearest = [SearchQuery(text="formation", near=near, sort="distance", with_facets=False) for near in points]
        _timed("nearest first, one common word", index, nearest)
    rate, updates = _read_beside_a_writer(index, texts)
    print(f"  four readers beside a writer: {rate:.0f} questions/s, {updates} updates in 5 s")
    if show_misses:
        for kind, one in figures.items():
            print(f"\n{kind}", *one.misses, sep="\n  ")


def main(folder: Path, listings: int | None = None, *, only: Sequence[str] = (), show_misses: bool = False) -> None:
    """Build the index of a corpus on each engine in turn, ask its questions, print the figures.

    Args:
        folder: What ``corpus.py`` wrote.
        listings: Only the first so many listings; all of them when None (questions on the others then miss).
        only: Names of engines; all of them when empty.
        show_misses: Print the questions whose answer did not come first.
    """
    documents = list(islice(read_documents(folder), listings))
    with tempfile.TemporaryDirectory() as place, engines(Path(place)) as found:
        for engine in found:
            if not only or engine.name in only:
                _measure(engine, documents, folder, show_misses=show_misses)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--listings", type=int)
    parser.add_argument("--only", action="append", default=[], choices=["embedded", "meilisearch", "fts5"])
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    sys.exit(main(options.folder, options.listings, only=options.only, show_misses=options.misses))
