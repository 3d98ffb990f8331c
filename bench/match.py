"""Figures of the matcher at national size: the catalogue, one student's whole answer, ten thousand students, other ways.

    python -m bench.match FOLDER [--students 10000] [--without-search]

FOLDER is what the shared ``corpus.py`` wrote. Its listings are put into a database of our own schema, without the importers; the
students are invented, on real communes. Times are told as the clock had them and as the processor spent them: on a loaded machine
only the second means something.
"""

from __future__ import annotations

import argparse
import csv
import gc
import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
from icalendar import Calendar
from sqlalchemy import insert

from bench.corpus import read_documents
from bench.search import percentiles
from directory.catalogue import Catalogue
from directory.catalogue_holder import CatalogueHolder
from directory.database import open_engine, upgrade
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.models.record import ListingRecord
from directory.models.tables import Listing, ListingCoverage
from directory.repository import Repository
from directory.search.embedded import EmbeddedIndex
from directory.search.types import Near, SearchQuery
from directory.territory import Bassins
from directory.vocabulary import Kind, Pathway, categories, networks
from matching.criteria.occupation import closeness
from matching.needs import get_need, needs
from matching.profile import parse_profile
from matching.ranking import match
from matching.types import Mode, Profile, Situation
from relais.services import COLLECTING

AT = date(2026, 11, 24)
_BATCH = 5_000
_CHANGED = 200
_SEEN = datetime(2026, 11, 1, tzinfo=UTC)
_PROPOSED = {"stage": "internship", "immersion": "immersion", "apprentissage": "apprenticeship", "emploi": "job"}
_ROME = ("G1602", "D1106", "F1703", "I1604", "K1304", "M1607", "N1103", "A1203", "D1202", "F1602")


# ---------------------------------------------------------------- the corpus, as listings


