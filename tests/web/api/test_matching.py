"""Matches and cohorts: the shape of the command line, and nothing of a student kept or written anywhere."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.services import Services
from directory.settings import read_settings
from relais.cli import relais
from relais.services import build_services
from tests.serving import PATIENCE_S, free_port
from web import create_app

V1 = "/api/v1"
PROFILE: dict[str, Any] = {
    "reference": "2026-017",
    "age": 18,
    "place": "35300 Fougères",
    "situation": "graduate",
    "diploma": {"level": "cap", "specialty": "Cuisine", "obtained": True},
    "wishes": {"occupations": ["G1602"], "paths": ["apprenticeship", "internship"]},
    "needs": ["logement", "sante"],
    "mobility": {"mode": "transit", "max_minutes": 60},
}
PLANTED = ("Zéphyrine-Plantée", "Xanthoux-la-Plantée", "besoin-plante")
HOSTILE = {**PROFILE, "reference": PLANTED[0], "place": PLANTED[1], "needs": [PLANTED[2]]}


def test_a_match_answers_in_the_shape_of_the_command_line(
    api: FlaskClient,
    services: Services,
    headers: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELAIS_DATA", str(services.settings.data))
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(PROFILE))

    asked = api.post(f"{V1}/propositions?limite=10&le=2026-11-24&et_si=oui", json=PROFILE, headers=headers).get_json()
    with pytest.raises(SystemExit):
        relais.main(["match", str(path), "--limit", "10", "--at", "2026-11-24", "--what-if", "--json"])
    printed = json.loads(capsys.readouterr().out)

    assert asked["sections"]["partners"]
    assert asked == printed
    for section in asked["sections"].values():
        for match in section:
            assert sum(each["points"] for each in match["contributions"]) == match["score"]


def test_a_cohort_answers_in_the_shape_of_the_command_line(
    api: FlaskClient,
    services: Services,
    headers: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELAIS_DATA", str(services.settings.data))
    cohort = {"students": [{**PROFILE, "reference": f"A{rank}"} for rank in range(3)]}
    path = tmp_path / "cohort.json"
    path.write_text(json.dumps(cohort))

    asked = api.post(f"{V1}/cohortes?le=2026-11-24", json=cohort, headers=headers).get_json()
    with pytest.raises(SystemExit):
        relais.main(["cohort", str(path), "--at", "2026-11-24", "--json"])
    printed = json.loads(capsys.readouterr().out)

    assert len(asked["assignments"]) == 2
    assert asked == printed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"age": None}, "age"),
        ({"place": "zzzqqq"}, "place"),
        ({"prenom": "x"}, "prenom"),
        ({"age": "dix-huit"}, "age"),
        ({"mobility": {"mode": "fusée"}}, "mobility.mode"),
        ({"needs": ["rien-de-tel"]}, "needs"),
        ({"wishes": {"paths": "job"}}, "wishes.paths"),
    ],
)
def test_a_refused_profile_names_the_field_without_its_value(
    api: FlaskClient, headers: dict[str, str], change: dict[str, Any], field: str
) -> None:
    answer = api.post(f"{V1}/propositions", json={**PROFILE, **change}, headers=headers)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["errors"][0]["field"].startswith(field)


def test_answers_about_a_student_are_kept_by_nobody(api: FlaskClient, headers: dict[str, str]) -> None:
    answer = api.post(f"{V1}/propositions", json=PROFILE, headers=headers)

    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_profile_is_asked_for_by_post_alone(api: FlaskClient, headers: dict[str, str]) -> None:
    answer = api.get(f"{V1}/propositions?place=Fougeres", headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_no_log_of_the_program_holds_anything_of_a_match(
    services: Services, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def find(self, text: str, **_: object) -> None:
            raise ValueError(f"cannot read {text}")

        def find_lycee(self, _uai: str) -> None:
            return None

    caplog.set_level(logging.DEBUG)
    right, broken = create_app(services).test_client(), create_app(replace(services, gazetteer=Broken())).test_client()  # type: ignore[arg-type]

    statuses = [
        right.post(f"{V1}/propositions", json=HOSTILE, headers=headers).status_code,
        right.post(f"{V1}/propositions", json={**HOSTILE, PLANTED[0]: PLANTED[0]}, headers=headers).status_code,
        right.post(f"{V1}/propositions", data=f'{{"place": "{PLANTED[1]}"', headers=headers).status_code,
        right.post(f"{V1}/cohortes", json={"students": [HOSTILE]}, headers=headers).status_code,
        broken.post(f"{V1}/propositions", json=HOSTILE, headers=headers).status_code,
    ]

    assert statuses == [422, 422, 415, 422, 500]
    assert "ValueError" in caplog.text
    for planted in PLANTED:
        assert planted not in caplog.text


@pytest.fixture
def production(new_data: Callable[[Path], Path], tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """The production server on an empty directory: its address, a key, and the file of all it prints."""
    port = str(free_port())
    environ = {**os.environ, "RELAIS_DATA": str(tmp_path / "data"), "RELAIS_PORT": port, "RELAIS_WORKERS": "1"}
    services = build_services(read_settings({"RELAIS_DATA": str(new_data(tmp_path / "data"))}))
    services.keeper.rebuild()
    key = make_key("Essais", tuple(ApiScope), services.clock())
    services.repository.keep_keys(new=key.key)
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        server = subprocess.Popen([sys.executable, "-m", "relais", "serve"], env=environ, stdout=file, stderr=file)
        try:
            wait_for(f"http://127.0.0.1:{port}/sante")
            yield f"http://127.0.0.1:{port}", key.text, log
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(PATIENCE_S)


def wait_for(address: str) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_S):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_nothing_that_the_production_server_prints_or_writes_holds_anything_of_a_match(
    production: tuple[str, str, Path],
) -> None:
    address, key, log = production
    known = {**PROFILE, "reference": PLANTED[0]}
    statuses = []
    for profile in (known, HOSTILE, {**HOSTILE, "birth_date": PLANTED[0]}):
        request = urllib.request.Request(  # noqa: S310
            f"{address}{V1}/propositions",
            json.dumps(profile).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                statuses.append(answer.status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
            error.close()

    with socket.create_connection(("127.0.0.1", urlsplit(address).port or 80), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET {V1}/recherche?q={PLANTED[0]} HTTP/1.1\r\n\r\n".encode())  # no request: bytes that are not ASCII
        assert b"400" in connection.recv(50)

    written = b"".join(path.read_bytes() for path in [log, *log.parent.joinpath("data").rglob("*")] if path.is_file())
    assert statuses == [200, 422, 422]
    for planted in PLANTED:
        assert planted.encode() not in written
