"""``relais refresh``: what is due is imported again from where it is published; the rest is left, and a failure stops nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from importers import source as known
from tests.serving import serving

SAMPLE = Path(__file__).resolve().parents[2] / "importers/sources/education/sample.json"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The education directory, published on this machine; the list tells what was asked. ``away`` in it: the server refuses."""
    asked: list[str] = []

    class Publisher(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404 if "away" in asked else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            if "away" not in asked:
                self.wfile.write(SAMPLE.read_bytes())

        def log_message(self, *_args: object) -> None:
            pass

    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
    with serving(Publisher) as address:
        education = known.sources()["education"]
        first, *others = education.online
        here = replace(education, online=(replace(first, url=f"{address}/annuaire"), *others))
        monkeypatch.setitem(known.sources(), "education", here)
        yield asked


def age(data: Path, source: str, days: int) -> None:
    """Make the imports of a source so many days older."""
    when = datetime.now(UTC) - timedelta(days=days)
    with closing(sqlite3.connect(data / "relais.sqlite3")) as connection, connection:
        rows = connection.execute("SELECT pk, finished_at FROM import_run WHERE source = ?", (source,)).fetchall()
        for pk, _ in rows:
            connection.execute("UPDATE import_run SET finished_at = ? WHERE pk = ?", (f"{when:%Y-%m-%d %H:%M:%S.%f}", pk))


def test_a_source_is_fetched_again_once_it_is_due(command: Any, data: Path, published: list[str]) -> None:
    assert command("import", "education").status == 0
    published.clear()

    fresh = command("refresh", "--json").json()
    age(data, "education", 400)
    due = command("refresh", "--json").json()

    assert "education" not in [each["source"] for each in fresh["sources"]]
    assert [each["report"]["unchanged"] > 0 for each in due["sources"] if each["source"] == "education"] == [True]
    assert len(published) == 1


def test_what_was_never_imported_is_not(command: Any, published: list[str]) -> None:
    done = command("refresh", "--all", "--json")

    assert done.status == 0
    assert published == []
    assert {each["source"] for each in done.json()["sources"]} == {"demonstration", "dispositifs"}


def test_a_publisher_that_does_not_answer_stops_nothing_and_nothing_is_lost(
    command: Any, data: Path, published: list[str]
) -> None:
    assert command("import", "education").status == 0
    before = command("search", "lycée", "--json").json()["total"]
    published.append("away")

    done = command("refresh", "--all", "--json")

    errors = {each["source"]: each["error"] for each in done.json()["sources"]}
    assert done.status == 1
    assert errors.pop("education")
    assert set(errors.values()) == {None}
    assert command("search", "lycée", "--json").json()["total"] == before


def test_what_came_from_a_file_is_named_and_left(command: Any, data: Path, tmp_path: Path) -> None:
    path = shutil.copyfile(
        Path(__file__).resolve().parents[2] / "importers/sources/missions_locales/sample_milo.json", tmp_path / "m.json"
    )
    assert command("import", "missions_locales", path).status == 0

    told = command("refresh", "--all")

    assert "À importer à la main, d’un fichier : missions_locales (1 source)." in told.err


def test_a_departement_that_is_none_is_refused(command: Any) -> None:
    assert command("refresh", "--departement", "99").status == 2
