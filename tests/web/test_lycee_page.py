"""Mon lycée: who follows its pupils, what is missing, the calendar of the parcours, the official resources."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.services import Services
from web.resources import RESOURCES, resources_for

UAI = "0350011X"
HOSTILE = '"><script>alert(1)</script>'


def words(page: str) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]))
    return " ".join(text.replace("\u00a0", " ").split()).replace(" ,", ",")


def role(page: str, category: str) -> str:
    return words("<main>" + page[page.index(f'id="role-{category}"') :].split("</section>", maxsplit=1)[0])


def test_a_lycee_is_found_by_its_uai_and_its_partners_by_its_commune(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    assert "LYCÉE JEAN GUÉHENNO" in words(page)
    assert "Mission locale de Fougères Démonstration Accueil : 01 99 00 01 23" in role(page, "mission_locale")
    assert "CIO de Fougères" in role(page, "cio")


def test_what_is_missing_is_said_with_whom_to_ask(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    assert "Il manque à l’annuaire, pour ce lycée : Référents du parcours (PACTE) ; Au lycée ; Bureau des entreprises" in words(
        page
    )
    assert "Bassin inconnu" in words(page)
    assert "Aucune fiche dans l’annuaire. On y entre par un CIO ou une mission locale." in role(page, "psad")


def test_a_named_person_is_not_shown(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    assert "Camille" not in page


def test_the_calendar_holds_the_bounds_of_the_parcours_its_weeks_and_the_fairs_near(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    calendar = words("<main>" + page[page.index('id="calendrier"') :].split("</ol>")[0])
    assert "Calendrier du parcours 2026" in calendar
    assert "1er septembre 2026 Début du parcours" in calendar
    assert "9 semaines de stage (PFMP) au plus, les deux tiers de 14 semaines de cours" in calendar
    assert "30 novembre 2026 Job dating des remparts" in calendar
    assert calendar.rstrip().endswith("MENE2318171A)")
    assert "31 décembre 2026 Fin du parcours" in calendar


def test_the_calendar_leaves_workshops_and_meetings_out(meeting_client: FlaskClient) -> None:
    page = meeting_client.get(f"/mon-lycee?lycee={UAI}").text

    calendar = words("<main>" + page[page.index('id="calendrier"') :].split("</ol>")[0])
    assert "Job dating des remparts" in calendar
    assert "Réunion des remparts" not in calendar


def test_in_january_the_calendar_is_that_of_the_next_parcours(make_app: Callable[..., Flask], services: Services) -> None:
    january = replace(services, clock=lambda: datetime.fromisoformat("2027-01-15T10:00:00+01:00"))

    page = make_app(clock=january.clock).test_client().get(f"/mon-lycee?lycee={UAI}").text

    assert "Calendrier du parcours 2027" in words(page)
    assert "Aucun salon, job dating ni portes ouvertes" in words(page)


def test_the_lycee_may_be_named(client: FlaskClient) -> None:
    one = client.get("/mon-lycee", query_string={"lycee": "Lycée Jean Guéhenno, Fougères (0350011X)"})
    several = client.get("/mon-lycee", query_string={"lycee": "jean guéhenno"})

    assert one.status_code == 200
    assert several.status_code == 422
    assert 'href="/mon-lycee?lycee=0350011X"' in several.text
    assert 'value="jean guéhenno"' in several.text


@pytest.mark.parametrize("typed", ["0350011A", "zzqqxxyy", HOSTILE, "0" * 400])
def test_a_lycee_that_does_not_exist_is_refused_beside_the_field(client: FlaskClient, typed: str) -> None:
    answer = client.get("/mon-lycee", query_string={"lycee": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_lycee_of_no_referential_says_that_nothing_can_be_found(client: FlaskClient) -> None:
    answer = client.get("/mon-lycee?lycee=9990001X")

    assert answer.status_code == 200
    assert "Ce lycée n’est pas dans l’annuaire" in words(answer.text)


def test_the_resources_are_dated_or_said_not_to_be_checked(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    resources = page[page.index('id="ressources"') :]
    assert resources.count("Adresse vérifiée le") + resources.count("Adresse non vérifiée") == len(resources_for("53"))
    assert "Oriane" not in resources


def test_the_resources_of_a_region_are_shown_there_only() -> None:
    assert {each.name for each in RESOURCES} - {each.name for each in resources_for("53")} == {"Oriane", "PRIJ"}
    assert len(resources_for("11")) == len(RESOURCES)
    assert all(each.url.startswith("https://") for each in RESOURCES)


def test_a_check_that_nobody_made_is_not_dated(client: FlaskClient) -> None:
    page = client.get(f"/mon-lycee?lycee={UAI}").text

    assert "Vérifié le 2 novembre 2026 par équipe d’essai." in role(page, "mission_locale")
    assert "Vérifié le" not in role(page, "cio")
    assert "Pas encore vérifié." in role(page, "cio")
