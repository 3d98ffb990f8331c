"""How long journeys take: the estimate against known journeys, the road service, and what stands when it does not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from http.server import BaseHTTPRequestHandler
from math import cos, radians
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.travel import errors, known_journeys
from directory.density import Density, density_of
from directory.errors import GeocodingError
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.isochrones import AGAIN_SECONDS, BANDS, KEPT_DAYS, IsochroneService
from directory.http import Fetcher, is_public_or_loopback
from directory.vocabulary import Kind
from matching.ranking import match
from matching.travel import (
    MOST_COMMUNES,
    TOO_MANY,
    UNAVAILABLE,
    EstimatedTravel,
    Journeys,
    TravelTime,
    travel_for,
    travel_of_cohort,
)
from matching.types import Answer, Mode
from tests.matching.factories import VITRE, catalogue_of, listing, student
from tests.serving import patience_with, serving

AT = date(2026, 11, 24)


def journeys(km: list[float], home: Density = Density.RURAL, there: Density = Density.RURAL) -> Journeys:
    """Journeys due north of Vitré's town hall."""
    distances = np.array(km)
    return Journeys(
        km=distances,
        home=home,
        there=np.full(len(km), int(there)),
        points=lambda: (48.1234 + distances / 111.195, np.full(len(km), -1.2094)),
    )


# ---------------------------------------------------------------- the estimate


def test_the_car_is_estimated_within_a_quarter_for_half_of_the_known_journeys() -> None:
    car = [journey for journey in known_journeys() if journey.mode is Mode.CAR]
    off = errors(car)

    assert len(car) >= 100
    assert abs(np.median(off)) <= 0.15
    assert np.median(np.abs(off)) <= 0.25
    assert np.quantile(np.abs(off), 0.9) <= 0.75


def test_every_known_journey_names_its_source() -> None:
    assert all(journey.source and journey.minutes > 0 and journey.km > 0 for journey in known_journeys())


@pytest.mark.parametrize(
    ("code", "density"),
    [("75101", Density.DENSE), ("35238", Density.DENSE), ("35360", Density.INTERMEDIATE), ("35214", Density.RURAL)],
)
def test_towns_and_countryside_are_told_apart(code: str, density: Density) -> None:
    assert density_of(code) is density


def test_an_unknown_commune_is_taken_for_a_small_town() -> None:
    assert density_of("") is density_of("99999") is Density.INTERMEDIATE


def test_ten_kilometres_take_longer_to_the_heart_of_a_city_than_to_a_village() -> None:
    village, city = (
        EstimatedTravel().minutes(journeys([10.0], there=there), Mode.CAR)[0] for there in (Density.RURAL, Density.DENSE)
    )

    assert village < city


def test_public_transport_serves_cities_better_than_villages() -> None:
    village, city = (
        EstimatedTravel().minutes(journeys([5.0], home=each, there=each), Mode.TRANSIT)[0]
        for each in (Density.RURAL, Density.DENSE)
    )

    assert city < village


@pytest.mark.parametrize("density", Density)
def test_nobody_waits_for_a_bus_longer_than_the_walk_takes(density: Density) -> None:
    near, far = journeys([0.3], density, density), journeys([15.0], density, density)
    travel = EstimatedTravel()

    assert travel.minutes(near, Mode.TRANSIT)[0] == travel.minutes(near, Mode.WALK)[0] < 6
    assert travel.minutes(far, Mode.TRANSIT)[0] < travel.minutes(far, Mode.WALK)[0]


@pytest.mark.parametrize(("km", "said"), [(0.3, "à pied"), (12.0, "en transport en commun")])
def test_a_journey_is_said_to_be_made_as_it_is(km: float, said: str) -> None:
    answer = match(student(mode=Mode.TRANSIT), catalogue_of(listing("club", at_km=km)), at=AT)

    effort = next(each for each in answer.sections[Kind.PARTNER][0].contributions if each.criterion == "trajet")
    assert effort.reason.endswith(said)


@given(
    st.sampled_from(Mode),
    st.sampled_from(Density),
    st.sampled_from(Density),
    st.lists(st.floats(0, 500), min_size=2, max_size=20),
)
def test_a_longer_way_never_takes_less_time_and_none_is_negative(
    mode: Mode, home: Density, there: Density, km: list[float]
) -> None:
    minutes = EstimatedTravel().minutes(journeys(sorted(km), home, there), mode)

    assert (np.diff(minutes) >= -1e-9).all()
    assert (minutes >= 0).all()


def test_what_has_no_point_has_no_time() -> None:
    assert np.isnan(EstimatedTravel().minutes(journeys([np.nan]), Mode.BIKE)[0])


