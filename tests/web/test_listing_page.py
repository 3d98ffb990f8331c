"""A listing's page: each fact with its source, as it was published, and its dates."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient


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
