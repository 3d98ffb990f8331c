"""The register of companies asked from the page: real requests to a server that plays its part; all it knows is invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.http import Fetcher, is_public, is_public_or_loopback
from directory.models.accounts import Role
from directory.services import Services
from importers.company_search import CompanySearch
from tests.register_server import AGENCY, HIDDEN, OPEN, SHUT, Register, serve_register
from tests.web.accounts import add_account, hidden_of, sign_in
from tests.web.conftest import NOW
from web import create_app


@pytest.fixture
def register() -> Iterator[Register]:
    """The register, on the loopback."""
    with serve_register() as served:
        yield served


@pytest.fixture
def asking(own: Services, register: Register) -> Services:
    """The services of an instance that asks it."""
    fetcher = Fetcher(max_bytes=5_000_000, timeout=1.0, deadline=2.0, attempts=1, allowed=is_public_or_loopback)
    search = CompanySearch(url=register.url, fetcher=fetcher, gazetteer=own.gazetteer, clock=lambda: NOW)
    return replace(own, register=search)


@pytest.fixture
def curator(asking: Services) -> FlaskClient:
    """The pages, as a bureau des entreprises of such an instance sees them."""
    client = create_app(asking).test_client()
    sign_in(client, add_account(asking, Role.BUREAU).email)
    return client


def look(client: FlaskClient, **asked: str) -> str:
    return client.get("/bureau/ajouter/entreprise", query_string=asked).text


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def press(client: FlaskClient, siret: str) -> TestResponse:
    form = hidden_of(look(client))
    return client.post("/bureau/ajouter/entreprise/repertoire", data={"jeton": form["jeton"], "siret": siret})


def test_a_company_is_found_by_its_name_and_added_as_the_register_states_it(
    curator: FlaskClient, asking: Services, register: Register
) -> None:
    page = look(curator, nom="menuiserie", ville="Fougères")

    answer = press(curator, AGENCY)

    listing_id = answer.location.split("/")[-1].partition("?")[0]
    added = asking.repository.get_listing(listing_id)
    assert (added.record.name, added.record.siret, added.record.naf) == ("ATELIER NORD", AGENCY, "43.32A")
    assert (added.record.code_commune, added.record.employees_min, added.record.employees_max) == ("35115", 20, 49)
    assert [each.source for each in asking.repository.list_records(listing_id)] == ["entreprises"]
    assert [entry.author for entry in asking.repository.curation.journal(5)] == ["bureau@essai.example"]
    assert [(asked["q"], asked.get("code_commune")) for asked in register.asked] == [("menuiserie", "35115"), (AGENCY, None)]
    assert page.index(AGENCY) < page.index(OPEN)  # the head office is elsewhere
    assert "2 de plus : fermés, ou que l’Insee ne diffuse pas" in words(page)
    assert not [each for each in (SHUT, HIDDEN, "NON-DIFFUSIBLE", "MENUISERIE FERMEE", "MENUISERIE CACHEE") if each in page]
    assert "ATELIER NORD" in curator.get("/recherche?q=atelier+nord").text


def test_a_siret_typed_in_place_of_the_name_is_asked_by_itself_and_opens_what_is_known(
    curator: FlaskClient, register: Register
) -> None:
    spaced = f"{OPEN[:3]} {OPEN[3:6]} {OPEN[6:9]} {OPEN[9:]}"
    asked = look(curator, nom=spaced)
    first = press(curator, OPEN).location

    again = press(curator, OPEN).location
    known = curator.get("/bureau/ajouter/entreprise", query_string={"nom": spaced}).location
    listed, by_siren = look(curator, nom="menuiserie des essais"), look(curator, nom=OPEN[:9])

    assert "MENUISERIE DES ESSAIS" in asked
    assert again == known == first.replace("ajoute", "connue")
    assert all("Déjà dans l’annuaire : MENUISERIE DES ESSAIS" in words(page) for page in (listed, by_siren))


@pytest.mark.parametrize("siret", [SHUT, HIDDEN, "73282932000074"])
def test_what_is_closed_hidden_or_unknown_is_never_added(curator: FlaskClient, asking: Services, siret: str) -> None:
    before = asking.repository.revision()

    page, answer = look(curator, nom=siret), press(curator, siret)

    assert "Aucun établissement ouvert ne répond" in page
    assert (answer.status_code, "ne connaît pas d’établissement ouvert" in answer.text) == (422, True)
    assert asking.repository.revision() == before


@pytest.mark.parametrize("mood", ["429", "500", "slow", "html", "garbage", "list", "nonsense", "deep", "large"])
def test_a_register_that_answers_badly_is_said_and_nothing_is_added_nor_lost(
    curator: FlaskClient, asking: Services, register: Register, mood: str
) -> None:
    before = asking.repository.revision()
    register.mood = mood

    page, answer = look(curator, nom="restaurant", ville="Fougères"), press(curator, OPEN)

    told = ("n’a pas répondu", "Aucun établissement ouvert")  # an answer that says nothing of any company is no failure
    assert any(each in page for each in told)
    assert "Restaurant du Nançon" in page
    assert answer.status_code in {503, 422}
    assert asking.repository.revision() == before


def test_nothing_is_asked_of_a_private_address_nor_for_a_name_of_two_letters(
    asking: Services, curator: FlaskClient, register: Register
) -> None:
    guarded = replace(asking, register=replace(asking.register, fetcher=Fetcher(attempts=1, allowed=is_public)))  # type: ignore[type-var]
    client = create_app(guarded).test_client()
    sign_in(client, "bureau@essai.example")

    private, short = look(client, nom="menuiserie"), look(curator, nom="me")

    assert "n’a pas répondu" in private
    assert "Écrivez 3 lettres au moins" in words(short)
    assert register.asked == []


def test_without_the_setting_the_register_is_neither_asked_nor_shown(own: Services) -> None:
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.BUREAU).email)

    page = look(client, nom="menuiserie")

    assert own.register is None
    assert "Au répertoire" not in page
    assert press(client, OPEN).status_code == 404
