"""Keeping a listing true, on the pages: corrected, checked, taken back, restored; by two people; without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Role
from directory.models.changes import ChangeSet
from directory.models.curation import Curation, Topic, Wish
from directory.models.published import BassinRecord
from directory.services import Services
from directory.vocabulary import Visibility
from tests.web.accounts import add_account, hidden_of, sign_in
from tests.web.conftest import NOW
from web import create_app

ML = "demonstration--ml"
SHEET = f"/bureau/fiches/{ML}"


@pytest.fixture
def curator(own: Services) -> Iterator[FlaskClient]:
    """The pages, as a bureau des entreprises sees them, where a bassin of the département is known."""
    run = own.repository.start_run("bassins", [], NOW)
    bassin = BassinRecord(code="essai-35", label="Bassin des remparts", academie="Rennes", communes=("35115",))
    own.repository.apply(ChangeSet(source="bassins", run_pk=run, bassins=[bassin], trust=own.trust), NOW)
    own.repository.finish_run(run, "done", {}, [], "", NOW)
    with create_app(own).test_client() as client:
        sign_in(client, add_account(own, Role.BUREAU).email)
        yield client


def send(client: FlaskClient, topic: str, page: str = "", **typed: str) -> TestResponse:
    """Fill in the form of a topic that was opened now, or before (``page``), and send it."""
    path = f"{SHEET}/corriger/{topic}"
    page = page or client.get(path).text
    filled = dict(
        re.findall(r'<input class="fr-input" id="[^"]+" name="([^"]+)" type="[^"]+" maxlength="\d+" value="([^"]*)"', page)
    )
    return client.post(path, data={**filled, **hidden_of(page), **typed})


def press(client: FlaskClient, path: str, button: str) -> TestResponse:
    """Press a button of a page: its form is sent."""
    forms = re.findall(r'<form action="([^"]+)" method="post".*?</form>', page := client.get(path).text, re.DOTALL)
    chosen = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if button in form)
    action = next(each for each in forms if f'"{each}"' in chosen)
    return client.post(action, data=hidden_of(chosen))


@pytest.mark.parametrize(
    ("topic", "typed", "seen"),
    [
        ("nom", {"valeur": "Mission locale des remparts"}, "Mission locale des remparts"),
        ("horaires", {"valeur": "Mo 09:00-12:00"}, "lundi"),
        ("ages", {"de": "16", "a": "29"}, "29 ans"),
        ("lieu", {"adresse": "2 place Neuve", "code_postal": "35500", "commune": "Vitré"}, "35500 Vitré"),
        ("contacts", {"phone-0": "01 99 00 07 77"}, "01 99 00 07 77"),
        ("conditions", {"valeur": "Sur rendez-vous"}, "Sur rendez-vous"),
        ("validite", {"du": "2026-09-01", "au": "2026-12-31"}, "31 décembre 2026"),
        ("metiers", {"valeur": "g1602, F1703"}, "Métiers"),
        ("categorie", {"valeur": "association"}, "Association"),
        ("territoire", {"ajouter": "56\nVitré 35500"}, "Morbihan"),
        ("territoire", {"valeur": "epci:200072452"}, "Fougères Agglomération"),
        ("territoire", {"valeur": "bassin:essai-35"}, "Bassin des remparts"),
    ],
)
def test_a_correction_is_published_at_once_with_who_made_it_and_what_it_hides(
    curator: FlaskClient, topic: str, typed: dict[str, str], seen: str
) -> None:
    answer = send(curator, topic, raison="appelé le 24", **typed)

    sheet = curator.get(answer.location).text.replace("\u00a0", " ")
    assert answer.status_code == 303
    assert seen in sheet
    assert "par bureau@essai.example : appelé le 24" in sheet
    assert "Cette correction cache ce que dit la source" in sheet
    public = curator.get(f"/fiches/{ML}").text.replace("\u00a0", " ")
    assert seen in public
    assert "bureau@essai.example" not in public
    assert "appelé le 24" not in public


@pytest.mark.parametrize(
    ("topic", "typed", "message"),
    [
        ("nom", {"valeur": " "}, "Le nom est vide"),
        ("categorie", {"valeur": "entreprise"}, "n’est pas celle"),
        ("territoire", {"ajouter": "Atlantis 99999"}, "ni le numéro d’un département"),
        ("publics", {"valeur": "martiens"}, "n’existe pas"),
        ("ages", {"de": "seize"}, "nombres entiers"),
        ("ages", {"de": "30", "a": "20"}, "nombres entiers"),
        ("lieu", {"adresse": "1 rue X", "code_postal": "35500", "commune": "Atlantis"}, "n’est pas connue"),
        ("lieu", {"commune": ""}, "Écrivez la commune"),
        ("contacts", {"phone-0": "douze"}, "n’est pas un numéro de téléphone"),
        ("contacts", {"url-0": "javascript:alert(1)"}, "commence par http"),
        ("validite", {"du": "2026-13-01"}, "jour, mois, année"),
        ("validite", {"du": "2026-12-01", "au": "2026-01-01"}, "précède"),
        ("dates", {"jour-0": "", "debut-0": "10:00"}, "sans son jour"),
        ("dates", {"jour-0": "2026-12-01", "debut-0": "14:00", "fin-0": "10:00"}, "finit avant de commencer"),
        ("dates", {"jour-0": "9999-12-31"}, "n’a pas la forme"),
        ("metiers", {"valeur": "cuisinier"}, "G1602"),
        ("propose", {"valeur": "n_importe"}, "n’existe pas"),
        ("places", {"valeur": "9" * 5000}, "entier"),
    ],
)
def test_what_cannot_be_understood_is_said_and_given_back_as_it_was_typed(
    curator: FlaskClient, own: Services, topic: str, typed: dict[str, str], message: str
) -> None:
    before = own.repository.revision()

    answer = send(curator, topic, **typed)

    assert answer.status_code == 422
    assert message in answer.text.replace("\u00a0", " ")
    assert own.repository.revision() == before


def test_a_curator_who_was_preceded_sees_what_the_first_did_and_loses_nothing(curator: FlaskClient, own: Services) -> None:
    opened = curator.get(f"{SHEET}/corriger/nom").text
    with create_app(own).test_client() as first:
        sign_in(first, add_account(own, Role.BUREAU, "premiere@essai.example").email)
        send(first, "nom", valeur="Nom de la première", raison="vu sur place")

    late = send(curator, "nom", opened, valeur="Nom du second")
    kept = own.repository.get_listing(ML).record.name
    again = send(curator, "nom", late.text, valeur="Nom du second")

    assert late.status_code == 409
    for text in ("premiere@essai.example", "vu sur place", "Nom de la première", 'value="Nom du second"'):
        assert text in late.text
    assert kept == "Nom de la première"
    assert again.status_code == 303
    assert own.repository.get_listing(ML).record.name == "Nom du second"
    assert "Nom de la première" in curator.get(f"{SHEET}/histoire").text


def test_a_form_that_is_sent_twice_corrects_once(curator: FlaskClient, own: Services) -> None:
    opened = curator.get(f"{SHEET}/corriger/horaires").text
    first = send(curator, "horaires", opened, valeur="Mo 09:00-12:00")

    second = send(curator, "horaires", opened, valeur="Mo 09:00-12:00")

    assert (first.status_code, second.status_code) == (303, 303)
    assert len(own.repository.curation.list_statements(ML)) == 1


def test_one_button_says_the_listing_checked_today_without_naming_a_person(curator: FlaskClient) -> None:
    press(curator, SHEET, "Tout est juste")

    public = curator.get(f"/fiches/{ML}").text.replace("\u00a0", " ")
    assert "Vérifié le 24 novembre 2026 par le bureau des entreprises" in public
    press(curator, SHEET, "Annuler la vérification")
    assert "par équipe d’essai" in curator.get(f"/fiches/{ML}").text


def test_a_correction_is_taken_back_and_restored_from_the_life_of_the_listing(curator: FlaskClient, own: Services) -> None:
    send(curator, "nom", valeur="Nom corrigé")
    press(curator, SHEET, "Croire la source")
    back = own.repository.get_listing(ML).record.name

    answer = press(curator, f"{SHEET}/histoire", "Rétablir")

    assert back == "Mission locale de Fougères"
    assert answer.status_code == 303
    assert own.repository.get_listing(ML).record.name == "Nom corrigé"


def test_the_life_of_a_listing_is_read_by_field_and_by_person_and_restores_nothing_that_changed_since_it_was_read(
    curator: FlaskClient, own: Services
) -> None:
    send(curator, "nom", valeur="Nom corrigé")
    send(curator, "ages", de="17", a="24")
    other = Curation(author="Une collègue", reason="", now=NOW, nonce="", trust=own.trust)
    page = curator.get(f"{SHEET}/histoire?champ=name").text
    own.repository.curation.curate([Wish(listing_id=ML, topic=Topic.NAME, values={"name": "Nom de la collègue"})], other)
    first = own.repository.curation.history(ML)[-1]

    refused = curator.post(f"{SHEET}/retablir/{first.number}/nom", data=hidden_of(page))
    seen = {
        query: curator.get(f"{SHEET}/histoire?{query}").text for query in ("", "champ=name", "qui=personne:Une+coll%C3%A8gue")
    }

    assert refused.status_code == 409
    assert own.repository.get_listing(ML).record.name == "Nom de la collègue"
    assert [page.count("Avant</p>") for page in seen.values()] == [4, 2, 1]
    assert "Rien de tel" in curator.get(f"{SHEET}/histoire?qui=personne:personne").text


def test_a_topic_is_restored_whole_as_it_was_and_not_half_of_it(curator: FlaskClient, own: Services) -> None:
    send(curator, "lieu", adresse="1 rue Neuve", code_postal="35300", commune="Fougères")
    first = own.repository.curation.history(ML)[0]
    send(curator, "lieu", adresse="9 quai Neuf", code_postal="35500", commune="Vitré")

    page = curator.get(f"{SHEET}/histoire").text
    curator.post(f"{SHEET}/retablir/{first.number}/lieu", data=hidden_of(page))

    record = own.repository.get_listing(ML).record
    assert (record.address, record.code_postal, record.code_commune) == ("12 rue des Essais", "35300", "35115")


def test_restoring_contacts_neither_brings_back_nor_loses_those_that_a_bureau_does_not_see(
    curator: FlaskClient, own: Services
) -> None:
    send(curator, "contacts", **{"phone-0": "01 99 00 07 77"})
    first = own.repository.curation.history(ML)[0]
    held = own.repository.get_listing(ML, Visibility.PRIVATE).record.contacts
    hidden = held[-1].model_copy(update={"name": "Sasha Discrète"})
    contacts = [each.model_dump(mode="json") for each in (held[0], hidden)]
    by = Curation(author="Quelqu’un", reason="", now=NOW, nonce="", trust=own.trust)
    own.repository.curation.curate([Wish(listing_id=ML, topic=Topic.CONTACTS, values={"contacts": contacts})], by)

    curator.post(f"{SHEET}/retablir/{first.number}/contacts", data=hidden_of(curator.get(f"{SHEET}/histoire").text))

    names = [each.name for each in own.repository.get_listing(ML, Visibility.PRIVATE).record.contacts]
    assert names == ["", "Sasha Discrète"]


def test_who_sees_a_listing_is_the_administrators_to_say_and_hides_it_everywhere(own: Services, curator: FlaskClient) -> None:
    assert curator.get(f"{SHEET}/corriger/visibilite").status_code == 404
    assert "Visible par" not in curator.get(SHEET).text
    with create_app(own).test_client() as keeper:
        sign_in(keeper, add_account(own, Role.ADMINISTRATOR).email)

        answer = send(keeper, "visibilite", valeur="bassin")

        assert (answer.status_code, "le bassin" in keeper.get(SHEET).text.lower()) == (303, True)
    assert [curator.get(path).status_code for path in (f"/fiches/{ML}", SHEET, f"{SHEET}/histoire")] == [404, 404, 404]
    assert f"/fiches/{ML}" not in curator.get("/recherche?q=mission+locale").text


def test_a_closed_listing_is_no_longer_found_says_why_and_can_be_opened_again(curator: FlaskClient) -> None:
    page = curator.get(SHEET).text
    curator.post(f"{SHEET}/fermer", data={**hidden_of(page), "raison": "a déménagé hors du bassin"})
    closed, found = curator.get(f"/fiches/{ML}").text, curator.get("/recherche?q=mission+locale").text

    press(curator, SHEET, "Rouvrir la fiche")

    assert "a déménagé hors du bassin" in closed
    assert f"/fiches/{ML}" not in found
    assert f"/fiches/{ML}" in curator.get("/recherche?q=mission+locale").text


def test_a_curator_neither_sees_nor_loses_the_contacts_that_are_not_for_everyone(curator: FlaskClient, own: Services) -> None:
    pages = [curator.get(path).text for path in (SHEET, f"{SHEET}/corriger/contacts")]

    send(curator, "contacts", **{"phone-0": "01 99 00 07 77"})

    pages += [curator.get(path).text for path in (SHEET, f"{SHEET}/histoire", f"/fiches/{ML}")]
    assert not any("Réservée" in page for page in pages)
    (kept,) = own.repository.curation.list_statements(ML)
    assert [contact["name"] for contact in kept.values["contacts"]] == ["", "Camille Réservée"]


def test_a_listing_that_is_not_public_is_unknown_to_a_bureau(curator: FlaskClient) -> None:
    assert curator.get("/bureau/fiches/demonstration--secret").status_code == 404


def test_what_is_hostile_in_a_listing_stays_text_on_the_pages_of_curators(curator: FlaskClient) -> None:
    path = "/bureau/fiches/demonstration--hostile"

    pages = [curator.get(f"{path}{more}").text for more in ("", "/histoire", "/corriger/nom", "/corriger/presentation")]

    assert not any("<script>alert" in page or "<img src=x" in page for page in pages)


@pytest.mark.parametrize("path", ["corriger/inconnu", "corriger/verification", "corriger/fermeture"])
def test_a_topic_that_has_no_form_is_not_found(curator: FlaskClient, path: str) -> None:
    assert curator.get(f"{SHEET}/{path}").status_code == 404
