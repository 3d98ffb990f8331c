"""A cohort pasted in a page. Every student and company is invented."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def test_each_student_gets_a_place_or_the_reason_why_not(client: FlaskClient) -> None:
    pasted = "A1 ; 18 ; 35300 Fougères ; G1602 ; stage\nA2;18;13001;G1602;stage;à pied;30\n"

    page = text(client.post("/cohorte/places", data={"eleves": pasted}).text)

    assert "1 élève sur 2 a une place" in page
    assert "A1 Restaurant du Nançon Première proposition" in page
    assert re.search(r"A2 : Aucune place", page)


def test_what_is_pasted_from_a_spreadsheet_is_read_with_its_header(client: FlaskClient) -> None:
    pasted = "Repère\tÂge\tCommune\tMétiers\tVoies\nA1\t18 ans\tFougères\tcuisinier\tStage (PFMP), Apprentissage\n"

    answer = client.post("/cohorte/places", data={"eleves": pasted})

    assert answer.status_code == 200
    assert "1 élève sur 1" in text(answer.text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("A1;dix-huit;Rennes", "Ligne 2 : « Âge » doit être un nombre"),
        ("A1;18;Trifouillis", "Ligne 2"),
        ("A1;18;Rennes;;vacances", "Voie inconnue : « vacances »"),
        ("A1;18;Rennes;;;fusée", "Transport inconnu"),
        ("A1;18;Rennes;;;;;dragon", "Besoin inconnu"),
        ("A0;18;Rennes", "donné deux fois"),
    ],
)
def test_a_line_that_is_no_student_is_told_by_its_number_and_the_text_is_kept(client: FlaskClient, line: str, said: str) -> None:
    answer = client.post("/cohorte/places", data={"eleves": f"A0;18;35300 Fougères\n{line}"})

    assert answer.status_code == 422
    assert said in text(answer.text)
    assert line in unescape(answer.text)


def test_nothing_pasted_and_too_many_are_refused(client: FlaskClient) -> None:
    empty = client.post("/cohorte/places", data={"eleves": " \n"})
    many = client.post("/cohorte/places", data={"eleves": "\n".join(f"A{n};18;35300 Fougères" for n in range(61))})

    assert (empty.status_code, many.status_code) == (422, 422)
    assert "60 élèves au plus" in text(many.text)


def test_a_hostile_line_is_only_text(client: FlaskClient) -> None:
    answer = client.post("/cohorte/places", data={"eleves": "<script>alert(1)</script>;18;35300 Fougères"})

    assert "<script>alert" not in answer.text
