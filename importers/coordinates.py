"""A stated point: degrees, degrees the wrong way round, or Lambert-93 metres; repaired where that is certain."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from directory.errors import InvalidValue
from directory.geocoding.nearness import distance_to, is_plainly_near, near_enough_km
from directory.geocoding.types import Place
from importers.values.text import says_nothing, tidy

_NUMBER = re.compile(r"[+-]?\d{1,8}(?:\.\d{1,20})?", re.ASCII)
# Metropolitan France, then the overseas départements: south, north, west, east, in degrees.
_BOXES = (
    (41.2, 51.2, -5.3, 9.7),
    (14.3, 18.2, -63.2, -60.7),
    (2.0, 6.0, -54.7, -51.5),
    (-21.5, -20.8, 55.1, 55.9),
    (-13.1, -12.5, 44.9, 45.4),
)
# Where Lambert-93 eastings and northings lie in metropolitan France, in metres.
_EASTINGS, _NORTHINGS = (90_000.0, 1_250_000.0), (6_000_000.0, 7_130_000.0)
# RGF93 / Lambert-93 (EPSG:2154): ellipsoid GRS 80, standard parallels 44° and 49°, origin 46.5° N 3° E (IGN, NTG_71).
_E = 0.08181919106
_N, _C, _XS, _YS = 0.7256077650, 11_754_255.426, 700_000.0, 12_655_612.050


@dataclass(frozen=True, slots=True)
class StatedPoint:
    """A point as it was understood.

    Attributes:
        note: French: how it was repaired; empty when it was not.
        doubt: French: why it is not believed; latitude and longitude are then None.
    """

    latitude: float | None = None
    longitude: float | None = None
    note: str = ""
    doubt: str = ""


def parse_number(text: str) -> float | None:
    """A coordinate of any system, with a point or a comma; None for an empty cell.

    Raises:
        InvalidValue: Not a number.
    """
    if _NUMBER.fullmatch(text):
        return float(text)
    cell = tidy(text).replace(" ", "").replace(",", ".")
    if not cell or says_nothing(cell):
        return None
    if not _NUMBER.fullmatch(cell):
        raise InvalidValue("coordonnees", text, "not a number", public=f"« {tidy(text)[:80]} » n’est pas une coordonnée.")
    return float(cell)


def understand_point(latitude: float | None, longitude: float | None, commune: Place | None) -> StatedPoint:
    """A stated point, believed when it lies in France and near its commune (``directory.geocoding.nearness``).

    Two numbers the wrong way round, and Lambert-93 metres, are repaired when they then lie where they should, and did not before:
    near the commune, or in France where the commune is not known.

    Args:
        latitude: As stated, in whatever system.
        longitude: As stated.
        commune: The record's commune, or None.
    """
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return StatedPoint()
    if _believable(latitude, longitude, commune):
        return StatedPoint(latitude, longitude)
    repairs = [
        (longitude, latitude, "Latitude et longitude inversées : remises dans l’ordre."),
        *((*degrees, "Coordonnées Lambert-93 : converties en degrés.") for degrees in _from_lambert(latitude, longitude)),
    ]
    for lat, lon, note in repairs:
        if _believable(lat, lon, commune):
            return StatedPoint(round(lat, 7), round(lon, 7), note=note)
    far = distance_to(commune, latitude, longitude) if commune is not None and abs(latitude) <= 90 else None
    if commune is not None and far is not None:
        return StatedPoint(doubt=f"Coordonnées à {far:.0f} km de {commune.label} : le point de la commune est pris à la place.")
    return StatedPoint(doubt="Coordonnées hors de France : laissées de côté.")


def _believable(latitude: float, longitude: float, commune: Place | None) -> bool:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return False
    if commune is not None and is_plainly_near(commune, latitude, longitude):
        return True
    far = distance_to(commune, latitude, longitude) if commune is not None else None
    if commune is None or far is None:
        return any(south <= latitude <= north and west <= longitude <= east for south, north, west, east in _BOXES)
    return far <= near_enough_km(commune)


def _from_lambert(one: float, other: float) -> list[tuple[float, float]]:
    """Degrees of two Lambert-93 coordinates, in whichever order they stand; none when they are none."""
    pairs = ((one, other), (other, one))
    return [
        lambert93_to_degrees(x, y) for x, y in pairs if _EASTINGS[0] <= x <= _EASTINGS[1] and _NORTHINGS[0] <= y <= _NORTHINGS[1]
    ]


def lambert93_to_degrees(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude (RGF93, the same as WGS 84 within a metre) of Lambert-93 metres.

    The inverse of a Lambert conformal conic projection, as IGN states it (NTG_71, algorithm 4).
    """
    radius = math.hypot(x - _XS, y - _YS)
    gamma = math.atan((x - _XS) / (_YS - y))
    isometric = -math.log(radius / _C) / _N
    latitude = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _ in range(20):
        eccentric = _E * math.sin(latitude)
        latitude = 2 * math.atan(((1 + eccentric) / (1 - eccentric)) ** (_E / 2) * math.exp(isometric)) - math.pi / 2
    return math.degrees(latitude), 3.0 + math.degrees(gamma / _N)
