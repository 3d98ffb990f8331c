"""Cohorts and addresses by command."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from directory.database import open_engine
from directory.models.accounts import Area, Role
from directory.models.companies import Terms
from directory.repository import Repository
from tests.ban_server import serve_ban
from tests.relais.command_line.conftest import Write


def test_a_cohort_shares_the_places_of_the_demonstration(command: Any, write: Write) -> None:
    cook = {"age": 18, "place": "35300 Fougères", "wishes": {"occupations": ["G1602"], "paths": ["internship"]}}
    path = write("cohorte.json", json.dumps({"students": [cook | {"reference": f"eleve-{n}"} for n in range(4)]}))

    answer = command("cohort", path, "--json").json()
    printed = command("cohort", path)

    assert {one["student"] for one in answer["assignments"]} == {f"eleve-{n}" for n in range(4)}
    assert set(answer["assignments"][0]) >= {"student", "listing", "rank", "points", "reason"}
    assert answer["usefulness"] >= answer["greedy_usefulness"]
    assert "4 élèves sur 4 ont une place" in printed.out


def test_a_cohort_takes_the_places_that_the_bureau_of_its_lycee_noted(command: Any, write: Write, data: Path) -> None:
    cook = {"age": 18, "place": "35300 Fougères", "wishes": {"occupations": ["G1602"], "paths": ["internship"]}}
    path = write("cohorte.json", json.dumps({"students": [cook]}))
    first = command("cohort", path, "--json", "--at", "2026-11-24").json()["assignments"][0]["listing"]
    repository = Repository(open_engine(f"sqlite:///{data / 'relais.sqlite3'}"))
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    bureau = repository.accounts.add("b@essai.example", Role.BUREAU, (Area.LYCEE, "0350011X"), now)
    repository.companies.set_terms(bureau, first, Terms(not_before=date(2026, 12, 31)), now)

    own = command("cohort", path, "--json", "--at", "2026-11-24", "--lycee", "0350011X").json()["assignments"][0]["listing"]
    wrong = command("cohort", path, "--lycee", "x")

    assert own != first == command("cohort", path, "--json", "--at", "2026-11-24").json()["assignments"][0]["listing"]
    assert (wrong.status, "UAI" in wrong.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "JSON"),
        ("[]", "objet JSON"),
        ('{"students": []}', "« students »"),
        ('{"eleves": []}', "Champ inconnu : « eleves »"),
        ('{"students": [{"age": 18}]}', "students[0].place"),
        ('{"students": [{"age": 18, "place": "Rennes"}], "places": [{"id": "x", "capacity": "deux"}]}', "places[0].capacity"),
        ('{"students": [{"age": 18, "place": "Rennes"}], "places": [{"id": "x", "capacity": 2}]}', "places[0].id"),
    ],
)
def test_a_cohort_that_cannot_be_read_is_told_by_its_field(command: Any, write: Write, content: str, said: str) -> None:
    done = command("cohort", write("cohorte.json", content))

    assert done.status == 1
    assert said in done.err


def test_addresses_that_wait_are_located_by_the_service_that_is_set(
    command: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("liste.csv", "Structure;Adresse;CP;Ville\nStructure inventée;1 rue du Port inventé;35000;Rennes\n")
    command("import", "tableur", path)
    waiting = command("geocode", "--dry-run", "--json").json()
    off = command("geocode")
    with serve_ban() as ban:
        monkeypatch.setenv("RELAIS_BAN_URL", ban.url)
        monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
        done = command("geocode", "--json").json()
        ban.mood = "500"
        again = command("import", "tableur", path)

    assert waiting == {"waiting": 1}
    assert (off.status, "RELAIS_BAN_URL" in off.err) == (1, True)
    assert (done["found"], done["moved"], done["waiting"]) == (1, 1, 0)
    assert again.status == 0
    assert "1 inchangé" in again.out


def test_an_outage_of_the_address_service_does_not_stop_an_import(
    command: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("liste.csv", "Structure;Adresse;CP;Ville\nStructure inventée;1 rue du Port inventé;35000;Rennes\n")
    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
    monkeypatch.setenv("RELAIS_BAN_URL", "http://127.0.0.1:9")

    imported = command("import", "tableur", path)
    asked = command("geocode")

    assert imported.status == 0
    assert "ne répond pas" in imported.err
    assert (asked.status, "1 adresse en attente" in asked.err) == (1, True)
