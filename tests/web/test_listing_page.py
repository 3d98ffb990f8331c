"""A listing's page: each fact with its source, as it was published, and its dates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from directory.errors import IndexUnavailable
from directory.search.types import SearchPage, SearchQuery
from directory.services import Services

PARIS = ZoneInfo("Europe/Paris")


def test_each_fact_says_where_it_comes_from_and_since_when(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--resto").text

    name = re.search(r"<dt>Nom</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    assert name
    assert "Restaurant du Nançon" in name.group(1)
    assert "Territoire de démonstration (inventé)" in name.group(1)
    assert "24\u00a0novembre 2026" in name.group(1)
    assert re.search(r"Nom\u00a0:</span> Restaurant du Nançon", name.group(1))


def test_territories_and_occupations_are_named(client: FlaskClient) -> None:
    mission_locale = client.get("/fiches/demonstration--ml").text
    company = client.get("/fiches/demonstration--resto").text

    assert re.search(r"commune\u00a0: Fougères", mission_locale)
    assert re.search(r"[^<(]+ \(G1602\)", company)


def test_what_the_public_may_not_see_is_not_in_the_original_values_either(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--ml").text

    assert "Camille" not in page
    assert "01 99 00 01 99" not in page.replace("\u00a0", " ")
    assert "01 99 00 01 23" in page.replace("\u00a0", " ")


def test_a_listing_that_is_not_public_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/fiches/demonstration--secret")

    assert answer.status_code == 404
    assert "réservée" not in answer.text


def test_an_unknown_listing_is_not_found_and_says_which(client: FlaskClient) -> None:
    answer = client.get("/fiches/rien--<b>")

    assert answer.status_code == 404
    assert "rien--<b>" in unescape(answer.text)
    assert "<b>" not in answer.text


def test_an_invented_listing_says_so(client: FlaskClient) -> None:
    assert "Fiche de démonstration" in client.get("/fiches/demonstration--ml").text


def test_a_service_links_to_its_structure_and_the_structure_to_its_services(client: FlaskClient) -> None:
    service = client.get("/fiches/demonstration--atelier").text
    structure = client.get("/fiches/demonstration--ml").text
    found = client.get("/recherche?q=atelier+des+essais").text

    assert 'Proposé par <a href="/fiches/demonstration--ml">Mission locale de Fougères</a>' in service
    assert re.search(r'Ses services</h2>\s*<ul>\s*<li><a href="/fiches/demonstration--atelier">Atelier des essais</a>', structure)
    assert "<span>Mission locale de Fougères</span>" in found
    assert "Ses services" not in service


def text_of(page: str, section: str) -> str:
    """The text of a section of the page, blanks as one space."""
    found = re.search(rf'<section[^>]*aria-labelledby="{section}".*?</section>', page, re.DOTALL)
    assert found, section
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found.group())).split())


def test_the_page_says_who_for_whom_when_and_how_to_reach_them(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--ml").text

    assert "De 16 à 25 ans." in text_of(page, "pour-qui")
    assert "commune : Fougères" in text_of(page, "pour-qui")
    assert "Accueil et accompagnement" in text_of(page, "propose")
    assert "du lundi au vendredi : 9 h – 12 h 30" in text_of(page, "quand")
    assert "Vérifié le 2 novembre 2026 par équipe d’essai" in text_of(page, "verifie")
    assert 'href="tel:+33199000123">Appeler' in page
    assert 'href="mailto:accueil@ml.example">Écrire' in page
    assert "openstreetmap.org/directions?to=12+rue+des+Essais%2C+Foug%C3%A8res" in page


def test_the_page_says_whether_it_is_open_now(client: FlaskClient, make_app: Callable[..., Flask]) -> None:
    closed = make_app(clock=lambda: datetime(2026, 11, 24, 14, tzinfo=PARIS)).test_client()

    assert "Ouvert maintenant, jusqu’à 12\u00a0h\u00a030." in client.get("/fiches/demonstration--ml").text
    assert "Fermé maintenant\u00a0: ouvre demain à 9\u00a0h." in closed.get("/fiches/demonstration--ml").text
    assert "relais-opening" not in client.get("/fiches/demonstration--cio").text


def test_an_event_tells_its_next_dates_and_gives_them_to_an_agenda(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--dating").text
    answer = client.get("/fiches/demonstration--dating/dates.ics")
    event = Calendar.from_ical(answer.data).walk("VEVENT")[0]

    assert "Lundi 30 novembre 2026, de 10 h à 14 h" in text_of(page, "dates")
    assert 'href="/fiches/demonstration--dating/dates.ics"' in page
    assert answer.mimetype == "text/calendar"
    assert event["SUMMARY"] == "[Démonstration] Job dating des remparts"
    assert event["DTSTART"].dt == datetime(2026, 11, 30, 10, tzinfo=PARIS)
    assert str(event["URL"]).endswith("/fiches/demonstration--dating")


def test_what_has_no_date_has_no_agenda(client: FlaskClient) -> None:
    assert client.get("/fiches/demonstration--ml/dates.ics").status_code == 404
    assert client.get("/fiches/demonstration--secret/dates.ics").status_code == 404


def test_programs_read_the_listing_and_never_what_is_not_public(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--ml").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert found
    data = json.loads(found.group(1))
    assert (data["@type"], data["name"], data["telephone"]) == ("Organization", "Mission locale de Fougères", ["+33199000123"])
    assert data["address"]["addressLocality"] == "Fougères"
    assert data["openingHours"] == ["Mo-Fr 09:00-12:30"]
    assert "Camille" not in found.group(1)


def test_markup_in_a_listing_cannot_leave_what_programs_read(client: FlaskClient) -> None:
    page = client.get("/fiches/demonstration--hostile").text
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert len(blocks) == 1
    assert "<" not in blocks[0]
    assert json.loads(blocks[0])["name"] == '<script>alert("nom")</script> & Cie'


def test_similar_ones_near_are_proposed_without_itself(services: Services, make_app: Callable[..., Flask]) -> None:
    asked = []

    class Index:
        def search(self, query: SearchQuery) -> SearchPage:
            asked.append(query)
            hits = [
                replace(hit, id=listing) for hit in found.hits[:1] for listing in ("demonstration--fjt", "demonstration--cio")
            ]
            return SearchPage(hits=tuple(hits), total=2, facets={})

    found = services.index.search(SearchQuery(text="cio"))
    page = make_app(index=Index()).test_client().get("/fiches/demonstration--fjt").text

    assert [query.filters for query in asked] == [{"category": ("residence_fjt",)}]
    assert re.findall(r'href="/fiches/([^"]+)"', page[page.index('id="semblables"') : page.index('id="verifie"')]) == [
        "demonstration--cio"
    ]


def test_without_an_index_the_listing_is_shown_all_the_same(make_app: Callable[..., Flask]) -> None:
    class Absent:
        def search(self, _query: object) -> None:
            raise IndexUnavailable("absent", public="absent")

    answer = make_app(index=Absent()).test_client().get("/fiches/demonstration--ml")

    assert answer.status_code == 200
    assert "semblables" not in answer.text


def test_a_listing_that_nothing_confirmed_for_a_year_says_so(services: Services, make_app: Callable[..., Flask]) -> None:
    later = make_app(clock=lambda: services.clock() + timedelta(days=400)).test_client()

    assert "depuis plus d’un an" in later.get("/fiches/demonstration--ml").text
    assert "depuis plus d’un an" not in make_app().test_client().get("/fiches/demonstration--ml").text
