"""Requests that nobody honest sends: the right status, a problem document, bounded work."""

from __future__ import annotations

import gzip
import io
import json
import socket
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.serving import PATIENCE_S
from web.security import MAX_BODY_BYTES

V1 = "/api/v1"
PROFILE = {"place": "35300 Fougères", "age": 18}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"place": "35300", "age": NaN}', "application/json", 400),
        (b'{"place": "35300", "age": 18, "age": 19}', "application/json", 400),
        (b"\xff\xfe{\x00}\x00", "application/json", 400),
        (b'{"place": "\xe9", "age": 18}', "application/json", 400),
        (b"[" * 30_000 + b"]" * 30_000, "application/json", 400),
        (b'"{\\"place\\": \\"35300\\", \\"age\\": 18}"', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"place=35300&age=18", "application/x-www-form-urlencoded", 415),
        (b'{"place": "35300 Foug\xc3\xa8res", "age": 18}', "text/plain", 415),
        (json.dumps({**PROFILE, "x" * 1000: 1}).encode(), "application/json", 422),
        (json.dumps({**PROFILE, "needs": ["logement"] * 5000}).encode(), "application/json", 422),
        (json.dumps({**PROFILE, "age": 10**400}).encode(), "application/json", 422),
        (json.dumps({**PROFILE, "age": True}).encode(), "application/json", 422),
        (json.dumps({**PROFILE, "age": "18"}).encode(), "application/json", 422),
        (json.dumps({**PROFILE, "diploma": {"obtained": "oui"}}).encode(), "application/json", 422),
        (b'{"place": "\\ud800", "age": 18}', "application/json", 422),
        (json.dumps({**PROFILE, "place": "x" * MAX_BODY_BYTES}).encode(), "application/json", 413),
    ],
)
def test_a_body_that_is_no_profile_is_refused(
    api: FlaskClient, headers: dict[str, str], body: bytes, kind: str, status: int
) -> None:
    answer = api.post(f"{V1}/propositions", data=body, headers={**headers, "Content-Type": kind})

    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert len(answer.data) < 4000


def test_a_body_that_is_compressed_is_of_a_type_that_is_not_read(api: FlaskClient, headers: dict[str, str]) -> None:
    sent = {**headers, **JSON, "Content-Encoding": "gzip"}

    assert api.post(f"{V1}/propositions", data=gzip.compress(json.dumps(PROFILE).encode()), headers=sent).status_code == 415


@pytest.mark.parametrize(("size", "status"), [(100, 422), (MAX_BODY_BYTES + 1, 413)])
def test_a_body_without_a_length_is_held_to_the_same_size(
    api: FlaskClient, headers: dict[str, str], size: int, status: int
) -> None:
    body = io.BytesIO(json.dumps({**PROFILE, "place": "x" * size}).encode())

    answer = api.post(
        f"{V1}/propositions",
        input_stream=body,
        headers={**headers, **JSON},
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/lieux/35999", 404, "commune_not_found", None),
        ("/recherche?suite=abc", 400, "invalid_cursor", "suite"),
        ("/recherche?lieu=Nulleville", 422, "unclear_place", "lieu"),
        ("/recherche?genre=rien", 422, "invalid_request", "genre[0]"),
    ],
)
def test_a_refusal_names_the_parameter_that_was_sent(
    api: FlaskClient, path: str, status: int, code: str, field: str | None
) -> None:
    answer = api.get(V1 + path)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert [each["field"] for each in answer.get_json().get("errors", [])] == ([field] if field else [])


@pytest.mark.parametrize(
    "students", [[], [{**PROFILE}] * 61, [{**PROFILE, "reference": "A"}, {**PROFILE, "reference": "A"}], "x", [None]]
)
def test_a_cohort_that_is_none_is_refused(api: FlaskClient, headers: dict[str, str], students: Any) -> None:
    answer = api.post(f"{V1}/cohortes", json={"students": students}, headers=headers)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "limite=100000", "limite=0", "limite=-1", "limite=1e2", "limite=١", "limite=1_0", "limite=%2B5", "q=caf%E9",
        "limite=1&limite=2", "q=a&q=b", "genre=rien",
        "departement=999", "du=hier", "du=0", "rayon=12", "rayon=inf", "age=-1", "inconnu=1", "tri=hasard", "facettes=true",
        f"q={'x' * 301}", "&".join(["genre=event"] * 50), "metier=G16", "sans=tout",
    ],
)  # fmt: skip
def test_a_parameter_that_is_not_allowed_is_refused(api: FlaskClient, query: str) -> None:
    answer = api.get(f"{V1}/recherche?{query}")

    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")
    assert answer.get_json()["errors"][0]["field"]


def forge(cursor: str) -> list[str]:
    flipped = ("B" if cursor[0] != "B" else "C") + cursor[1:]
    return [flipped, cursor[:-1], cursor + "AA", "A" * len(cursor), "=", "AAAA"]


@pytest.mark.parametrize("path", ["/fiches?limite=2", "/changements?limite=2", "/recherche?limite=2"])
def test_a_forged_or_foreign_cursor_is_refused(api: FlaskClient, path: str) -> None:
    cursor = api.get(V1 + path).get_json()["next"]
    foreign = api.get(f"{V1}/fiches?limite=2&departement=35").get_json()["next"]

    for text in [*forge(cursor), foreign]:
        answer = api.get(f"{V1}{path}&suite={text}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_cursor"), text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "POST"])
def test_a_method_that_a_route_does_not_have_is_refused_and_the_right_ones_told(api: FlaskClient, method: str) -> None:
    answer = api.open(f"{V1}/fiches", method=method)

    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert {"GET", "HEAD", "OPTIONS"} == {each.strip() for each in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("path", ["", "/", "/fiches/", "/rien", "/fiches/a/b", "/../fiches", "/exports/passwd"])
def test_an_address_that_does_not_exist_is_a_problem_document(api: FlaskClient, headers: dict[str, str], path: str) -> None:
    answer = api.get(V1 + path, headers=headers)

    assert answer.status_code in {404, 422}
    assert answer.content_type == "application/problem+json"


def test_two_exports_are_sent_at_once_and_the_third_is_told_to_wait(api: FlaskClient, headers: dict[str, str]) -> None:
    sending = [api.get(f"{V1}/exports/fiches.ndjson", headers=headers, buffered=False) for _ in range(2)]

    refused = api.get(f"{V1}/exports/fiches.ndjson", headers=headers)
    for answer in sending:
        answer.close()
    after = api.get(f"{V1}/exports/fiches.ndjson", headers=headers)

    assert (refused.status_code, refused.get_json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert after.status_code == 200


def test_a_request_with_a_host_of_its_own_gets_no_other_origin(api: FlaskClient, headers: dict[str, str]) -> None:
    answer = api.get(f"{V1}/fiches", headers={**headers, "Origin": "https://evil.example", "Host": "evil.example"})

    # the host that the client names is no proof: the scheme differs here, and a key of another site stays refused
    assert answer.status_code == 403


def test_raw_bytes_that_are_no_http_do_not_hurt_the_server(api_server: str) -> None:
    host, port = api_server.removeprefix("http://").split(":")
    negative = b"POST /api/v1/propositions HTTP/1.1\r\nContent-Length: -5\r\n\r\n"
    for raw in (b"\x00" * 100, b"GET /api/v1/fiches HTTP/9.9\r\n\r\n", negative):
        with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(100)

    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        connection.sendall(b"GET /api/v1/sources HTTP/1.0\r\n\r\n")
        assert b"200" in connection.recv(20)