def test_the_basis_of_the_estimate_is_shown() -> None:
    answer = match(student(mode=Mode.TRANSIT), catalogue_of(listing("club", at_km=5)), at=AT)

    effort = next(each for each in answer.sections[Kind.PARTNER][0].contributions if each.criterion == "trajet")
    assert "vol d’oiseau" in effort.source
    assert "sans horaires" in effort.source


# ---------------------------------------------------------------- the road service


@dataclass
class Navigation:
    """The navigation service's part, played on the loopback: around each point, a square of so many km a minute.

    Attributes:
        mood: ``well``, ``500``, ``slow``, ``garbage``, ``no polygon``, ``huge`` or ``wearing`` (well twice, then 503).
        asked: The parameters received, in order.
    """

    url: str = ""
    mood: str = "well"
    km_a_minute: float = 0.5
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, asked: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(asked)
        if self.mood == "500" or (self.mood == "wearing" and len(self.asked) > 2):
            return 503, b"down"
        if self.mood == "slow":
            threading.Event().wait(1.5)
        if self.mood == "garbage":
            return 200, b"<html>maintenance"
        lon, lat = map(float, asked["point"].split(","))
        half = float(asked["costValue"]) * self.km_a_minute / 111.195
        across = half / cos(radians(lat))
        ring = [[lon - across, lat - half], [lon + across, lat - half], [lon + across, lat + half], [lon - across, lat + half]]
        geometry: Any = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        if self.mood == "no polygon":
            geometry = {"type": "Point", "coordinates": [lon, lat]}
        if self.mood == "huge":
            geometry = {"type": "Polygon", "coordinates": [[[float("inf"), lat], *ring]]}
        return 200, json.dumps({"point": asked["point"], "costType": "time", "geometry": geometry}).encode()


