"""The search page: a text, a place, a radius and kinds in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.errors import IndexUnavailable


def names(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'relais-result__name"><a [^>]*>([^<]+)</a>', page)]


def test_a_search_finds_and_links_to_the_listing(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "mission locale", "lieu": "Fougères (35)"}).text

    assert names(page)[0] == "Mission locale de Fougères"
    assert 'href="/fiches/demonstration--ml"' in page


def test_only_the_kinds_asked_are_shown(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"genre": ["company", "event"]}).text

    assert set(names(page)) == {"Restaurant du Nançon", "Job dating des remparts"}


def test_what_is_not_public_is_never_found(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "association réservée au bassin"}).text

    assert "Association réservée au bassin" not in names(page)


def test_an_ambiguous_place_comes_back_as_links(client: FlaskClient) -> None:
    answer = client.get("/recherche", query_string={"q": "cio", "lieu": "Saint-Denis"})

    assert answer.status_code == 422
    assert re.search(r'href="/recherche\?q=cio&amp;lieu=97411"', answer.text)


def test_an_unknown_place_is_said(client: FlaskClient) -> None:
    answer = client.get("/recherche", query_string={"lieu": "Xyzzyqq"})

    assert answer.status_code == 422
    assert "n’est pas un lieu connu" in answer.text


def test_nothing_found_says_what_to_try(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "zzqqxxyy"}).text

    assert "Aucun résultat" in page
    assert "essayer d’autres mots" in page


def test_what_is_understood_is_shown_and_each_part_can_be_taken_back_without_javascript(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "mission locale gratuite fougères"}).text
    chips = re.findall(r'fr-tag--dismiss" href="([^"]+)"[^>]*>([^<]+)<', page)
    address = unescape(next(link for link, label in chips if label.startswith("Lieu")))
    without = client.get(address).text

    assert [label for _, label in chips] == ["Lieu : Fougères (35300)"]
    assert "sans=lieu" in address
    assert "fr-tag--dismiss" not in without
    assert names(without)[0] == "Mission locale de Fougères"


def test_a_place_of_the_form_is_not_looked_for_in_the_text(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "mission locale rennes", "lieu": "Fougères (35)"}).text

    assert "Lieu : Rennes" not in page


def test_too_few_answers_are_widened_step_by_step_and_it_is_said(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "cio", "lieu": "Bain-de-Bretagne", "rayon": "5"}).text
    said = re.sub(r"\s", " ", unescape(page))

    assert "CIO de Fougères" in names(page)
    assert "« CIO » : rien là où vous cherchez" in said
    assert "km de Bain-de-Bretagne (35470) : aucune ; Ille-et-Vilaine : 1." in said


def test_a_radius_without_a_place_is_said_to_count_for_nothing_yet(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "association", "rayon": "10"}).text

    assert "Le rayon ne compte pas encore" in page


def test_days_are_chips_in_words(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"genre": "event", "du": "2026-12-01", "au": "31/12/2026"}).text

    assert "À partir du 1er\u00a0décembre 2026" in page
    assert "Jusqu’au 31/12/2026" in page


def test_what_is_over_or_cancelled_is_said_and_what_is_over_shown_when_it_is_asked(fairs_client: FlaskClient) -> None:
    asked = ({"genre": "event"}, {"genre": "event", "passes": "oui"})
    kept, whole = (fairs_client.get("/recherche", query_string=each).text for each in asked)

    assert "Forum passé" not in names(kept)
    assert re.search(r"Un événement passé n’est pas montré\.[^<]*<a href=\"/recherche\?genre=event&amp;passes=oui\">", kept)
    assert "Forum passé" in names(whole)
    assert "Passé le" in whole
    assert "Annulé" in kept


def test_a_radius_around_a_departement_is_refused_with_a_sentence(client: FlaskClient) -> None:
    answer = client.get("/recherche", query_string={"q": "cio", "lieu": "Ille-et-Vilaine", "rayon": "10"})

    assert answer.status_code == 400
    assert "est un département" in answer.text


def test_a_misspelt_word_is_answered_and_what_was_meant_is_a_link(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "mision locale"}).text

    assert "Mission locale de Fougères" in names(page)
    assert re.search(r'Vouliez-vous dire <a href="[^"]*q=mission\+locale', page)


def test_a_search_that_tells_distress_is_answered_by_a_number_first(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": "idées de suicide"}).text

    assert page.index('href="tel:3114"') < page.index('name="q"')


@pytest.mark.parametrize(
    "query",
    [
        {"rayon": "-5", "lieu": "Fougères"},
        {"genre": "dragon"},
        {"q": "cio", "suite": "forgé"},
        {"du": "31/02/2026"},
        {"du": "2026-12-05", "au": "2026-12-01"},
    ],
)
def test_a_forged_address_is_refused_with_a_sentence(client: FlaskClient, query: dict[str, str]) -> None:
    answer = client.get("/recherche", query_string={"q": "cio", **query})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_an_absent_index_is_said_without_its_insides(make_app: Callable[..., Flask]) -> None:
    class Absent:
        def search(self, _query: object) -> None:
            raise IndexUnavailable("/var/secret/index is absent", public="L’index /var/secret/index est absent.")

    client = make_app(index=Absent()).test_client()
    answer, blank = client.get("/recherche?q=cio"), client.get("/recherche")

    assert blank.status_code == 200
    assert "ne peut pas répondre pour l’instant" in blank.text
    assert answer.status_code == 503
    assert "/var/secret" not in answer.text
    assert "Réessayez" in answer.text


def test_invented_listings_say_so_among_the_results(client: FlaskClient) -> None:
    page = client.get("/recherche?q=restaurant").text

    assert '<span class="fr-badge fr-badge--sm fr-badge--purple-glycine">Démonstration</span>' in page


def test_around_a_place_the_page_says_in_what_order_and_how_far_is_measured(client: FlaskClient) -> None:
    around = client.get("/recherche?q=mission&lieu=Foug%C3%A8res").text
    nowhere = client.get("/recherche?q=mission").text

    assert "Pertinence et proximité" in around
    assert "Distances à vol d’oiseau depuis Fougères (35300)." in around
    assert "Distances à vol d’oiseau" not in nowhere
    assert "proximité" not in nowhere
