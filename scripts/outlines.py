"""Writes the outlines of the départements as the map of the pages reads them, from a GeoJSON of already simplified outlines.

Run by hand when the départements change: ``python scripts/outlines.py departements.geojson``. The source stands in
``directory/data/SOURCES.md``. The form is a third of GeoJSON's: for each département its code, its name, and its rings, each a
flat list of thousandths of a degree (east, north), the first absolute and the next ones relative to the one before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "web" / "static" / "map" / "departements.json"


def write_outlines(source: Path, target: Path = TARGET) -> int:
    """Write the outlines, and return how many départements they are of."""
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    rows = []
    for feature in features:
        kind, coordinates = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        polygons = coordinates if kind == "MultiPolygon" else [coordinates]
        rings = [pack(ring) for polygon in polygons for ring in polygon]
        rows.append([feature["properties"]["code"], feature["properties"]["nom"], rings])
    target.write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return len(rows)


def pack(ring: Iterable[Sequence[float]]) -> list[int]:
    """A ring as thousandths of a degree, relative; points that rounding makes equal to the one before are left out."""
    packed: list[int] = []
    last_east = last_north = 0
    for longitude, latitude in ring:
        east, north = round(longitude * 1000), round(latitude * 1000)
        if packed and (east, north) == (last_east, last_north):
            continue
        packed += [east - last_east, north - last_north]
        last_east, last_north = east, north
    return packed


if __name__ == "__main__":
    print(write_outlines(Path(sys.argv[1])), "départements")