@contextmanager
def serve_navigation() -> Iterator[Navigation]:
    navigation = Navigation()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body = navigation.answer(asked) if parts.path == "/navigation/isochrone" else (404, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as url:
        navigation.url = f"{url}/navigation"
        yield navigation


@pytest.fixture
def navigation() -> Iterator[Navigation]:
    with serve_navigation() as playing:
        yield playing


@dataclass
class Clock:
    """Seconds that pass when someone sleeps, or when the test says."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(
    navigation: Navigation, gazetteer: Gazetteer, tmp_path: Path, clock: Clock, request: pytest.FixtureRequest
) -> IsochroneService:
    timeout = patience_with(request, slow=0.5)
    fetcher = Fetcher(timeout=timeout, deadline=2 * timeout, attempts=1, allowed=is_public_or_loopback)
    return IsochroneService(
        url=navigation.url,
        fetcher=fetcher,
        folder=tmp_path / "isochrones",
        commune=gazetteer.get_commune,
        sleep=clock.sleep,
        clock=clock,
    )


def by_car(service: IsochroneService) -> TravelTime:
    return travel_for(VITRE, Mode.CAR, service)


def ask(travel: TravelTime) -> Answer:
    near, far = listing("near", kind="company", at_km=4), listing("far", kind="company", at_km=28)
    return match(student(mode=Mode.CAR, max_minutes=45), catalogue_of(near, far), at=AT, travel=travel)


def test_with_the_service_each_time_lies_between_the_two_curves_around_it(service: IsochroneService) -> None:
    minutes = by_car(service).minutes(journeys([4.0, 12.0, 28.0, 60.0]), Mode.CAR)

    # half a kilometre a minute: 8, 24, 56 and 120 minutes; two more to park in the countryside
    assert [low + 2 <= each <= high + 2 for each, low, high in zip(minutes, (0, 20, 45, 60), (10, 30, 60, 999), strict=True)] == [
        True
    ] * 4


def test_the_service_is_told_the_town_hall_of_the_commune_and_never_the_home(
    service: IsochroneService, navigation: Navigation
) -> None:
    home = replace(VITRE, level="address", latitude=48.1299, longitude=-1.2222, reach_km=0.0)

    travel_for(home, Mode.CAR, service)

    hall = service.commune("35360")
    assert hall is not None
    assert {each["point"] for each in navigation.asked} == {f"{hall.longitude:.4f},{hall.latitude:.4f}"}
    assert not any("48.1299" in each["point"] or "-1.2222" in each["point"] for each in navigation.asked)
    assert {each["profile"] for each in navigation.asked} == {"car"}


def test_one_commune_is_asked_once_in_a_bounded_number_of_questions_with_pauses(
    service: IsochroneService, navigation: Navigation, clock: Clock
) -> None:
    for _ in range(3):
        by_car(service)

    assert [int(each["costValue"]) for each in navigation.asked] == list(BANDS["car"])
    assert len(clock.slept) == len(BANDS["car"]) - 1
    assert all(seconds > 0.2 for seconds in clock.slept)


def test_what_was_answered_long_ago_is_asked_again(service: IsochroneService, navigation: Navigation) -> None:
    by_car(service)
    service.now = lambda: Path(next(service.folder.iterdir())).stat().st_mtime + (KEPT_DAYS + 1) * 86400

    by_car(service)

    assert len(navigation.asked) == 2 * len(BANDS["car"])


@pytest.mark.parametrize("mood", ["500", "slow", "garbage", "no polygon", "huge", "wearing"])
def test_when_the_service_does_not_answer_the_estimate_stands_in_and_it_is_told(
    service: IsochroneService, navigation: Navigation, mood: str
) -> None:
    navigation.mood = mood

    answer = ask(by_car(service))

    assert UNAVAILABLE in {notice.id for notice in answer.notices}
    effort = next(each for each in answer.sections[Kind.COMPANY][0].contributions if each.criterion == "trajet")
    assert "vol d’oiseau" in effort.source
    assert not list(service.folder.glob("*.json"))


def test_after_an_outage_nobody_waits_for_the_service_again_until_a_while_later(
    service: IsochroneService, navigation: Navigation, clock: Clock
) -> None:
    navigation.mood = "500"
    by_car(service)
    navigation.mood = "well"

    still_silent = by_car(service)
    clock.seconds += AGAIN_SECONDS + 1
    again = by_car(service)

    assert (still_silent.warning, again.warning) == (UNAVAILABLE, "") == ("itineraires-indisponibles", "")
    assert len(navigation.asked) == 1 + len(BANDS["car"])


def test_a_service_that_answers_is_named_beside_each_time(service: IsochroneService) -> None:
    answer = ask(by_car(service))

    effort = next(each for each in answer.sections[Kind.COMPANY][0].contributions if each.criterion == "trajet")
    assert "Géoplateforme" in effort.source
    assert UNAVAILABLE not in {notice.id for notice in answer.notices}


def test_roads_that_are_slow_put_a_place_past_the_limit(service: IsochroneService, navigation: Navigation) -> None:
    navigation.km_a_minute = 0.3

    answer = ask(by_car(service))

    far = answer.sections[Kind.COMPANY][1]
    assert far.id == "far"
    assert "trop-loin" in {warning.id for warning in far.warnings}


@pytest.mark.parametrize("mode", [Mode.BIKE, Mode.TRANSIT, None])
def test_modes_that_the_service_does_not_know_are_estimated_and_nothing_is_asked(
    service: IsochroneService, navigation: Navigation, mode: Mode | None
) -> None:
    assert isinstance(travel_for(VITRE, mode, service), EstimatedTravel)
    assert navigation.asked == []


def test_a_commune_without_a_point_is_no_outage_that_lasts(service: IsochroneService) -> None:
    with pytest.raises(GeocodingError):
        service.reached_from("99999", "car")

    assert by_car(service).warning == ""


# ---------------------------------------------------------------- a cohort


def test_a_cohort_s_journeys_are_those_of_the_service_for_each_of_its_students(
    service: IsochroneService, navigation: Navigation
) -> None:
    driver, rider = student(mode=Mode.CAR), student(mode=Mode.BIKE)

    travel = travel_of_cohort([driver, rider, driver], service)

    assert travel.of(driver).basis(Mode.CAR) == by_car(service).basis(Mode.CAR)
    assert isinstance(travel.of(rider), EstimatedTravel)
    assert (travel.warning, len(navigation.asked)) == ("", len(BANDS["car"]))


def test_a_cohort_is_estimated_as_a_whole_where_the_service_fails_for_one(
    service: IsochroneService, navigation: Navigation
) -> None:
    known, unknown = student(mode=Mode.CAR), student(mode=Mode.CAR, place=replace(VITRE, code_commune="99999"))

    travel = travel_of_cohort([known, unknown], service)

    assert (travel.warning, travel.times) == (UNAVAILABLE, {})


def test_a_cohort_from_too_many_communes_asks_nothing_and_says_so(service: IsochroneService, navigation: Navigation) -> None:
    profiles = [
        student(mode=Mode.CAR, place=replace(VITRE, code_commune=f"35{number:03}")) for number in range(MOST_COMMUNES + 1)
    ]

    travel = travel_of_cohort(profiles, service)

    assert (travel.warning, travel.times, navigation.asked) == (TOO_MANY, {}, [])
    assert TOO_MANY == "itineraires-trop-nombreux"
