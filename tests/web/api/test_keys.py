"""Keys: what they open, from where, how much; and what is kept of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.api_keys import make_key, parse_origin, renew_key
from directory.errors import InvalidValue
from directory.models.keys import ApiScope
from directory.services import Services
from web import create_app
from web.api.callers import KeyRing
from web.api.limits import network

V1 = "/api/v1"
SITE = "https://site.example"
PROFILE = {"place": "35300 Fougères", "age": 18}


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **more}


def test_anyone_may_read_and_nobody_may_match_without_a_key(api: FlaskClient) -> None:
    read, matched, exported = (
        api.get(f"{V1}/fiches"),
        api.post(f"{V1}/propositions", json=PROFILE),
        api.get(f"{V1}/exports/fiches.csv"),
    )

    assert read.status_code == 200
    for refused in (matched, exported):
        assert (refused.status_code, refused.get_json()["code"]) == (401, "key_required")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic dTpw",
        "Bearer relais_000000000000_" + "A" * 43,
        "Bearer " + "é" * 9,
        "Bearer " + "x" * 4000,
    ],
)
def test_a_key_that_is_none_is_refused_even_where_none_is_needed(api: FlaskClient, text: str) -> None:
    answer = api.get(f"{V1}/fiches", headers={"Authorization": text})

    assert answer.status_code == (401 if text else 200)


def test_the_right_id_with_another_secret_is_refused(api: FlaskClient, key: str) -> None:
    answer = api.get(f"{V1}/fiches", headers=bearer(key[:-6] + "AAAAAA"))

    assert answer.status_code == 401


def test_a_key_opens_its_scopes_only(api: FlaskClient, new_key: Callable[..., str]) -> None:
    reading = new_key(ApiScope.READING)

    answer = api.post(f"{V1}/propositions", json=PROFILE, headers=bearer(reading))

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_missing")


def test_a_key_that_is_over_or_revoked_opens_nothing(services: Services, new_key: Callable[..., str]) -> None:
    over, revoked = new_key(expires_at=services.clock()), new_key()
    kept = services.repository.get_key(revoked.split("_")[1])
    services.repository.keep_keys(changed=replace(kept, revoked_at=services.clock()))
    api = create_app(services).test_client()

    answers = [api.get(f"{V1}/fiches", headers=bearer(key)) for key in (over, revoked)]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_a_revoked_key_is_forgotten_within_seconds(services: Services, new_key: Callable[..., str], monkeypatch: Any) -> None:
    key, app = new_key(), create_app(services)
    api = app.test_client()
    assert api.get(f"{V1}/fiches", headers=bearer(key)).status_code == 200
    kept = services.repository.get_key(key.split("_")[1])
    services.repository.keep_keys(changed=replace(kept, revoked_at=services.clock()))

    monkeypatch.setattr("web.api.callers._KNOWN_FOR_S", 0.0)

    assert api.get(f"{V1}/fiches", headers=bearer(key)).status_code == 401


def test_only_a_digest_of_the_key_is_kept(services: Services, new_key: Callable[..., str]) -> None:
    key = new_key()
    secret = key.split("_", 2)[2]

    database = services.settings.data / "relais.sqlite3"
    kept = b"".join(path.read_bytes() for path in database.parent.glob("relais.sqlite3*"))

    assert key.split("_")[1].encode() in kept
    assert secret.encode() not in kept


def test_the_last_use_is_noted_to_the_hour(api: FlaskClient, services: Services, new_key: Callable[..., str]) -> None:
    key = new_key()

    api.get(f"{V1}/fiches", headers=bearer(key))

    used = services.repository.get_key(key.split("_")[1]).last_used_at
    assert used == services.clock().replace(minute=0, second=0, microsecond=0)


def test_a_key_reads_though_its_use_cannot_be_noted(people: Services) -> None:
    new = make_key("Essais", [ApiScope.READING], people.clock())
    people.repository.keep_keys(new=new.key)
    with sqlite3.connect(people.settings.data / "relais.sqlite3") as database:
        database.execute("CREATE TRIGGER full BEFORE UPDATE ON api_key BEGIN INSERT INTO nowhere VALUES (1); END")
    database.close()

    answer = create_app(people).test_client().get(f"{V1}/fiches", headers=bearer(new.text))

    assert answer.status_code == 200


# ---------------------------------------------------------------- sites

OTHERS = (
    "https://site.example.evil.example",
    "https://evilsite.example",
    "http://site.example",
    "https://site.example:8443",
    "https://SITE.example",
    "null",
    "https://sub.site.example",
)


def test_the_pages_of_a_key_s_site_may_read_the_answer(api: FlaskClient, key: str) -> None:
    answer = api.get(f"{V1}/fiches", headers=bearer(key, Origin=SITE))

    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", OTHERS)
def test_a_key_of_another_site_is_refused_and_no_origin_is_told(api: FlaskClient, key: str, origin: str) -> None:
    answer = api.get(f"{V1}/fiches", headers=bearer(key, Origin=origin))
    preflight = api.options(f"{V1}/fiches", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "origin_not_allowed")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_a_key_without_sites_is_for_servers_alone(api: FlaskClient, new_key: Callable[..., str]) -> None:
    key = new_key()

    from_server, from_page = (
        api.get(f"{V1}/fiches", headers=bearer(key)),
        api.get(f"{V1}/fiches", headers=bearer(key, Origin=SITE)),
    )

    assert (from_server.status_code, from_page.status_code) == (200, 403)


def test_a_preflight_of_a_known_site_is_told_what_it_may_send(api: FlaskClient, key: str) -> None:
    preflight = api.options(
        f"{V1}/propositions",
        headers={"Origin": SITE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"},
    )

    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == SITE
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert "POST" in preflight.headers["Allow"]


def test_what_is_made_to_be_embedded_may_be_read_by_any_page_and_nothing_else(api: FlaskClient) -> None:
    layer = api.get(f"{V1}/flux/fiches.geojson?departement=35", headers={"Origin": "https://quelconque.example"})
    search = api.get(f"{V1}/recherche?q=cio", headers={"Origin": "https://quelconque.example"})

    assert layer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in search.headers


@pytest.mark.parametrize(
    "text", ["site.example", "https://site.example/page", "https://*.example", "https://u@site.example", "file://x", ""]
)
def test_an_origin_is_a_scheme_a_host_and_a_port(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_origin(text)


@pytest.mark.parametrize(
    ("text", "origin"),
    [("HTTPS://Site.Example:443", "https://site.example"), ("http://site.example:8080", "http://site.example:8080")],
)
def test_an_origin_is_kept_as_browsers_send_it(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


# ---------------------------------------------------------------- limits


def test_without_a_key_small_limits_hold_and_are_told_by_standard_headers(services: Services) -> None:
    settings = replace(services.settings, api_anonymous="3/minute;100/day")
    api = create_app(replace(services, settings=settings)).test_client()

    answers = [api.get(f"{V1}/vocabulaire") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert '"minute";q=3;w=60' in answers[0].headers["RateLimit-Policy"]
    assert '"minute";r=2;' in answers[0].headers["RateLimit"]
    assert answers[3].get_json()["code"] == "too_many_requests"
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60


def test_each_key_has_its_own_limits(services: Services, new_key: Callable[..., str]) -> None:
    settings = replace(services.settings, api_anonymous="1/minute")
    api = create_app(replace(services, settings=settings)).test_client()
    small, other = new_key(per_minute=2), new_key(per_minute=2)

    counts = [
        [api.get(f"{V1}/vocabulaire", headers=headers).status_code for _ in range(3)]
        for headers in ({}, bearer(small), bearer(other))
    ]

    assert counts == [[200, 429, 429], [200, 200, 429], [200, 200, 429]]


def test_the_addresses_of_one_house_are_counted_together(services: Services) -> None:
    settings = replace(services.settings, api_anonymous="2/minute")
    api = create_app(replace(services, settings=settings)).test_client()
    same, other = [f"2001:db8:0:1::{rank}" for rank in range(3)], "2001:db8:0:2::1"

    statuses = [
        api.get(f"{V1}/lieux/35115", environ_overrides={"REMOTE_ADDR": address}).status_code
        for address in [*same, other, "10.0.0.1"]
    ]

    assert statuses == [200, 200, 429, 200, 200]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:51514", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]:51514", "2001:db8:1:2::/64"),
        ("rien", "rien"),
        ("", ""),
    ],
)
def test_an_address_counts_as_its_house_whatever_its_port(address: str, counted: str) -> None:
    assert network(address) == counted


def test_a_key_of_small_limits_may_still_ask_for_what_counts_for_much(services: Services, new_key: Callable[..., str]) -> None:
    small = new_key(per_minute=3)
    api = create_app(services).test_client()

    statuses = [api.get(f"{V1}/exports/fiches.csv", headers=bearer(small)).status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_behind_a_proxy_each_reader_has_their_own_limits(services: Services) -> None:
    settings = replace(services.settings, api_anonymous="1/minute", proxies=1)
    api = create_app(replace(services, settings=settings)).test_client()

    statuses = [
        api.get(f"{V1}/lieux/35115", headers={"X-Forwarded-For": f"6.6.6.6, 192.0.2.{last}"}).status_code for last in (1, 2, 1)
    ]

    assert statuses == [200, 200, 429]


def test_pages_and_preflights_are_not_counted(services: Services) -> None:
    settings = replace(services.settings, api_anonymous="1/minute")
    api = create_app(replace(services, settings=settings)).test_client()

    answers = [api.get("/recherche?q=cio") for _ in range(3)] + [api.options(f"{V1}/fiches") for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert api.get(f"{V1}/fiches").status_code == 200


def test_wrong_keys_cannot_be_tried_without_end(services: Services) -> None:
    settings = replace(services.settings, api_anonymous="3/minute")
    api = create_app(replace(services, settings=settings)).test_client()

    tried = [api.get(f"{V1}/fiches", headers=bearer(f"relais_{rank:012x}_{'A' * 43}")).status_code for rank in range(5)]

    assert tried == [401, 401, 401, 429, 429]


def test_the_ring_of_keys_is_bounded(services: Services, new_key: Callable[..., str], monkeypatch: Any) -> None:
    monkeypatch.setattr("web.api.callers._MOST_KNOWN", 3)
    ids, ring = [new_key().split("_")[1] for _ in range(8)], KeyRing()

    with create_app(services).app_context():
        for key_id in ids:
            ring.find(key_id)

    assert len(ring._keys) <= 3


def test_a_key_cannot_be_used_after_the_overlap_of_its_rotation(services: Services, new_key: Callable[..., str]) -> None:
    old = services.repository.get_key(new_key(origins=(SITE,)).split("_")[1])

    new, ending = renew_key(old, services.clock(), timedelta(days=7))

    assert (new.key.scopes, new.key.origins, new.key.label) == (old.scopes, old.origins, old.label)
    assert ending.replaced_by == new.key.id
    assert ending.is_valid(services.clock() + timedelta(days=6))
    assert not ending.is_valid(services.clock() + timedelta(days=7))
