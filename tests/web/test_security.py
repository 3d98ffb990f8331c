"""What every answer carries, what every request is held to, and what never leaves the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.models.keys import ApiScope
from web.params import LISTS, TEXTS
from web.security import ACCESS_LOG_FORMAT, MAX_BODY_BYTES

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
PAGES = (
    "/",
    "/recherche?q=cio",
    "/fiches/demonstration--ml",
    "/a-propos",
    "/mon-lycee?lycee=0350011X",
    "/accessibilite",
    "/donnees-personnelles",
    "/sante",
    "/rien",
)


def test_the_routes_that_ask_for_a_key_are_those_that_cost_most(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    declared = {rule.endpoint: getattr(app.view_functions[rule.endpoint], "access", "") for rule in app.url_map.iter_rules()}

    assert {endpoint: access for endpoint, access in declared.items() if isinstance(access, ApiScope)} == {
        "api.matches": ApiScope.MATCHING,
        "api.cohorts": ApiScope.MATCHING,
        "api.exports": ApiScope.EXPORTING,
    }


@pytest.mark.parametrize("path", PAGES)
def test_every_page_forbids_third_parties_frames_sniffing_and_referrers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_browser_that_came_by_https_is_told_to_come_back_by_it(client: FlaskClient) -> None:
    plain, secure = client.get("/"), client.get("/", base_url="https://relais.example/")

    assert "Strict-Transport-Security" not in plain.headers
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_cookie_is_ever_set(client: FlaskClient, profile: dict[str, Any]) -> None:
    posted = ("/propositions", "/", "/fiche-eleve", "/fiche-suivi", "/fiche-eleve.ics")
    answers = [client.get(path) for path in PAGES] + [client.post(path, data=profile) for path in posted]

    assert not [answer for answer in answers if "Set-Cookie" in answer.headers]


def test_no_page_has_script_or_style_within_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    posted = ("/propositions", "/fiche-eleve", "/fiche-suivi")
    pages = [client.get(path).text for path in PAGES] + [client.post(path, data=profile).text for path in posted]

    assert not [page for page in pages if " style=" in page or "<style" in page or " onclick=" in page or "<script>" in page]


@pytest.mark.parametrize("field", [*TEXTS, *LISTS])
def test_markup_typed_in_any_field_is_only_text(client: FlaskClient, profile: dict[str, Any], field: str) -> None:
    refused = client.post("/propositions", data={**profile, field: HOSTILE})
    edited = client.post("/", data={**profile, field: HOSTILE})

    for answer in (refused, edited):
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text


def test_markup_typed_in_a_search_is_only_text(client: FlaskClient) -> None:
    page = client.get("/recherche", query_string={"q": HOSTILE, "lieu": HOSTILE, "rayon": HOSTILE}).text

    assert "<script>alert" not in page
    assert escape(HOSTILE, quote=False)[:8] in page or "&#34;&gt;&lt;script" in page


def test_markup_in_a_listing_is_only_text(client: FlaskClient) -> None:
    profile = {"place": "35300 Fougères", "age": "18", "needs": ["mobilite"]}
    answer = client.post("/propositions", data=profile).text
    listing = client.get("/fiches/demonstration--hostile").text
    found = client.get("/recherche?q=permis").text

    assert "&lt;script&gt;" in answer
    assert "&lt;script&gt;" in listing
    assert "aide au" in found
    for page in (answer, listing, found):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>gras" not in page


def test_needs_are_in_no_address_and_in_no_log(
    client: FlaskClient, profile: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = client.post("/propositions", data={**profile, "needs": ["sante"], "publics": ["personnes-en-situation-de-handicap"]})

    addresses = [part.split('"')[0] for part in answer.text.split('href="')[1:]] + [
        part.split('"')[0] for part in answer.text.split('action="')[1:]
    ]
    assert answer.status_code == 200
    assert not [address for address in addresses if "sante" in address or "handicap" in address or "Foug" in address]
    assert "sante" not in caplog.text
    assert "Fougères" not in caplog.text


def test_an_error_inside_is_logged_without_what_was_typed(
    make_app: Callable[..., Flask], profile: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def find(self, text: str) -> None:
            raise ValueError(f"cannot read {text}")

    answer = make_app(gazetteer=Broken()).test_client().post("/propositions", data=profile)

    assert answer.status_code == 500
    assert "ValueError" in caplog.text
    assert "Fougères" not in caplog.text
    assert "Fougères" not in answer.text


def test_the_access_log_format_holds_no_query_no_referrer_and_no_address() -> None:
    for part in ("%(q)s", "%(r)s", "%(f)s", "%(h)s", "%(a)s"):
        assert part not in ACCESS_LOG_FORMAT


def test_a_body_of_200_kb_is_refused(client: FlaskClient) -> None:
    answer = client.post("/propositions", data={"place": "x" * 200_000})

    assert answer.status_code == 413
    assert "taille" in answer.text
    assert MAX_BODY_BYTES < 200_000


def test_a_form_of_a_thousand_fields_is_refused(client: FlaskClient) -> None:
    answer = client.post("/propositions", data={"needs": ["sante"] * 2000})

    assert answer.status_code in {413, 422}


def test_a_page_answers_to_head_and_refuses_other_methods(client: FlaskClient) -> None:
    head, put = client.head("/"), client.put("/propositions")

    assert (head.status_code, head.data) == (200, b"")
    assert put.status_code == 405
    assert "POST" in put.headers["Allow"]
    assert "ne répond pas à ce type de demande" in put.text


def test_static_files_are_kept_by_the_browser_and_pages_are_not(client: FlaskClient) -> None:
    versioned = client.get("/static/css/relais.css?v=1", buffered=True)
    plain = client.get("/static/css/relais.css", buffered=True)

    assert "immutable" in versioned.headers["Cache-Control"]
    assert "max-age=86400" in plain.headers["Cache-Control"]


def test_a_path_out_of_the_static_folder_is_not_found(client: FlaskClient) -> None:
    assert client.get("/static/../errors.py").status_code == 404
    assert client.get("/static/%2e%2e/errors.py").status_code == 404
