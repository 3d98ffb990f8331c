"""One contract for both geocoders, on the real gazetteer and on the Base Adresse Nationale played by a local server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from directory.errors import GeocodingError
from directory.geocoding.addresses import AddressQuery, address_key
from directory.geocoding.ban import BanGeocoder
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.http import Fetcher, is_public_or_loopback
from directory.vocabulary import Precision
from tests.ban_server import Ban, serve_ban
from tests.serving import patience_with


@pytest.fixture
def ban() -> Iterator[Ban]:
    with serve_ban() as server:
        yield server


@pytest.fixture
def geocoder(ban: Ban, gazetteer: Gazetteer, request: pytest.FixtureRequest) -> BanGeocoder:
    timeout = patience_with(request, slow=1.0)
    fetcher = Fetcher(allowed=is_public_or_loopback, pause=0.01, timeout=timeout, deadline=3 * timeout, attempts=2)
    return BanGeocoder(gazetteer=gazetteer, url=ban.url, fetcher=fetcher, pause=0.0)


@pytest.fixture(params=["gazetteer", "ban"])
def either(request: pytest.FixtureRequest, gazetteer: Gazetteer, geocoder: BanGeocoder) -> Any:
    return gazetteer if request.param == "gazetteer" else geocoder


def rennes(street: str) -> AddressQuery:
    return AddressQuery(street=street, code_commune="35238", code_postal="35000", commune="Rennes")


# ---------------------------------------------------------------- the contract
@pytest.mark.parametrize("text", ["Bondy", "93140", "35238", "Ille-et-Vilaine", "Bretagne"])
def test_a_place_is_understood_alike(either: Any, gazetteer: Gazetteer, text: str) -> None:
    assert either.find(text) == gazetteer.find(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "zzzz qqqq", "💥" * 300, "a" * 100_000, "\x00", "1 rue X, zzzz", "'; DROP TABLE commune"]
)
def test_any_text_has_an_answer_that_is_no_error(either: Any, text: str) -> None:
    assert isinstance(either.find(text), Place | AmbiguousPlace | NoSuchPlace)


def test_several_places_of_one_name_are_never_guessed(either: Any) -> None:
    assert isinstance(either.find("Saint-Denis"), AmbiguousPlace)
    assert isinstance(either.find("Saint-Denis", near_departement="93"), Place)


def test_a_commune_is_given_by_its_code_and_suggestions_by_their_beginning(either: Any) -> None:
    assert either.get_commune("35238").code_commune == "35238"
    assert either.get_commune("99999") is None
    assert any(place.code_commune == "35238" for place in either.suggest("renn"))


# ---------------------------------------------------------------- what the service knows
def test_an_address_is_a_place_of_its_commune_with_its_precision(geocoder: BanGeocoder) -> None:
    place = geocoder.find("1 rue du Port inventé, Rennes")

    assert isinstance(place, Place)
    assert (place.level, place.code_commune, place.precision) == ("address", "35238", Precision.ADDRESS)
    assert (place.latitude, place.longitude, place.reach_km) == (48.1109, -1.68, 0.0)
    assert "commune:35238" in place.territories


@pytest.mark.parametrize(
    ("street", "kind", "said"),
    [
        ("1 rue du Port inventé", Place, Precision.ADDRESS),
        ("Rue des Exemples inventés", Place, Precision.STREET),
        ("12 avenue incertaine", AmbiguousPlace, "sans certitude"),
        ("3 place très lointaine", AmbiguousPlace, "km de Rennes"),
        ("Mairie inventée", NoSuchPlace, None),
        ("99 rue que nul ne connaît", NoSuchPlace, None),
    ],
)
def test_each_address_of_a_batch_has_its_own_answer(geocoder: BanGeocoder, street: str, kind: type, said: Any) -> None:
    query = rennes(street)

    answer = geocoder.find_addresses([rennes("1 rue du Port inventé"), query])[query.key]

    assert isinstance(answer, kind)
    if isinstance(answer, AmbiguousPlace):
        assert said in answer.reason
    if isinstance(answer, Place):
        assert answer.precision == said


def test_the_service_is_asked_for_the_commune_and_is_sent_the_address_and_nothing_else(geocoder: BanGeocoder, ban: Ban) -> None:
    geocoder.find_addresses([rennes("1 rue du Port inventé")])

    assert ban.asked == [
        {"rang": "0", "adresse": "1 rue du Port inventé", "commune": "Rennes", "code_postal": "", "code_insee": "35238"}
    ]
    assert {"data", "columns", "citycode", "postcode", "result_columns"} == set(ban.forms[0])


def test_a_city_of_arrondissements_is_asked_by_its_postal_code(geocoder: BanGeocoder, ban: Ban) -> None:
    geocoder.find_addresses(
        [AddressQuery(street="1 rue du Port inventé", code_commune="75056", code_postal="75012", commune="Paris")]
    )

    assert (ban.asked[0]["code_postal"], ban.asked[0]["code_insee"]) == ("75012", "")


# ---------------------------------------------------------------- an outage is not « no such address »
@pytest.mark.parametrize("mood", ["400", "429", "500", "slow", "garbage", "html", "nonsense"])
def test_an_outage_is_an_error_and_never_an_absent_address(geocoder: BanGeocoder, ban: Ban, mood: str) -> None:
    ban.mood = mood

    with pytest.raises(GeocodingError) as outage:
        geocoder.find("1 rue du Port inventé, Rennes")

    assert "adresses" in outage.value.public


def test_a_server_that_is_down_is_an_outage(gazetteer: Gazetteer) -> None:
    with serve_ban() as server:
        url = server.url
    fetcher = Fetcher(allowed=is_public_or_loopback, pause=0.01, timeout=1.0, attempts=1)

    with pytest.raises(GeocodingError):
        BanGeocoder(gazetteer=gazetteer, url=url, fetcher=fetcher).find_addresses([rennes("1 rue du Port inventé")])


def test_half_a_batch_answers_for_its_half_and_says_nothing_of_the_rest(geocoder: BanGeocoder, ban: Ban) -> None:
    ban.mood = "partial"
    queries = [rennes("1 rue du Port inventé"), rennes("99 rue que nul ne connaît")]

    answers = geocoder.find_addresses(queries)

    assert list(answers) == [queries[0].key]


# ---------------------------------------------------------------- the key
def test_one_address_written_in_two_ways_has_one_key() -> None:
    assert address_key("1, rue du Port INVENTÉ – BP 12", "35238") == address_key("1 rue du port inventé", "35238")


@pytest.mark.parametrize("street", ["", "BP 12", "CS 12345", "12", "—"])
def test_what_no_map_knows_is_not_asked(geocoder: BanGeocoder, ban: Ban, street: str) -> None:
    assert geocoder.find_addresses([rennes(street)]) == {}
    assert not ban.asked
