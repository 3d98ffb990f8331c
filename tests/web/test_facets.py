"""The facets of the search page: counted, chosen by the address, taken back by a link, folded without JavaScript."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient


def boxes(page: str, name: str) -> dict[str, tuple[str, int, bool]]:
    """Value → label, count, and whether it is checked, of a facet's boxes."""
    found = re.findall(
        rf'<input type="checkbox" [^>]*name="{name}" value="([^"]+)"([^>]*)>\s*<label[^>]*>(.*?)</label>', page, re.DOTALL
    )
    return {
        value: (label[0].strip(), int(label[1]), "checked" in attributes)
        for value, attributes, text in found
        if (label := re.sub(r"<[^>]+>", "|", text).strip("|").split("|"))
    }


def names(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'relais-result__name"><a [^>]*>([^<]+)</a>', page)]


def test_each_value_says_how_many_answers_it_would_leave(client: FlaskClient) -> None:
    page = client.get("/recherche?q=foug%C3%A8res").text

    for value, (_, count, _) in boxes(page, "genre").items():
        left = client.get(f"/recherche?q=foug%C3%A8res&genre={value}").text
        assert re.search(rf'<h2 id="resultats"[^>]*>{count or "Aucun"} résultat', left), value


def test_another_value_of_a_chosen_facet_keeps_its_count(client: FlaskClient) -> None:
    page = client.get("/recherche?genre=company").text

    assert boxes(page, "genre")["company"] == ("Entreprises", 1, True)
    assert boxes(page, "genre")["event"] == ("Salons et événements", 1, False)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("categorie=cio", {"CIO de Fougères"}),
        ("categorie=cio&categorie=mission_locale", {"CIO de Fougères", "Mission locale de Fougères"}),
        ("voie=apprenticeship&genre=company", {"Restaurant du Nançon"}),
        ("theme=logement-hebergement", {"Résidence des Remparts"}),
        ("metier=G1602", {"Restaurant du Nançon"}),
        ("genre=event&du=2026-11-30&au=2026-12-01", {"Job dating des remparts"}),
        ("genre=event&du=2026-12-02", set()),
    ],
)
def test_filters_of_the_address_narrow_the_answers(client: FlaskClient, filters: str, found: set[str]) -> None:
    page = client.get(f"/recherche?{filters}").text

    assert set(names(page)) == found


def test_a_chosen_value_is_a_chip_whose_link_takes_it_back_and_nothing_else(client: FlaskClient) -> None:
    page = client.get("/recherche?q=foug%C3%A8res&categorie=cio&genre=partner").text
    links = re.findall(r'fr-tag--dismiss" href="([^"]+)" aria-label="Enlever le filtre[^>]*>([^<]+)<', page)
    chips = {label: unescape(link) for link, label in links}

    assert set(chips) == {"Partenaires", "CIO (centre d’information et d’orientation)"}
    assert chips["Partenaires"] == "/recherche?q=foug%C3%A8res&categorie=cio"
    assert "Enlever tous les filtres" in page


def test_a_facet_can_be_taken_back_whole(client: FlaskClient) -> None:
    page = client.get("/recherche?categorie=cio&categorie=mission_locale&genre=partner").text

    link = re.search(
        r'relais-facet__all"><a href="([^"]+)">Tous<span class="fr-sr-only">\u00a0: enlever les filtres «\u00a0Qui\u00a0»', page
    )
    assert link
    assert unescape(link.group(1)) == "/recherche?genre=partner"


def test_a_chosen_value_that_nothing_has_stays_shown(client: FlaskClient) -> None:
    page = client.get("/recherche?genre=company&reseau=cio").text

    assert "Aucun résultat" in page
    assert boxes(page, "reseau")["cio"][1:] == (0, True)
    assert "sans aucun filtre" in page


def test_the_blank_page_offers_to_browse(client: FlaskClient) -> None:
    page = client.get("/recherche").text

    assert 'href="/recherche?categorie=mission_locale"' in page
    assert 'href="/recherche?genre=event"' in page


def test_results_can_be_called_and_tell_their_next_date(client: FlaskClient) -> None:
    page = client.get("/recherche?lieu=Foug%C3%A8res").text.replace("\u00a0", " ")

    assert re.search(
        r'<a class="relais-phone" href="tel:\+33199000123"><span class="fr-sr-only">Appeler Mission locale de Fougères', page
    )
    assert "Lundi 30 novembre 2026" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("categorie=dragon", "« Qui » n’existe pas"),
        ("metier=cuisine", "« Métier » n’existe pas"),
        ("q=cio&tri=taille", "Tris possibles"),
        ("q=cio&rayon=7", "rayon doit"),
    ],
)
def test_a_value_that_no_listing_can_have_is_refused_with_a_sentence(client: FlaskClient, query: str, said: str) -> None:
    answer = client.get(f"/recherche?{query}")

    assert answer.status_code == 400
    assert said in unescape(answer.text).replace("\u00a0", " ")


def test_nearest_first_can_be_asked(client: FlaskClient) -> None:
    page = client.get("/recherche?q=cio&lieu=Foug%C3%A8res&tri=distance")

    assert page.status_code == 200
    assert re.search(r'<option value="distance" selected>', page.text)


def test_the_next_page_goes_on_counting_and_can_go_back(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.params.RESULTS_PER_PAGE", 3)
    first = client.get("/recherche?lieu=Foug%C3%A8res").text
    link = re.search(r'href="([^"]+)" rel="next"', first)

    assert link
    second = client.get(unescape(link.group(1))).text

    assert '<ol class="relais-results" start="4">' in second
    assert 'id="r4"' in second
    assert 'href="/recherche?lieu=Foug%C3%A8res">Revenir au début' in second
    assert not set(names(first)) & set(names(second))


def test_the_communes_of_the_map_are_points_with_their_people(client: FlaskClient) -> None:
    answer = client.get("/carte/communes/35")

    fougeres = next(row for row in answer.get_json() if row[0] == "Fougères")
    assert fougeres[1:3] == pytest.approx([48.35, -1.2], abs=0.05)
    assert fougeres[3] > 15_000
    assert "max-age" in answer.headers["Cache-Control"]
    assert client.get("/carte/communes/rien").get_json() == []
