"""TravelTime: how long a journey takes by the student's mode; an honest estimate offline, a road service where one is set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from directory.columns import FloatArray, IntArray
from directory.density import Density
from directory.errors import GeocodingError
from directory.geocoding.isochrones import Areas
from directory.geocoding.types import Place
from matching.types import Mode, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys:
    """Journeys from one place to many; every array has shape (n,).

    Attributes:
        km: As the crow flies; NaN where there is no point.
        home: Density of the commune of departure.
        there: Density of each commune of arrival (``Density``).
        points: Latitudes north and longitudes east of the arrivals, degrees; few ask for them.
    """

    km: FloatArray
    home: Density
    there: IntArray
    points: Callable[[], tuple[FloatArray, FloatArray]]

    def of(self, some: IntArray, km: FloatArray) -> Journeys:
        """Some of them, over other distances."""

        def points() -> tuple[FloatArray, FloatArray]:
            latitudes, longitudes = self.points()
            return latitudes[some], longitudes[some]

        return Journeys(km=km, home=self.home, there=self.there[some], points=points)


class TravelTime(Protocol):
    """Says how long journeys take.

    Guarantees: no negative time; NaN distances give NaN; the same journey always takes the same time. Public transport by
    timetables (GTFS) is another implementation, for ``Mode.TRANSIT`` in a ``ByMode``.
    """

    def basis(self, mode: Mode) -> str:
        """French: how the time was reckoned, shown beside it."""
        ...

    @property
    def warning(self) -> str:
        """Id of the rule that says what is wrong with the times (``itineraires-indisponibles``); empty when nothing is."""
        ...

    def minutes(self, journeys: Journeys, mode: Mode) -> FloatArray:
        """Minutes one way, door to door, shape (n,)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a mode moves. Triples are by density: rural, intermediate, dense.

    Attributes:
        leaving: Minutes spent before moving, by density of the departure (walking to a stop, waiting for what seldom comes).
        arriving: Minutes spent at the end, by density of the arrival (parking, locking, walking on).
        detour: Length of the way over the straight line.
        near_km: Km of way at each end that are made at the speed of its commune.
        near: Speed there, km/h.
        between: (km of way, km/h): the speed up to that length of the rest, the last one beyond.
    """

    leaving: tuple[float, float, float] = (0, 0, 0)
    arriving: tuple[float, float, float] = (0, 0, 0)
    detour: float
    near_km: tuple[float, float, float] = (2, 2, 2)
    near: tuple[float, float, float]
    between: tuple[tuple[float, float], ...]


# The car: chosen on every other of the known journeys of tests/matching/journeys.csv, rounded, with the traffic of cities.
# Walking, cycling and public transport are derived: usual speeds of the Enquête mobilité des personnes 2019 (SDES), detour of
# streets, a stop and a wait; few lines serve the countryside. The error of each is told in docs/matching.md, with its command.
PACES: Mapping[Mode, Pace] = {
    Mode.WALK: Pace(detour=1.25, near=(4.5, 4.5, 4.5), between=((np.inf, 4.5),)),
    Mode.BIKE: Pace(arriving=(2, 2, 3), detour=1.25, near=(15, 14, 12), between=((np.inf, 15),)),
    Mode.TRANSIT: Pace(
        leaving=(20, 12, 8), arriving=(20, 8, 4), detour=1.3, near_km=(2, 3, 4), near=(30, 22, 18),
        between=((10, 35), (np.inf, 75)),
    ),
    Mode.CAR: Pace(
        arriving=(2, 3, 5), detour=1.4, near_km=(2, 3, 4), near=(38, 32, 26), between=((15, 60), (np.inf, 75))
    ),
}  # fmt: skip


def walking_minutes(km: float) -> float:
    """Minutes on foot for a distance as the crow flies, km."""
    walk = PACES[Mode.WALK]
    return km * walk.detour / walk.near[0] * 60


def made_by(mode: Mode, km: float, minutes: float) -> Mode:
    """How a journey of this distance and time is made: on foot, where nobody would wait for a bus (``EstimatedTravel``)."""
    return Mode.WALK if mode is Mode.TRANSIT and minutes > walking_minutes(km) - 0.5 else mode


@dataclass(frozen=True, slots=True)
class EstimatedTravel:
    """TravelTime by mode, distance and density of both communes: no timetable, no road.

    A longer distance never takes less time. Nobody waits for a bus longer than the walk takes: a journey by public transport
    is made on foot where that is shorter.
    """

    warning: str = ""

    def basis(self, mode: Mode) -> str:
        """French: how the time was reckoned."""
        by = " et la densité des communes" if mode in {Mode.CAR, Mode.TRANSIT} else ""
        return f"estimé d’après la distance à vol d’oiseau{by}" + (
            ", sans horaires, à pied quand c’est plus court" if mode is Mode.TRANSIT else ""
        )

    def minutes(self, journeys: Journeys, mode: Mode) -> FloatArray:
        """Minutes one way, shape (n,)."""
        pace, home, there = PACES[mode], int(journeys.home), journeys.there
        way = journeys.km * pace.detour
        near_km, near, arriving = (np.array(triple) for triple in (pace.near_km, pace.near, pace.arriving))
        first = np.minimum(way / 2, near_km[home])
        last = np.minimum(way / 2, near_km[there])
        total = pace.leaving[home] + first / near[home] * 60 + last / near[there] * 60 + arriving[there]
        rest, begin = way - first - last, 0.0
        for end, speed in pace.between:
            total = total + np.minimum(np.maximum(rest - begin, 0), end - begin) / speed * 60
            begin = end
        return np.asarray(np.minimum(total, self.minutes(journeys, Mode.WALK)) if mode is Mode.TRANSIT else total)


@dataclass(frozen=True, slots=True)
class RoadTravel:
    """TravelTime by what is reached in so many minutes by road: the estimate, kept between the two curves around each point."""

    areas: Areas
    estimate: EstimatedTravel = EstimatedTravel()
    warning: str = ""

    def basis(self, mode: Mode) -> str:
        """French: how the time was reckoned."""
        return f"{MODE_ROADS[mode]} ({self.areas.source}, depuis la mairie)"

    def minutes(self, journeys: Journeys, mode: Mode) -> FloatArray:
        """Minutes one way, shape (n,)."""
        least, most = self.areas.between(*journeys.points())
        parking = np.array(PACES[mode].arriving)[journeys.there]
        return np.asarray(np.clip(self.estimate.minutes(journeys, mode), least + parking, most + parking))


@dataclass(frozen=True, slots=True)
class ByMode:
    """TravelTime of another implementation for each mode that has its own, the estimate for the others."""

    times: Mapping[Mode, TravelTime]
    otherwise: TravelTime = field(default_factory=EstimatedTravel)
    warning: str = ""

    def basis(self, mode: Mode) -> str:
        """French: how the time was reckoned."""
        return self.times.get(mode, self.otherwise).basis(mode)

    def minutes(self, journeys: Journeys, mode: Mode) -> FloatArray:
        """Minutes one way, shape (n,)."""
        return self.times.get(mode, self.otherwise).minutes(journeys, mode)


class AreaService(Protocol):
    """Knows what can be reached by road from a commune (``directory.geocoding.isochrones``)."""

    def reached_from(self, code_commune: str, profile: str) -> Areas:
        """What can be reached from a commune's town hall, by ``car`` or on foot (``pedestrian``).

        Raises:
            GeocodingError: The service did not answer.
        """
        ...


MODE_ROADS = {Mode.WALK: "par les rues et chemins", Mode.CAR: "par la route, sans trafic"}
_PROFILES = {Mode.CAR: "car", Mode.WALK: "pedestrian"}
UNAVAILABLE = "itineraires-indisponibles"
TOO_MANY = "itineraires-trop-nombreux"


def travel_for(place: Place, mode: Mode | None, service: AreaService | None) -> TravelTime:
    """How a student's journeys are reckoned: by the road service for the modes that it knows, where one is set and answers.

    The service is told the commune, never the address (domain rule on privacy).
    """
    profile = _PROFILES.get(mode) if mode is not None else None
    if service is None or profile is None or mode is None or not place.code_commune:
        return EstimatedTravel()
    try:
        areas = service.reached_from(place.code_commune, profile)
    except GeocodingError:
        return EstimatedTravel(warning=UNAVAILABLE)
    return ByMode({mode: RoadTravel(areas)})


MOST_COMMUNES = 10
"""Communes of departure for which the road service is asked for one cohort: a page waits for each of them."""


@dataclass(frozen=True, slots=True)
class CohortTravel:
    """How the journeys of many students are reckoned: all by the road service, or all by the estimate, for they are compared.

    Attributes:
        times: Commune's code and mode → how its journeys are reckoned; the estimate where it is absent.
        warning: Id of the rule that says what is wrong with the times; empty when nothing is.
    """

    times: Mapping[tuple[str | None, Mode | None], TravelTime] = field(default_factory=dict)
    warning: str = ""

    def of(self, profile: Profile) -> TravelTime:
        """How a student's journeys are reckoned."""
        return self.times.get((profile.place.code_commune, profile.mode), EstimatedTravel())


def travel_of_cohort(profiles: Iterable[Profile], service: AreaService | None) -> CohortTravel:
    """As ``travel_for`` for each student; the estimate for all where they leave from many communes, or one is not answered."""
    leaving = {(profile.place.code_commune, profile.mode): profile.place for profile in profiles if profile.mode in _PROFILES}
    if service is None:
        return CohortTravel()
    if len({commune for commune, _ in leaving}) > MOST_COMMUNES:
        return CohortTravel(warning=TOO_MANY)
    times: dict[tuple[str | None, Mode | None], TravelTime] = {}
    for (commune, mode), place in leaving.items():
        time = travel_for(place, mode, service)
        if time.warning:
            return CohortTravel(warning=time.warning)
        times[commune, mode] = time
    return CohortTravel(times)
