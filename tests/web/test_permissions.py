"""Every route declares who may ask it, and answers nobody else: all routes, by all roles and by a visitor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from directory.models.accounts import Role
from directory.models.keys import ApiScope
from directory.services import Services
from tests.web.accounts import add_account, hidden_of, sign_in
from web import create_app
from web.access import PUBLIC, for_roles

KEEPERS = frozenset({Role.BUREAU, Role.ADMINISTRATOR})
REFERENT = frozenset({Role.REFERENT})
EXPECTED: dict[str, frozenset[Role]] = {
    **dict.fromkeys(
        (
            *(f"curation.{name}" for name in ("sheet", "form", "correct", "take_back", "keep", "check", "close")),
            *("curation.history", "curation.restore", "desk.home", "desk.queue", "desk.answer", "desk.journal"),
            *("adding.form", "adding.add", "adding.paste", "adding.from_register", "desk.selection"),
            *(f"files.{name}" for name in ("home", "send", "sheet", "choose", "choose_sheet", "review", "publish")),
            *(f"files.{name}" for name in ("stop", "before_undoing", "undo")),
            *(f"campaigns.{name}" for name in ("home", "blank", "prepare", "sheet", "launch", "stop")),
            *("answers.waiting", "answers.decide"),
        ),
        KEEPERS,
    ),
    **dict.fromkeys((f"companies.{name}" for name in ("index", "sheet", "note", "act")), frozenset({Role.BUREAU})),
    "statistics.statistics": frozenset({Role.ACADEMIE, Role.ADMINISTRATOR}),
    "upkeep.state": frozenset({Role.BUREAU, Role.ACADEMIE, Role.ADMINISTRATOR}),
    **dict.fromkeys((f"dossiers.{name}" for name in ("cohort", "blank", "open_dossier", "show", "change")), REFERENT),
    **dict.fromkeys(
        (
            f"acts.{name}"
            for name in (
                "add_step",
                "set_step",
                "choose",
                "propose",
                "hand_over",
                "liaison",
                "export",
                "confirm_erasure",
                "erase",
            )
        ),
        REFERENT,
    ),
    **dict.fromkeys(("accounts.own_password_form", "accounts.change_password"), frozenset(Role)),
    "counts.counts": frozenset({Role.REFERENT, Role.ACADEMIE, Role.ADMINISTRATOR}),
}
"""Endpoint → roles that it opens to. What is not here is public, or asks for a key of the API."""


@dataclass(frozen=True)
class Asked:
    """One request of a rule."""

    endpoint: str
    method: str
    path: str


def requests_of(app: Flask) -> Iterator[Asked]:
    """Every rule and method of the application, its parts filled in."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Asked(rule.endpoint, method, path_of(app, rule))


def path_of(app: Flask, rule: Rule) -> str:
    values = {name: 1 if "Integer" in type(rule._converters[name]).__name__ else "x" for name in rule.arguments}
    built = rule.build(values)
    assert built is not None
    return str(built[1])


def access_of(app: Flask, endpoint: str) -> object:
    return getattr(app.view_functions[endpoint], "access", None)


def test_every_route_declares_who_may_ask_it_and_nobody_else_is_let_in_by_it(people: Services) -> None:
    app = create_app(people)
    declared = {rule.endpoint: access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}

    assert [endpoint for endpoint, access in declared.items() if access is None] == []
    assert {
        each: access for each, access in declared.items() if access != PUBLIC and not isinstance(access, ApiScope)
    } == EXPECTED


