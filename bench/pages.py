"""Server time of the pages at national size, and what their first load weighs.

    python -m bench.pages FOLDER [--questions N] [--data DATA]

FOLDER is what the shared ``corpus.py`` wrote; its files are imported first, unless DATA already holds them. A page is asked
of the application itself, without network: its time is the server's. Each is told in processor time, then as the clock had it.
"""

from __future__ import annotations

import argparse
import gc
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from bench.corpus import read_questions
from bench.imports import FILES, run_stage
from bench.search import percentiles
from directory.services import Services
from directory.settings import read_settings
from relais.services import COLLECTING, build_services
from tests.web.test_weight import DESIGN_SYSTEM, addresses, map_addresses, weigh
from web import create_app

TARGET = "target: a results page within 50 ms at p95; a first load under 200 kB compressed beyond the design system"
_BROWSING = (
    "",
    "categorie=mission_locale",
    "genre=event",
    "genre=company",
    "lieu=Rennes",
    "lieu=Bondy&genre=company&metier=G1602",
    "lieu=Lyon&theme=logement-hebergement",
    "lieu=Vitr%C3%A9&q=logement",
    "q=stage+cuisine+bondy",
    "q=salon+apprentissage+octobre",
    "q=logement&lieu=Lille&rayon=20",
    "categorie=cio&tri=distance&lieu=Brest",
    "q=mission+locale",
    "voie=internship&lieu=Toulouse",
)
_ROUNDS = 4
_MOST_LISTINGS = 200
_STUDENTS: tuple[Mapping[str, Any], ...] = (
    {"place": "35300 Fougères", "age": "16"},
    {"place": "93140 Bondy", "age": "18", "situation": "graduate", "occupations": "cuisinier", "paths": "internship"},
    {"place": "75018 Paris", "age": "19", "needs": "logement"},
    {"place": "15000 Aurillac", "age": "17", "mode": "transit", "max_minutes": "45"},
)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--data", type=Path, help="a directory that already holds the corpus")
    given = parser.parse_args()
    gc.set_threshold(*COLLECTING)  # as every process of Relais does
    with imported_directory(given.corpus, given.data) as services, create_app(services).test_client() as client:
        print(f"{sum(services.repository.count_listings().values()):,} listings; {TARGET}")
        texts = [asked.query.text for asked in read_questions(given.corpus) if asked.query.text]
        _print_times(client, texts[:: max(1, len(texts) // given.questions)][: given.questions])
        _print_weights(client)


@contextmanager
def imported_directory(corpus: Path, data: Path | None) -> Iterator[Services]:
    """The directory of a corpus, imported first unless a folder already holds it."""
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        if data is None:
            for source in FILES:
                run_stage("import", corpus, Path(folder), source)
        services = build_services(read_settings({"RELAIS_DATA": str(data or folder)}))
        services.keeper.catch_up()
        yield services


def _print_times(client: FlaskClient, texts: list[str]) -> None:
    print(f"{'page':<34} {'asked':>6}   processor ms: p50 p95 p99    clock ms: p50 p95 p99")
    client.get("/recherche?q=cio")  # warms
    found: list[str] = []
    _tell("results of a question", [_timed(client, "/recherche", found, q=text) for text in texts])
    _tell("results of browsing", [_timed(client, f"/recherche?{query}") for _ in range(_ROUNDS) for query in _BROWSING])
    ids = list(dict.fromkeys(key for page in found for key in re.findall(r'href="/fiches/([^"]+)"', page)[:1]))
    _tell("a listing", [_timed(client, f"/fiches/{key}") for key in ids[:_MOST_LISTINGS]])
    client.post("/propositions", data=_STUDENTS[0])  # the catalogue
    _tell("a student's answer", [_timed(client, "/propositions", data=student) for _ in range(_ROUNDS) for student in _STUDENTS])


def _timed(client: FlaskClient, path: str, found: list[str] | None = None, data: Any = None, **query: str) -> tuple[float, float]:
    """Processor and clock milliseconds of one page."""
    cpu, clock = time.process_time(), time.perf_counter()
    answer = client.post(path, data=data) if data else client.get(path, query_string=query or None)
    spent = 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - clock)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} {query}: {answer.status_code}")
    if found is not None:
        found.append(answer.text)
    return spent


def _tell(name: str, times: Iterable[tuple[float, float]]) -> None:
    cpu, clock = zip(*times, strict=True)
    print(f"{name:<34} {len(cpu):>6}   {percentiles(cpu)}    {percentiles(clock)}", flush=True)


def _print_weights(client: FlaskClient) -> None:
    print(f"\n{'first load, kB compressed':<34} {'page':>6} {'beyond the design system':>25} {'with it':>8}")
    for path in ("/", "/recherche", "/recherche?q=logement&lieu=Rennes", "/recherche?lieu=Rennes&vue=carte", "/mon-lycee"):
        page = client.get(path)
        named = addresses(page.text) | (map_addresses(page.text) if "vue=carte" in path else set())
        weights = {address: weigh(client, address) for address in named}
        own = sum(weight for address, weight in weights.items() if not DESIGN_SYSTEM.match(address))
        html = weigh(client, path)
        figures = (html, html + own, html + sum(weights.values()))
        print(f"{path:<34} {figures[0] / 1000:6.1f} {figures[1] / 1000:25.1f} {figures[2] / 1000:8.1f}")


if __name__ == "__main__":
    main()
