"""« Signaler une erreur »: kept once, nothing asked of who writes, refused with the message beside the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.repository.reports import MOST_OPEN
from directory.services import Services
from web import create_app

PAGE = "/fiches/demonstration--ml/signaler"
TYPED = {"raison": "contact", "texte": "Le standard ne répond plus."}


@pytest.fixture
def visitor(own: Services) -> Iterator[FlaskClient]:
    with create_app(own).test_client() as opened:
        yield opened


def token(client: FlaskClient, page: str = PAGE) -> str:
    found = re.search(r'name="jeton" value="([^"]+)"', client.get(page).text)
    assert found
    return found.group(1)


def test_a_report_is_kept_and_thanked(visitor: FlaskClient, own: Services) -> None:
    answer = visitor.post(PAGE, data={**TYPED, "jeton": token(visitor)})
    shown = visitor.get(answer.headers["Location"]).text

    kept = own.repository.list_reports()
    assert answer.status_code == 303
    assert [(each.listing_id, each.reason, each.text) for each in kept] == [("demonstration--ml", "contact", TYPED["texte"])]
    assert "votre signalement est arrivé" in shown


def test_the_same_form_sent_twice_is_one_report(visitor: FlaskClient, own: Services) -> None:
    data = {**TYPED, "jeton": token(visitor)}

    answers = [visitor.post(PAGE, data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert own.repository.count_reports() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"jeton": ""}, "ne vient pas de cette page"),
        ({"jeton": "a.b.c"}, "ne vient pas de cette page"),
        ({"jeton": "é.1.x"}, "ne vient pas de cette page"),
        ({"raison": ""}, "Choisissez ce qui ne va pas"),
        ({"raison": "dragon"}, "Choisissez ce qui ne va pas"),
        ({"texte": "x" * 1001}, "1000 caractères au plus"),
        ({"raison": "other", "texte": " \x00 "}, "Dites en une phrase"),
        ({"site": "https://pub.example/"}, "doit rester vide"),
    ],
)
def test_what_cannot_be_kept_comes_back_as_it_was(
    visitor: FlaskClient, own: Services, changed: dict[str, str], said: str
) -> None:
    answer = visitor.post(PAGE, data={**TYPED, "jeton": token(visitor), **changed})

    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert own.repository.count_reports() == 0
    if "texte" not in changed:
        assert TYPED["texte"] in answer.text


def test_a_token_is_for_one_listing_and_for_some_hours(visitor: FlaskClient, own: Services) -> None:
    other = token(visitor, "/fiches/demonstration--cio/signaler")
    late = create_app(replace(own, clock=lambda: own.clock() + timedelta(hours=5))).test_client()

    elsewhere = visitor.post(PAGE, data={**TYPED, "jeton": other})
    expired = late.post(PAGE, data={**TYPED, "jeton": token(visitor)})

    assert elsewhere.status_code == expired.status_code == 422
    assert "ouverte depuis longtemps" in expired.text
    assert TYPED["texte"] in expired.text
    assert own.repository.count_reports() == 0


def test_another_server_of_the_directory_reads_the_token(visitor: FlaskClient, own: Services) -> None:
    beside = create_app(replace(own)).test_client()

    assert beside.post(PAGE, data={**TYPED, "jeton": token(visitor)}).status_code == 303


def test_a_flood_is_stopped_and_said(visitor: FlaskClient, own: Services) -> None:
    for _ in range(MOST_OPEN):
        visitor.post(PAGE, data={**TYPED, "jeton": token(visitor)})

    answer = visitor.post(PAGE, data={**TYPED, "jeton": token(visitor)})

    assert answer.status_code == 429
    assert "réessayez plus tard" in answer.text
    assert TYPED["texte"] in answer.text
    assert own.repository.count_reports() == MOST_OPEN


def test_a_listing_that_is_not_public_cannot_be_reported(visitor: FlaskClient) -> None:
    assert visitor.get("/fiches/demonstration--secret/signaler").status_code == 404
    assert visitor.post("/fiches/demonstration--secret/signaler", data=TYPED).status_code == 404


def test_markup_in_a_report_is_only_text(visitor: FlaskClient) -> None:
    answer = visitor.post(PAGE, data={**TYPED, "texte": "</textarea><script>alert(1)</script>", "jeton": ""})

    assert "<script>alert" not in answer.text


def test_a_closed_report_keeps_what_was_decided_and_loses_its_text(visitor: FlaskClient, own: Services) -> None:
    visitor.post(PAGE, data={**TYPED, "jeton": token(visitor)})
    number = own.repository.list_reports()[0].number

    closed = own.repository.close_report(number, own.clock(), note="numéro corrigé", author="bureau")

    assert (closed.text, closed.note, closed.closed_by) == ("", "numéro corrigé", "bureau")
    assert own.repository.list_reports() == []
    assert own.repository.list_reports(closed=True) == [closed]


def test_no_cookie_is_set_and_the_form_is_public(make_app: Callable[..., Flask]) -> None:
    answer = make_app().test_client().get(PAGE)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