def test_a_visitor_is_asked_to_sign_in_by_every_route_that_is_not_public(people: Services) -> None:
    app = create_app(people)
    client = app.test_client()
    wrong = []

    for asked in requests_of(app):
        answer = client.open(asked.path, method=asked.method)
        answer.close()
        held = answer.status_code == 401 or "/connexion?suite=" in answer.headers.get("Location", "")
        if held != (access_of(app, asked.endpoint) != PUBLIC):
            wrong.append((asked, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_no_role_is_let_in_by_a_route_that_is_not_for_it(people: Services, role: Role) -> None:
    app = create_app(people)
    wrong = []
    with app.test_client() as client:
        account = add_account(people, role)
        for asked in requests_of(app):
            if not isinstance(access_of(app, asked.endpoint), frozenset):
                continue
            if "relais" not in str(client.get_cookie("relais")):
                sign_in(client, account.email)
            answer = client.open(asked.path, method=asked.method, buffered=True)
            if (answer.status_code == 403) != (role not in EXPECTED[asked.endpoint]):
                wrong.append((asked, answer.status_code))

    assert wrong == []


@pytest.fixture
def guarded(people: Services) -> Iterator[FlaskClient]:
    """The pages, and three routes more: one for référents, one that writes, one that declares nothing."""
    app, pages = create_app(people), Blueprint("essai", __name__)

    @pages.get("/essai")
    @for_roles(Role.REFERENT)
    def shown() -> str:
        return "vu"

    @pages.post("/essai")
    @for_roles(Role.REFERENT)
    def written() -> str:
        return "écrit"

    @pages.get("/essai-sans-droit")
    def undeclared() -> str:
        return "vu"

    app.register_blueprint(pages)
    with app.test_client() as client:
        yield client


@pytest.mark.parametrize(("role", "status"), [(role, 200 if role == Role.REFERENT else 403) for role in Role])
def test_a_route_for_referents_refuses_every_other_role(guarded: FlaskClient, people: Services, role: Role, status: int) -> None:
    sign_in(guarded, add_account(people, role).email)

    assert guarded.get("/essai").status_code == status


def test_a_route_that_declares_nothing_is_closed_to_everyone(guarded: FlaskClient, people: Services) -> None:
    visited = guarded.get("/essai-sans-droit")
    sign_in(guarded, add_account(people, Role.ADMINISTRATOR).email)

    assert "/connexion" in visited.headers["Location"]
    assert guarded.get("/essai-sans-droit").status_code == 403


def test_a_lost_session_loses_nothing_of_what_was_typed(guarded: FlaskClient, people: Services) -> None:
    account = add_account(people, Role.REFERENT)
    lost = guarded.post("/essai", data={"jeton": "x", "note": "rappeler <b>lundi</b>"})
    sign_in(guarded, account.email)
    again = guarded.post("/essai", data=hidden_of(lost.text))
    done = guarded.post("/essai", data=hidden_of(again.text))

    assert lost.status_code == 401
    assert "rappeler &lt;b&gt;lundi&lt;/b&gt;" in lost.text
    assert again.status_code == 422
    assert "rappeler &lt;b&gt;lundi&lt;/b&gt;" in again.text
    assert hidden_of(again.text)["note"] == "rappeler <b>lundi</b>"
    assert done.text == "écrit"


def test_a_form_without_its_token_or_with_anothers_writes_nothing_and_keeps_the_text(
    guarded: FlaskClient, people: Services
) -> None:
    sign_in(guarded, add_account(people, Role.REFERENT).email)
    other = create_app(people).test_client()
    sign_in(other, add_account(people, Role.REFERENT, "autre@essai.example").email)
    theirs = hidden_of(other.get("/connexion").text)["jeton"]

    answers = [guarded.post("/essai", data={"note": "gardée", "jeton": jeton}) for jeton in ("", "forgé.1.2", theirs)]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("gardée" in answer.text for answer in answers)


def test_a_form_that_another_site_sends_is_refused(guarded: FlaskClient, people: Services) -> None:
    sign_in(guarded, add_account(people, Role.REFERENT).email)
    jeton = hidden_of(guarded.get("/connexion").text)["jeton"]

    answer = guarded.post("/essai", data={"jeton": jeton}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert guarded.post("/essai", data={"jeton": jeton}).text == "écrit"
