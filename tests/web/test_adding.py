"""Adding a company, a partner, an event from the pages; renewing an edition; nothing twice, nothing lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Role
from directory.models.record import Occurrence
from directory.services import Services
from directory.vocabulary import Visibility
from tests.factories import sourced
from tests.web.accounts import add_account, hidden_of, sign_in
from tests.web.conftest import NOW
from tests.web.test_desk import publish
from web import create_app

SIRET = "73282932000074"  # invented for tests: the key of Luhn holds
PLACE = {"adresse": "3 rue Neuve", "code_postal": "35300", "commune": "Fougères"}
COMPANY = {"nom": "Menuiserie des essais", "siret": SIRET, **PLACE, "propose": "apprenticeship", "metiers": "H2206"}


@pytest.fixture
def curator(own: Services) -> FlaskClient:
    """The pages, as a bureau des entreprises sees them."""
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.BUREAU).email)
    return client


def send(client: FlaskClient, kind: str, page: str = "", **typed: str) -> TestResponse:
    """Fill in a form that was opened now, or before (``page``), and send it."""
    page = page or client.get(f"/bureau/ajouter/{kind}").text
    inputs = re.findall(r'<input class="fr-input" id="[^"]+" name="([^"]+)"[^>]*? value="([^"]*)"', page)
    chosen = re.findall(r'<select[^>]*name="([^"]+)"(?:(?!</select>).)*?<option value="([^"]+)" selected', page, re.DOTALL)
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)', page)
    filled = {name: unescape(value) for name, value in (*inputs, *chosen, *areas)}
    return client.post(f"/bureau/ajouter/{kind}", data={**filled, **hidden_of(page), **typed})


def test_a_company_is_added_found_at_once_and_signed(curator: FlaskClient, own: Services) -> None:
    answer = send(curator, "entreprise", **COMPANY, **{"phone-0": "01 99 00 05 55", "name-1": "Une Personne"})

    listing_id = answer.location.split("/")[-1].partition("?")[0]
    added = own.repository.get_listing(listing_id).record
    assert (added.name, added.siret, added.code_commune, added.occupations) == (COMPANY["nom"], SIRET, "35115", ("H2206",))
    assert [contact.phone for contact in added.contacts] == ["+33199000555"]  # the person is not for everyone
    assert "Menuiserie des essais" in curator.get("/recherche?q=menuiserie").text
    assert [entry.author for entry in own.repository.curation.journal(5)] == ["bureau@essai.example"]
    assert "Ajout d’un bureau des entreprises" in curator.get(f"/fiches/{listing_id}").text


def test_a_company_whose_siret_is_known_is_not_added_twice(curator: FlaskClient, own: Services) -> None:
    first = send(curator, "entreprise", **COMPANY).location.partition("?")[0]
    before = own.repository.revision()

    asked = curator.get(f"/bureau/ajouter/entreprise?siret={SIRET}").location
    again = send(curator, "entreprise", **COMPANY | {"nom": "Autre nom"}).location

    assert [asked, again] == [f"{first}?fait=connue"] * 2
    assert own.repository.revision() == before


def test_a_form_that_is_sent_twice_adds_one_listing(curator: FlaskClient, own: Services) -> None:
    page = curator.get("/bureau/ajouter/partenaire").text
    typed = {"nom": "Association des essais", "categorie": "association", **PLACE}

    answers = [send(curator, "partenaire", page, **typed).location for _ in range(2)]

    assert answers[0] == answers[1]
    assert sum(each.record.name == "Association des essais" for each in own.repository.iterate_listings()) == 1


def test_what_is_imported_later_of_an_added_company_joins_it_and_hides_nothing_of_it(curator: FlaskClient, own: Services) -> None:
    send(curator, "entreprise", **COMPANY)
    facts = {"kind": "company", "category": "entreprise", "coverage": (), "name": "MENUISERIE ESSAIS SARL", "naf": "16.23Z"}
    identities = (f"company:siret:{SIRET}",)

    publish(own, "entreprises", sourced(SIRET, "entreprises", identities=identities, siret=SIRET, **facts))

    (merged,) = [each.record for each in own.repository.iterate_listings() if each.record.siret == SIRET]
    assert (merged.name, merged.naf) == ("Menuiserie des essais", "16.23Z")


def test_last_years_edition_is_renewed_on_the_same_weekday_to_be_confirmed(curator: FlaskClient, own: Services) -> None:
    page = curator.get("/bureau/ajouter/evenement?depuis=demonstration--dating").text

    answer = send(curator, "evenement", page)

    renewed = own.repository.get_listing(answer.location.split("/")[-1].partition("?")[0]).record
    before = own.repository.get_listing("demonstration--dating").record
    assert renewed.name == before.name
    assert (renewed.occurrences[0].start - before.occurrences[0].start).days == 364
    assert renewed.occurrences[0].start.weekday() == before.occurrences[0].start.weekday()
    assert renewed.conditions.startswith("À confirmer")
    assert before.conditions == ""


def test_an_edition_of_years_ago_is_renewed_in_the_days_to_come_and_its_name_says_the_year(
    curator: FlaskClient, own: Services
) -> None:
    old = Occurrence(start=NOW - timedelta(days=620), end=NOW - timedelta(days=620, hours=-4))  # 14 March 2025
    fields = {"kind": "event", "category": "salon", "name": "Salon des essais 2025", "occurrences": (old,)}
    publish(own, "tableur", sourced("old", "tableur", **fields))

    page = curator.get("/bureau/ajouter/evenement?depuis=tableur--old").text

    assert 'value="2027-03-12"' in page  # the same Friday, two editions later
    assert "Salon des essais 2027" in page


@pytest.mark.parametrize(
    ("kind", "typed", "message"),
    [
        ("entreprise", {"nom": ""}, "Le nom est vide"),
        ("entreprise", {"nom": "X", "siret": "12345678901234"}, "SIRET"),
        ("entreprise", {"nom": "X", "metiers": "menuisier"}, "ROME"),
        ("partenaire", {"nom": "X"}, "Choisissez ce que c’est"),
        ("partenaire", {"nom": "X", "categorie": "job_dating"}, "Choisissez ce que c’est"),
        ("evenement", {"nom": "X", "categorie": "salon", "jour-0": "demain"}, "n’a pas la forme"),
        ("evenement", {"nom": "X", "categorie": "salon", "adresse": "1 rue Y"}, "Écrivez la commune"),
    ],
)
def test_what_cannot_be_added_is_said_and_given_back(
    curator: FlaskClient, own: Services, kind: str, typed: dict[str, str], message: str
) -> None:
    before = own.repository.revision()

    answer = send(curator, kind, **typed, presentation="gardée")

    assert answer.status_code == 422
    assert message in unescape(answer.text).replace("\u00a0", " ")
    assert ">gardée</textarea>" in answer.text
    assert own.repository.revision() == before


def test_what_is_typed_during_an_import_is_kept_to_be_sent_again(
    curator: FlaskClient, own: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("web.pages.adding", "directory.repository.curation"):
        monkeypatch.setattr(f"{module}._WAIT_SECONDS", 0)
    run = own.repository.start_run("education", [], NOW)

    busy = send(curator, "entreprise", **COMPANY)
    form = curator.get("/bureau/fiches/demonstration--ml/corriger/nom").text
    late = curator.post("/bureau/fiches/demonstration--ml/corriger/nom", data={**hidden_of(form), "valeur": "Nom saisi"})
    own.repository.finish_run(run, "done", {}, [], "", NOW)

    assert (busy.status_code, late.status_code) == (503, 503)
    assert "Menuiserie des essais" in busy.text
    assert "Nom saisi" in late.text
    assert send(curator, "entreprise", busy.text).status_code == 303


MESSAGE = """\
De : Camille Essai <c.essai@salon.example>
Objet : Forum de l’alternance des essais

