"""How far from its commune's point a place may lie."""

from __future__ import annotations

import math

from directory.geo import haversine_km
from directory.geocoding.types import Place
from directory.territory import city_of


def distance_to(commune: Place, latitude: float, longitude: float) -> float | None:
    """Kilometres from a commune's point; None where it has none."""
    if commune.latitude is None or commune.longitude is None:
        return None
    return float(haversine_km(latitude, longitude, commune.latitude, commune.longitude))


def near_enough_km(commune: Place) -> float:
    """How far from its commune's point (the town hall) a place of the commune may lie, in km.

    Twice the reach, which is the half-diagonal of a square of the commune's area, since the town hall may stand at one end of a
    commune that is no square; and 3 km for points that are not quite right. An arrondissement has 6 km.
    """
    return 2 * commune.reach_km + (6.0 if city_of(commune.code_commune) else 3.0)


def is_plainly_near(commune: Place, latitude: float, longitude: float) -> bool:
    """Whether a point is near enough, at the cost of a few multiplications; False where only the exact distance can tell."""
    if commune.latitude is None or commune.longitude is None:
        return False
    north = 111.5 * (latitude - commune.latitude)
    east = 111.5 * (longitude - commune.longitude) * math.cos(math.radians(commune.latitude))
    return math.hypot(north, east) < 0.98 * near_enough_km(commune)
