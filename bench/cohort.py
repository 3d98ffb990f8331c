"""Figures of the cohort: seconds to share the places of a lycée and of an académie, and what exactness gains over greed.

    python -m bench.cohort FOLDER

FOLDER is what the shared ``corpus.py`` wrote. Its companies are moved into one académie (around Rennes); students are invented.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from directory.catalogue import Catalogue, build_catalogue
from directory.catalogue_rows import ROW_COLUMNS
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.models.record import ListingRecord
from directory.occupations import occupations_of_naf
from directory.territory import Bassins
from matching.cohort import Place, Student, assign
from matching.profile import parse_profile

AT = date(2026, 11, 24)
_SOUTH, _WEST, _HEIGHT, _WIDTH = 47.6, -2.4, 1.1, 1.6
_OCCUPATIONS = ("G1602", "G1803", "D1106", "D1507", "I1604", "F1703", "F1602", "J1301", "K1302", "N4101", "M1607", "D1202")
_PATHS = {"stage": "internship", "immersion": "immersion", "apprentissage": "apprenticeship", "emploi": "job"}


def main() -> None:
    """Print the figures."""
    folder = Path(sys.argv[1])
    chance = random.Random(11)
    gazetteer = open_gazetteer(folder.parent / "gazetteer")
    for name, students, places, capacity in (
        ("lycée", 40, 200, 1),
        ("lycée, few places", 40, 25, 1),
        ("académie", 2000, 5000, 2),
    ):
        _measure(name, folder, gazetteer, chance, students, places, capacity)


def _measure(
    name: str, folder: Path, gazetteer: Gazetteer, chance: random.Random, students: int, places: int, capacity: int
) -> None:
    wide = 0.15 if name.startswith("lycée") else 1.0
    catalogue = _catalogue(folder, chance, places, wide)
    cohort = [Student(reference=f"{rank:05}", profile=_profile(gazetteer, chance, wide)) for rank in range(students)]
    offered = [Place(listing=listing, capacity=chance.randint(1, capacity)) for listing in catalogue.ids]
    started = time.perf_counter()
    answer = assign(cohort, offered, catalogue, at=AT)
    seconds = time.perf_counter() - started
    served = len({one.student for one in answer.assignments})
    gain = 100 * (answer.usefulness / answer.greedy_usefulness - 1) if answer.greedy_usefulness else 0.0
    print(
        f"{name}: {students} students, {len(catalogue)} places of up to {capacity}: {seconds:.2f} s; "
        f"served {served} (greedy {answer.greedy_served}), usefulness {answer.usefulness:.0f} ({gain:+.2f} % over greedy)"
    )


def _catalogue(folder: Path, chance: random.Random, places: int, wide: float) -> Catalogue:
    rows = []
    for pk, (listing, record) in enumerate(_companies(folder, chance, places, wide), 1):
        values: dict[str, Any] = {**record.model_dump(mode="json"), "pk": pk, "id": listing}
        rows.append(tuple(values[column] for column in ROW_COLUMNS))
    return build_catalogue(rows, [])


def _companies(folder: Path, chance: random.Random, places: int, wide: float) -> Iterator[tuple[str, ListingRecord]]:
    with (folder / "companies.csv").open(encoding="utf-8", newline="") as file:
        for row, _ in zip(csv.DictReader(file), range(places), strict=False):
            yield row["id"], _record(row, chance, wide)


def _record(row: Mapping[str, str], chance: random.Random, wide: float) -> ListingRecord:
    codes = [code for code in occupations_of_naf(row["code_naf"]) if code in _OCCUPATIONS]
    return ListingRecord.model_validate(
        {
            "kind": "company",
            "category": "entreprise",
            "name": row["nom"],
            "naf": row["code_naf"],
            "occupations": codes[:1] or [chance.choice(_OCCUPATIONS)],
            "pathways": [_PATHS[word] for word in row["propose"].split(";")],
            "latitude": _SOUTH + chance.random() * _HEIGHT * wide,
            "longitude": _WEST + chance.random() * _WIDTH * wide,
            "precision": "address",
        }
    )


def _profile(gazetteer: Gazetteer, chance: random.Random, wide: float) -> Any:
    data = {
        "age": chance.randint(16, 20),
        "place": chance.choice(("35000 Rennes", "35310 Mordelles", "56380 Guer", "35600 Redon", "35500 Vitré", "35300 Fougères")),
        "wishes": {"occupations": chance.sample(_OCCUPATIONS, 2), "paths": chance.sample(sorted(_PATHS.values()), 2)},
        "mobility": {"mode": chance.choice(("transit", "car", "bike")), "max_minutes": chance.choice((45, 60, 90))},
        "parcours": {"start": "2026-09-01", "end": "2026-12-31"},
    }
    if wide < 1:
        data["place"] = "56380 Guer"
    return parse_profile(data, gazetteer=gazetteer, bassins=Bassins(()), today=AT)


if __name__ == "__main__":
    main()