Le mardi 8 décembre de 9h à 12h30
Lieu : 3 rue Neuve, 35300 Fougères

Camille ESSAI
01 99 00 05 77
"""


def paste(client: FlaskClient, kind: str, message: str) -> str:
    form = hidden_of(client.get(f"/bureau/ajouter/{kind}").text)
    return client.post(f"/bureau/ajouter/{kind}/message", data={"jeton": form["jeton"], "message": message}).text


def read(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def test_a_pasted_email_fills_the_form_in_and_is_added_once_corrected(curator: FlaskClient, own: Services) -> None:
    before = own.repository.revision()
    proposed = paste(curator, "evenement", MESSAGE)
    unchanged = own.repository.revision()

    answer = send(curator, "evenement", proposed, **{"fin-0": "13:00"})

    listing_id = answer.location.split("/")[-1].partition("?")[0]
    added = own.repository.get_listing(listing_id, Visibility.BASSIN).record
    assert "1 date. Dates à confirmer : l’année n’est pas écrite" in read(proposed)
    assert unchanged == before
    assert (added.name, added.category, added.address, added.code_commune) == (
        "Forum de l’alternance des essais", "salon", "3 rue Neuve", "35115",
    )  # fmt: skip
    assert [(f"{each.start:%d/%m/%Y %H:%M}", f"{each.end:%H:%M}") for each in added.occurrences] == [
        ("08/12/2026 09:00", "13:00")
    ]
    assert [(each.name, each.phone, each.visibility) for each in added.contacts] == [
        ("Camille ESSAI", "+33199000577", "bassin"), ("Camille Essai", "", "bassin"),
    ]  # fmt: skip
    assert added.conditions.startswith("À confirmer")
    assert "Camille" not in curator.get(f"/fiches/{listing_id}").text


@pytest.mark.parametrize(
    ("kind", "message"), [("evenement", ""), ("partenaire", "zzz"), ("partenaire", "<script>alert(1)</script>")]
)
def test_a_message_that_says_nothing_proposes_an_empty_form(curator: FlaskClient, kind: str, message: str) -> None:
    page = paste(curator, kind, message)

    assert "Rien n’est collé" in read(page) or "Aucune commune n’est certaine" in read(page)
    assert "<script>alert" not in page


def test_a_company_is_found_by_its_name_before_it_is_added_again(curator: FlaskClient, own: Services) -> None:
    def look(**asked: str) -> str:
        return curator.get("/bureau/ajouter/entreprise", query_string=asked).text

    near, typo, none = look(nom="restaurant du nancon", ville="Fougères"), look(nom="restorant nancon"), look(nom="zzqqxx")
    publish(own, "entreprises", sourced("1", "entreprises", name="Boulangerie Essai", kind="company", category="entreprise"))
    own.keeper.catch_up()
    loaded = look(nom="boulangerie", ville="Fougères")

    for page in (near, typo):
        assert "/bureau/fiches/demonstration--resto?fait=connue" in page
    assert "Aucune entreprise de ce nom" in read(none)
    assert "relais import entreprises" in read(none)
    assert "Boulangerie Essai" in loaded
    assert "relais import entreprises" not in read(loaded)
    assert 'name="nom" type="text" maxlength="300" value="zzqqxx"' in none
