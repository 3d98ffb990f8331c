"""Suggestions of places and occupations, as JSON."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


def test_a_place_is_completed_with_its_code(client: FlaskClient) -> None:
    found = client.post("/lieux", data={"q": "foug"}).get_json()["suggestions"]

    assert {"35115"} <= {each["code"] for each in found}
    assert len(found) <= 8


def test_an_occupation_is_completed_with_its_code(client: FlaskClient) -> None:
    found = client.get("/metiers", query_string={"q": "cuisin"}).get_json()["suggestions"]

    assert any(each["code"] == "G1602" and each["value"].endswith("(G1602)") for each in found)


@pytest.mark.parametrize("text", ["", "a", " ", "\x00\x00", "q" * 5000, "'; drop table", "%_%"])
def test_any_text_gets_an_answer(client: FlaskClient, text: str) -> None:
    answer = client.post("/lieux", data={"q": text})

    assert answer.status_code == 200
    assert isinstance(answer.get_json()["suggestions"], list)


def test_a_suggestion_taken_as_it_is_names_one_place(client: FlaskClient) -> None:
    found = client.post("/lieux?niveau=commune", data={"q": "saint denis"}).get_json()["suggestions"]

    for each in found[:4]:
        chosen = {"place": each["value"], "place_for": each["value"], "place_code": each["code"], "age": "18"}
        assert client.post("/propositions", data=chosen).status_code == 200


def test_a_program_gets_a_problem_document(client: FlaskClient) -> None:
    answer = client.delete("/lieux")

    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert set(answer.get_json()) == {"type", "title", "status", "detail"}


def test_lycees_are_found_by_their_name_and_town(client: FlaskClient) -> None:
    found = client.post("/lycees", data={"q": "guehenno foug"}).get_json()["suggestions"]

    assert found
    assert all("(035" in suggestion["value"] for suggestion in found)
