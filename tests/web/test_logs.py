"""What the log says of requests: their route, their time, an id; never who asks, nor what they type, whatever goes wrong."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.errors import DatabaseError
from directory.models.accounts import Role
from directory.services import Services
from relais.logs import JsonLines, PlainLines
from tests.log_watch import ROOMS, LogWatch
from tests.web.accounts import add_account, sign_in
from tests.web.test_permissions import requests_of
from web import create_app

MARKS = ("Zéphyrine", "Zephyrine", "Z%C3%A9phyrine", "zephyrine")


class Lines(logging.Handler):
    """Every line, in both forms."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [form.format(record) for form in (JsonLines(), PlainLines(), logging.Formatter())]

    def of(self, logger: str) -> list[dict[str, Any]]:
        """The lines of a logger, as JSON."""
        return [read for read in map(json.loads, self.lines[::3]) if read["logger"] == logger]


@pytest.fixture
def lines() -> Iterator[Lines]:
    found, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(found)
    root.setLevel(logging.DEBUG)
    yield found
    root.setLevel(level)
    root.removeHandler(found)


def plant(client: FlaskClient, path: str, method: str) -> int:
    """Ask a route with someone's name everywhere that a request can hold one."""
    name = "Zéphyrine Planté"
    fields = {
        field: f"{name} {field}" for field in ("q", "lieu", "place", "needs", "email", "secret", "text", "note", "name", "code")
    }
    headers = {"User-Agent": "Zephyrine", "Referer": "https://ailleurs.example/?q=Zephyrine", "X-Request-ID": "Zephyrine-1234"}
    headers |= {"X-Forwarded-For": "Zephyrine", "Authorization": "Bearer zephyrine.Zephyrine"}
    known = path.replace("/x", "/Zephyrine") if "/x" in path else path
    body: dict[str, Any] = {"json": {"profile": fields, **fields}} if path.startswith("/api/") else {"data": fields}
    more = body if method != "GET" else {}
    answer = client.open(known, method=method, query_string=fields, headers=headers, buffered=True, **more)
    return answer.status_code


class Broken:
    """A directory that fails at each question, quoting what it was asked, as a driver's error does."""

    def __getattr__(self, name: str) -> Any:
        def fail(*args: object, **more: object) -> None:
            driver = ValueError(f"DETAIL: Key ({name})=(Zéphyrine {args} {more}) already exists.")
            raise DatabaseError("the database failed", public="La base ne répond pas.") from driver

        return fail


@pytest.mark.parametrize("broken", [False, True], ids=["all is well", "the directory fails"])
def test_no_route_logs_anything_of_what_a_request_holds(people: Services, lines: Lines, *, broken: bool) -> None:
    services = replace(people, repository=Broken(), index=Broken(), gazetteer=Broken()) if broken else people  # type: ignore[arg-type]
    app = create_app(services)
    asked = list(requests_of(app))

    for each in asked:
        plant(app.test_client(), each.path, each.method)

    assert len(lines.of("web.watching")) == len(asked)
    assert not [line for line in lines.lines if any(mark in line for mark in MARKS)]


def test_no_route_logs_anything_of_an_account_or_of_what_it_types(people: Services, lines: Lines) -> None:
    app = create_app(people)
    for role in Role:
        account = add_account(people, role, f"zephyrine-{role}@lycee.example")
        client = app.test_client()
        for each in requests_of(app):
            if "relais" not in str(client.get_cookie("relais")):
                sign_in(client, account.email)
            plant(client, each.path, each.method)

    assert lines.lines
    assert not [line for line in lines.lines if any(mark in line for mark in MARKS)]


def test_the_watch_on_the_logs_of_the_suite_sees_what_is_planted(log_watch: LogWatch) -> None:
    for room in ROOMS:
        logging.getLogger(f"{room}.essai").debug("a student of %s", "Fougères")

    found = list(log_watch.lines)
    log_watch.lines.clear()
    assert len(found) == len(ROOMS)


def test_each_request_is_told_by_its_route_with_an_id_that_its_answer_bears(client: FlaskClient, lines: Lines) -> None:
    answer = client.get("/fiches/demonstration--ml")

    told = lines.of("web.watching")[-1]
    assert (told["method"], told["route"], told["status"]) == ("GET", "/fiches/<listing_id>", 200)
    assert told["request"] == answer.headers["X-Request-ID"]
    assert told["queries"] > 0
    assert re.fullmatch(r"[0-9a-f]{16}", told["request"])


def test_the_id_of_a_request_is_the_proxys_and_nobody_elses(services: Services, client: FlaskClient) -> None:
    behind = create_app(replace(services, settings=replace(services.settings, proxies=1))).test_client()
    given = {"X-Request-ID": "abc-0123456789"}

    assert behind.get("/sante", headers=given).headers["X-Request-ID"] == "abc-0123456789"
    assert behind.get("/sante", headers={"X-Request-ID": "un nom\tlà"}).headers["X-Request-ID"] != "un nom\tlà"
    assert client.get("/sante", headers=given).headers["X-Request-ID"] != "abc-0123456789"


def test_an_error_of_the_service_gives_a_reference_that_finds_its_line(make_app: Callable[..., Flask], lines: Lines) -> None:
    answer = make_app(repository=Broken()).test_client().get("/a-propos")

    told = lines.of("web.errors")[-1]
    assert answer.status_code == 503
    assert told["request"] in answer.text
    assert [each["type"] for each in told["error"]] == ["DatabaseError", "ValueError"]
    assert told["error"][0]["message"] == "the database failed"
    assert any("about.py" in where for where in told["error"][0]["at"])


@pytest.mark.parametrize(("slow_ms", "told"), [(0, "request"), (600_000, "request"), (1, "slow request")])
def test_a_slow_request_is_told_as_such(services: Services, lines: Lines, slow_ms: int, told: str) -> None:
    app = create_app(replace(services, settings=replace(services.settings, slow_ms=slow_ms)))

    app.test_client().get("/recherche?q=mission+locale")

    assert lines.of("web.watching")[-1]["message"] == told
