"""« État de l’annuaire »: each sees its territory, every number is in a table, and what is not public does not count."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient

from directory.models.accounts import Area, Role
from directory.models.links import CheckedLink, LinkState
from directory.services import Services
from tests.factories import sourced
from tests.web.accounts import add_account, sign_in
from tests.web.conftest import NOW
from tests.web.test_desk import EDUCATION, SHEET, publish
from web import create_app


def signed_in(core: Services, role: Role, scope: dict[Area, str] | None = None) -> FlaskClient:
    """The pages as an account of a role sees them."""
    client = create_app(core).test_client()
    sign_in(client, add_account(core, role, scope=scope).email)
    return client


def read(client: FlaskClient, territory: str | None = None) -> str:
    """The page's text."""
    asked = {} if territory is None else {"territoire": territory}
    return unescape(client.get("/etat-annuaire", query_string=asked).text).replace("\u202f", "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("role", "scope", "label"),
    [
        (Role.BUREAU, None, "Ille-et-Vilaine (35)"),
        (Role.ACADEMIE, {Area.ACADEMIE: "Rennes"}, "Académie : Rennes"),
        (Role.ACADEMIE, {Area.BASSIN: "inconnu"}, "Toute la France"),
        (Role.ADMINISTRATOR, {}, "Toute la France"),
    ],
)
def test_each_account_begins_with_its_territory(people: Services, role: Role, scope: dict[Area, str] | None, label: str) -> None:
    assert f'État de l’annuaire <span class="relais-quiet">{label}</span>' in read(signed_in(people, role, scope))


def test_what_is_missing_is_told_and_an_academie_has_a_line_for_each_departement(people: Services) -> None:
    client = signed_in(people, Role.ACADEMIE)

    departement, academie = read(client, "departement:35"), read(client, "academie:Rennes")

    assert "communes sur 332 n’ont pas de mission locale compétente" in departement
    assert '<th scope="row">PSAD (plateforme de suivi et d’appui aux décrocheurs)</th><td><strong>absent</strong>' in departement
    assert '<th scope="row">Mission locale</th><td>présent' in departement
    assert academie.count('href="/etat-annuaire?territoire=departement:') == 4
    assert "Par département" not in departement


def test_listings_that_are_not_public_do_not_count_for_a_bureau(people: Services) -> None:
    seen, kept = (read(signed_in(people, role), "departement:35") for role in (Role.BUREAU, Role.ADMINISTRATOR))

    assert '<th scope="row">Partenaires</th><td class="relais-number">5<' in seen
    assert '<th scope="row">Partenaires</th><td class="relais-number">6<' in kept


def test_duplicates_left_and_dead_links_are_told_where_they_are(own: Services) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION))
    same = sourced("10", "tableur", name="Permanence du mercredi", contacts=({"url": "https://ml.example/"},))
    publish(own, "tableur", sourced("9", "tableur", **SHEET), same)
    [link] = [each for each in own.repository.links.list_waiting(NOW) if each.url == "https://ml.example/"]
    dead = CheckedLink(url=link.url, state=LinkState.DEAD, status=404, reason="La page n’existe plus.", checked_at=NOW)
    own.repository.links.keep([(dead, link.listing_pks)])
    client = signed_in(own, Role.BUREAU)

    here, there = read(client, "departement:35"), read(client, "departement:29")
    waiting, none = (unescape(client.get(f"/bureau/file/liens-morts?dep={code}").text) for code in ("35", "29"))

    assert "1 paire attend" in here
    assert 'href="/bureau/fiches/demonstration--ml">Mission locale de Fougères</a>' in here
    assert "https://ml.example/" in here
    assert "Permanence du mercredi</a>" in here
    assert '1</span><a href="#liens">lien mort</a>' in here
    assert "Aucune paire n’attend" in there
    assert "Aucun lien mort n’est connu sur ce territoire" in there
    assert "https://ml.example/\u00a0: La page n’existe plus." in waiting
    assert "https://ml.example/" not in none


@pytest.mark.parametrize("territory", ["departement:99", "dragon:1", "", "academie:", "bassin:x", "departement:35\x00"])
def test_an_unknown_territory_is_no_page(people: Services, territory: str) -> None:
    assert signed_in(people, Role.BUREAU).get("/etat-annuaire", query_string={"territoire": territory}).status_code == 404
