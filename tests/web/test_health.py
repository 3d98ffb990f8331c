"""For the machines that watch: alive, ready, and the figures for whoever holds their key."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from directory.errors import DatabaseError
from directory.services import Services
from web import create_app

KEY = "c0ffee5eaf00d1234567"


class Away:
    """A part that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        def fail(*args: object, **more: object) -> None:
            raise DatabaseError("away", public="La base ne répond pas.")

        return fail


def figures(app: Flask) -> dict[str, float]:
    """Every figure, by its name and labels."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", answer.text, re.MULTILINE)}


@pytest.fixture
def watched(services: Services) -> Flask:
    return create_app(replace(services, settings=replace(services.settings, metrics_key=KEY)))


def test_a_process_is_alive_while_its_database_is_away_and_is_not_ready(make_app: Callable[..., Flask]) -> None:
    client = make_app(repository=Away()).test_client()

    assert client.get("/sante/vivant").status_code == 200
    assert client.get("/sante").status_code == 503


@pytest.mark.parametrize("given", ["", KEY, f"Bearer {KEY[:-1]}", f"Bearer {KEY} ", "Bearer ", f"bearer {KEY}é"])
def test_the_figures_are_nowhere_for_who_does_not_hold_their_key(watched: Flask, given: str) -> None:
    answer = watched.test_client().get("/metrics", headers={"Authorization": given} if given else {})

    assert answer.status_code == 404
    assert "relais_requests" not in answer.text


def test_without_a_key_set_nobody_reads_the_figures(make_app: Callable[..., Flask]) -> None:
    client = make_app().test_client()

    assert [client.get("/metrics", headers={"Authorization": given}).status_code for given in ("Bearer ", "")] == [404, 404]


def test_requests_are_counted_by_route_method_and_status_never_by_path(watched: Flask) -> None:
    client = watched.test_client()
    for path in (
        "/fiches/demonstration--ml",
        "/fiches/demonstration--cio",
        "/fiches/rien",
        "/rien/Camille",
        "/recherche?q=Camille",
    ):
        client.get(path)
    client.open("/a-propos", method="INVENTED")

    found = figures(watched)

    assert found['relais_requests_total{method="GET",route="/fiches/<listing_id>",status="200"}'] == 2
    assert found['relais_requests_total{method="GET",route="/fiches/<listing_id>",status="404"}'] == 1
    assert found['relais_requests_total{method="GET",route="(inconnue)",status="404"}'] == 1
    assert found['relais_request_seconds_count{route="/recherche"}'] == 1
    assert found["relais_queries_total"] > 0
    assert not [name for name in found if "Camille" in name or "INVENTED" in name or "rien" in name]


def test_the_figures_say_what_answers_and_how_old_each_source_is(watched: Flask) -> None:
    found = figures(watched)

    assert found['relais_up{part="directory"}'] == found['relais_up{part="index"}'] == 1
    assert found['relais_revision{part="directory"}'] == found['relais_revision{part="index"}'] > 0
    assert found['relais_source_age_seconds{source="demonstration"}'] == 0


def test_the_figures_are_given_while_the_directory_is_away_and_count_what_failed(services: Services) -> None:
    settings = replace(services.settings, metrics_key=KEY)
    app = create_app(replace(services, settings=settings, repository=Away()))  # type: ignore[arg-type]
    app.test_client().get("/a-propos")

    found = figures(app)

    assert found['relais_up{part="directory"}'] == 0
    assert found['relais_errors_total{error="DatabaseError"}'] == 1