def read_listings(folder: Path) -> Iterator[tuple[dict[str, Any], list[tuple[str, str]]]]:
    """Each listing of a corpus as the values of its record, and its coverage as (scope, code)."""
    for name in ("structures.jsonl", "services.jsonl"):
        with (folder / name).open(encoding="utf-8") as lines:
            for line in lines:
                yield _from_data_inclusion(json.loads(line))
    with (folder / "companies.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _from_company(row)
    yield from _read_events(folder / "events.ics")


def _category_of(carriers: Sequence[str]) -> str:
    return next((code for code, each in categories().items() if each.networks and each.networks[0] in carriers), "association")


def _from_data_inclusion(row: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    carriers = [code for code in row.get("reseaux_porteurs") or () if code in networks()]
    contact = {
        "phone": "+33199000123" if row.get("telephone") else "",
        "email": row.get("courriel") or "",
        "visibility": "public",
    }
    values = {
        "id": row["id"],
        "kind": Kind.PARTNER,
        "category": _category_of(carriers),
        "name": row["nom"],
        "code_commune": row["code_insee"],
        "latitude": row["latitude"],
        "longitude": row["longitude"],
        "networks": carriers,
        "thematiques": list(row.get("thematiques") or ()),
        "publics": list(row.get("publics") or ()),
        "modes_accueil": list(row.get("modes_accueil") or ()),
        "contacts": [contact],
        "updated_at": date.fromisoformat(row["date_maj"]),
    }
    return values, [_zone(code) for code in row.get("zone_eligibilite") or ()]


def _zone(code: str) -> tuple[str, str]:
    scope = {2: "departement", 3: "departement", 5: "commune", 9: "epci"}.get(len(code))
    return (scope, code) if scope else ("france", "")


def _from_company(row: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    return {
        "id": row["id"],
        "kind": Kind.COMPANY,
        "category": "entreprise",
        "name": row["nom"],
        "code_commune": row["code_insee"],
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
        "naf": row["code_naf"],
        "places": int(row["places"]) if row.get("places") else None,
        "pathways": [_PROPOSED[word] for word in row["propose"].split(";")],
        "contacts": [{"phone": "+33199000123", "visibility": "public"}],
    }, []


def _read_events(path: Path) -> Iterator[tuple[dict[str, Any], list[tuple[str, str]]]]:
    for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
        start, end = (event.decoded(name) for name in ("DTSTART", "DTEND"))
        yield (
            {
                "id": str(event["UID"]).partition("@")[0],
                "kind": Kind.EVENT,
                "category": "salon",
                "name": str(event["SUMMARY"]),
                "latitude": event["GEO"].latitude,
                "longitude": event["GEO"].longitude,
                "occurrences": [{"start": _moment(start), "end": _moment(end)}],
            },
            [],
        )


def _moment(value: date) -> str:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def make_database(folder: Path, url: str) -> int:
    """Put a corpus's listings into a database; how many."""
    engine = open_engine(url)
    upgrade(engine)
    silent = ListingRecord(kind=Kind.PARTNER, category="autre", name="x").model_dump(mode="json", exclude={"coverage", "lycee"})
    columns = {column.name for column in Listing.__table__.columns}  # type: ignore[attr-defined]
    silent = {name: value for name, value in silent.items() if name in columns}
    silent |= {"winners": {}, "first_seen": _SEEN, "last_changed": _SEEN, "revision": 1}
    keys, done = count(1), 0
    remaining = read_listings(folder)
    while chunk := list(islice(remaining, _BATCH)):
        rows, coverage = [], []
        for values, zones in chunk:
            pk = next(keys)
            rows.append({**silent, **values, "pk": pk})
            coverage += [{"listing_pk": pk, "scope": scope, "code": code} for scope, code in dict.fromkeys(zones)]
        with engine.begin() as connection:
            connection.execute(insert(Listing), rows)
            if coverage:
                connection.execute(insert(ListingCoverage), coverage)
        done += len(rows)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_state SET revision = 1")
    engine.dispose()
    return done


# ---------------------------------------------------------------- the students


def invent_students(gazetteer: Gazetteer, number: int, seed: int) -> list[Profile]:
    """Invented students of communes drawn by their population, parsed like any profile."""
    chance = random.Random(seed)
    with (Path(__file__).parents[1] / "directory" / "data" / "communes.csv").open(encoding="utf-8", newline="") as file:
        communes = [(row["code_insee"], int(row.get("population") or 1)) for row in csv.DictReader(file)]
    codes, people = zip(*communes, strict=True)
    homes = chance.choices(codes, weights=people, k=number)
    return [parse_profile(_invent(chance, home), gazetteer=gazetteer, bassins=Bassins(()), today=AT) for home in homes]


def _invent(chance: random.Random, home: str) -> dict[str, Any]:
    wishes: dict[str, Any] = {"paths": [str(path) for path in chance.sample(list(Pathway), chance.randint(0, 2))]}
    wishes["occupations"] = chance.sample(_ROME, chance.randint(0, 2))
    profile: dict[str, Any] = {
        "age": chance.randint(16, 20),
        "place": f"INSEE {home}",
        "needs": chance.sample(sorted(needs()), chance.randint(0, 3)),
        "wishes": wishes,
        "diploma": {"level": chance.choice(["cap", "bac_pro"])},
    }
    if chance.random() < 0.7:
        profile["situation"] = str(chance.choice(list(Situation)))
    if chance.random() < 0.6:
        profile["mobility"] = {"mode": str(chance.choice(list(Mode))), "max_minutes": chance.choice([30, 45, 60])}
    if chance.random() < 0.8:
        profile["parcours"] = {"start": "2026-09-01"}
    return profile


# ---------------------------------------------------------------- the figures


def _load_figures(url: str, file: Path) -> None:
    """Printed by a process of its own: seconds and memory of loading the catalogue, and seconds of a change."""
    engine = open_engine(url)
    repository, kept = Repository(engine), file.is_file()
    before, begun, cpu = _resident(), time.perf_counter(), time.process_time()
    holder = CatalogueHolder(repository, file=file)
    rows = len(holder.current())
    seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    again = time.perf_counter()
    holder.current()
    warm = time.perf_counter() - again
    how = "from its file" if kept else "from the listings, its file written (by a process of its own in production)"
    print(
        f"catalogue {how}: {rows} listings in {seconds:.2f} s ({spent:.2f} s of processor), {_resident():.0f} MB in all, "
        f"{_resident() - before:.0f} of them the catalogue, {file.stat().st_size / 1e6:.0f} of these a file that all share; "
        f"again unchanged {1000 * warm:.2f} ms"
    )
    if kept:
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE directory_state SET revision = 2")
            connection.exec_driver_sql(f"UPDATE listing SET revision = 2 WHERE pk <= {_CHANGED}")
        begun, cpu = time.perf_counter(), time.process_time()
        holder.current()
        seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
        print(f"  after {_CHANGED} listings changed: {seconds:.2f} s ({spent:.2f} s of processor)")


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _one_by_one(students: Sequence[Profile], catalogue: Catalogue) -> None:
    clock, spent = [], []
    for student in students:
        begun, cpu = time.perf_counter(), time.process_time()
        match(student, catalogue, at=AT)
        spent.append(1000 * (time.process_time() - cpu))
        clock.append(1000 * (time.perf_counter() - begun))
    print(f"one student's whole answer    {percentiles(clock)}  ms p50 p95 p99 by the clock")
    print(f"                              {percentiles(spent)}  ms of processor")


_shared: dict[str, Any] = {}


def _answer(bounds: tuple[int, int]) -> tuple[int, float]:
    cpu = time.process_time()
    for student in _shared["students"][slice(*bounds)]:
        match(student, _shared["catalogue"], at=AT)
    return bounds[1] - bounds[0], time.process_time() - cpu


def _many(students: Sequence[Profile], catalogue: Catalogue) -> None:
    _shared.update(students=students, catalogue=catalogue)
    bounds = [(begin, min(begin + 50, len(students))) for begin in range(0, len(students), 50)]
    begun = time.perf_counter()
    # the children share the catalogue's memory: it is read only
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        done = list(pool.imap_unordered(_answer, bounds))
    seconds, spent = time.perf_counter() - begun, sum(cpu for _, cpu in done)
    print(
        f"{sum(each for each, _ in done)} students on {os.cpu_count()} cores: {seconds:.1f} s by the clock, "
        f"{spent:.1f} s of processor ({spent / (os.cpu_count() or 1):.1f} s for each core)"
    )


def _naive(student: Profile, catalogue: Catalogue) -> float:
    """Seconds of a plain loop over every listing: distance, needs, occupations, and a sort – without rules or reasons."""
    wanted = {code for need in student.needs for code in get_need(need).first}
    begun = time.process_time()
    lat, lon = math.radians(student.place.latitude or 0), math.radians(student.place.longitude or 0)
    found = []
    for row in range(len(catalogue)):
        phi, lam = math.radians(catalogue.lat[row]), math.radians(catalogue.lon[row])
        half = math.sin((phi - lat) / 2) ** 2 + math.cos(phi) * math.cos(lat) * math.sin((lam - lon) / 2) ** 2
        km = 2 * 6371 * math.asin(math.sqrt(half)) if half == half else 1e4  # noqa: PLR0124 - NaN
        covered = bool(wanted & set(catalogue.thematiques.of(row)))
        codes = [catalogue.occupation_codes[index] for index in catalogue.occupations.of(row)]
        near = max((closeness(wish, code) for wish in student.occupations for code in codes), default=0.0)
        found.append((2.0 ** (-km / 12) + covered + near, row))
    found.sort(reverse=True)
    return time.process_time() - begun


def _search_alone(folder: Path, students: Sequence[Profile]) -> None:
    """The search engine asked for the nearest of each kind with the needs' words: no rule, no reason, no plan."""
    with tempfile.TemporaryDirectory() as place:
        index = EmbeddedIndex(Path(place))
        index.rebuild(list(read_documents(folder)), revision=1)
        times = []
        for student in students:
            home = student.place
            near = Near(latitude=home.latitude or 0, longitude=home.longitude or 0, territories=home.territories, radius_km=50)
            words = " ".join(get_need(need).label for need in student.needs)
            cpu = time.process_time()
            for kind in Kind:
                index.search(SearchQuery(text=words, near=near, kinds=(kind,), limit=10, with_facets=False))
            times.append(1000 * (time.process_time() - cpu))
        print(f"the search engine alone       {percentiles(times)}  ms of processor, four kinds, no rules nor reasons")


def main(folder: Path, students: int, *, with_search: bool) -> None:
    """Print the figures of a corpus."""
    gc.set_threshold(*COLLECTING)  # as every process of Relais does
    with tempfile.TemporaryDirectory(prefix="relais-bench-match-") as place:
        url = f"sqlite:///{place}/listings.sqlite3"
        made = make_database(folder, url)
        print(f"{made} listings, {(Path(place) / 'listings.sqlite3').stat().st_size / 1e6:.0f} MB of SQLite")
        file = Path(place) / "catalogue.columns"
        for _ in range(2):  # the first makes the file
            subprocess.run([sys.executable, "-m", "bench.match", "--load", url, "--file", str(file)], check=True)
        gazetteer = open_gazetteer(Path(place))
        catalogue = CatalogueHolder(Repository(open_engine(url)), gazetteer.commune_name, file).current()
        invented = invent_students(gazetteer, students, seed=5)
        for student in invented[:50]:
            match(student, catalogue, at=AT)  # warm
        _one_by_one(invented[:500], catalogue)
        _many(invented, catalogue)
        naive = float(np.median([_naive(student, catalogue) for student in invented[:3]]))
        print(f"a naive loop over every listing, for one student: {naive:.2f} s of processor, without rules nor reasons")
        if with_search:
            _search_alone(folder, invented[:100])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--without-search", action="store_true")
    parser.add_argument("--load", metavar="URL", help="only tell what loading the catalogue of a database costs")
    parser.add_argument("--file", type=Path, help="where that keeps the columns")
    options = parser.parse_args()
    if options.load:
        _load_figures(options.load, options.file)
    else:
        main(options.folder, options.students, with_search=not options.without_search)
