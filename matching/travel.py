"""TravelTime: how long a journey takes by the student's mode; an honest estimate offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from directory.columns import FloatArray
from matching.types import Mode


class TravelTime(Protocol):
    """Estimates journeys.

    Guarantees: for one mode, a longer distance never takes less time; NaN distances give NaN; no negative time.
    """

    @property
    def basis(self) -> str:
        """French: how the time was reckoned, shown beside it."""
        ...

    def minutes(self, km: FloatArray, mode: Mode) -> FloatArray:
        """Minutes one way for straight-line distances in km, same shape."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How a mode moves.

    Attributes:
        fixed: Minutes spent whatever the distance (walking to a stop and waiting, parking, locking).
        detour: Length of the way over the straight line.
        bands: (km of way, km/h): the speed up to that length of way, the last one beyond.
    """

    fixed: float
    detour: float
    bands: tuple[tuple[float, float], ...]


# Orders of magnitude of the Enquête mobilité des personnes 2019 (SDES): walking 4.5 km/h, cycling 14, public transport door to
# door 15–25 in towns, the car 25 in towns and 60–80 between them. Detour 1.3: usual ratio of road to straight line.
PACES: Mapping[Mode, Pace] = {
    Mode.WALK: Pace(0, 1.25, ((np.inf, 4.5),)),
    Mode.BIKE: Pace(2, 1.25, ((np.inf, 14),)),
    Mode.TRANSIT: Pace(12, 1.3, ((10, 20), (30, 40), (np.inf, 60))),
    Mode.CAR: Pace(5, 1.3, ((5, 25), (30, 50), (np.inf, 80))),
}


@dataclass(frozen=True, slots=True)
class EstimatedTravel:
    """TravelTime by distance and mode alone: no timetable, no road."""

    basis: str = "estimé à vol d’oiseau"

    def minutes(self, km: FloatArray, mode: Mode) -> FloatArray:
        """Minutes one way for straight-line distances in km, same shape."""
        pace = PACES[mode]
        way = km * pace.detour
        total = np.full_like(way, pace.fixed)
        begin = 0.0
        for end, speed in pace.bands:
            total += np.minimum(np.maximum(way - begin, 0), end - begin) / speed * 60
            begin = end
        return total
