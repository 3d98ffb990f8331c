"""The error of the offline estimate of journeys, by mode, on the known journeys of tests/matching/journeys.csv.

The car’s speeds were chosen on every other journey, with all errors in sight: the row « every other » is no unseen set.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from directory.density import density_of
from directory.geo import haversine_km
from matching.travel import PACES, EstimatedTravel, Journeys
from matching.types import Mode

JOURNEYS = Path(__file__).resolve().parents[1] / "tests" / "matching" / "journeys.csv"


@dataclass(frozen=True, slots=True)
class Known:
    """A journey whose time is published: moving only, without the fixed minutes (parking, walking to a stop, waiting)."""

    mode: Mode
    start: str
    end: str
    km: float
    minutes: float
    source: str


@cache
def _points() -> dict[str, tuple[float, float]]:
    text = resources.files("directory").joinpath("data", "communes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code_insee"]: (float(row["lat"]), float(row["lon"])) for row in rows if row["lat"]}


def known_journeys() -> list[Known]:
    """The table. Where only the length of the way is published (10 km in a town), the straight line is deduced from it."""
    found = []
    with JOURNEYS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            mode = Mode(row["mode"])
            if row["way_km"]:
                km = float(row["way_km"]) / PACES[mode].detour
            else:
                (lat, lon), (lats, lons) = _points()[row["from"]], _points()[row["to"]]
                km = float(haversine_km(lat, lon, [lats], [lons])[0])
            found.append(Known(mode, row["from"], row["to"], km, float(row["minutes"]), row["source"]))
    return found


def estimated(journey: Known) -> float:
    """Our minutes for a known journey, the fixed ones taken off."""
    home, there = density_of(journey.start), density_of(journey.end)
    nowhere = np.zeros(1)
    journeys = Journeys(km=np.array([journey.km]), home=home, there=np.array([int(there)]), points=lambda: (nowhere, nowhere))
    pace = PACES[journey.mode]
    return float(EstimatedTravel().minutes(journeys, journey.mode)[0]) - pace.leaving[home] - pace.arriving[there]


def errors(journeys: Sequence[Known]) -> np.ndarray:
    """Relative errors, signed: +0.2 is a fifth too long."""
    return np.array([estimated(journey) / journey.minutes - 1 for journey in journeys])


def main() -> None:
    """Print the table of errors."""
    known = known_journeys()
    print("mode      set                 n   bias  median |error|   p90 |error|   median minutes off")
    for mode in Mode:
        mine = [journey for journey in known if journey.mode is mode]
        if not mine:
            print(f"{mode:<9} no known journey: derived from a usual speed, error not measured")
            continue
        sets = {"all": mine, "every other": mine[1::2]} if mode is Mode.CAR else {"all": mine}
        if mode is Mode.CAR:
            sets["rural or small town"] = [each for each in mine if "Isere" in each.source]
            sets["suburbs, no traffic"] = [each for each in mine if "cardist" in each.source]
            sets["10 km in a city"] = [each for each in mine if "TomTom" in each.source]
        for name, chosen in sets.items():
            off = errors(chosen)
            minutes = np.median([abs(estimated(each) - each.minutes) for each in chosen])
            size = np.abs(off)
            row = f"{len(chosen):3}  {np.median(off):+5.0%}  {np.median(size):14.0%}  {np.quantile(size, 0.9):12.0%}"
            print(f"{mode:<9} {name:<19} {row}  {minutes:19.1f}")


if __name__ == "__main__":
    main()
