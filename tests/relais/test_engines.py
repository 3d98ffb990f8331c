"""One territory on SQLite and the embedded index, and on PostgreSQL and Meilisearch: imported, searched, matched, shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.settings import read_settings
from relais.cli import relais
from relais.services import build_services
from tests.meilisearch_server import PATIENCE_S, MeilisearchServer
from tests.postgresql_server import PostgresqlServer
from tests.web.test_permissions import requests_of
from web import create_app

pytestmark = [pytest.mark.postgresql, pytest.mark.meilisearch]
Ask = Callable[..., Any]
TEMPLATES = tuple((Path(__file__).resolve().parents[2] / "web" / "templates").rglob("*.html"))


@dataclass(frozen=True, slots=True)
class Instance:
    """Settings of an installation that holds the demonstration territory."""

    environ: dict[str, str]

    def client(self) -> FlaskClient:
        return create_app(build_services(read_settings(self.environ))).test_client()


@pytest.fixture(scope="module")
def large(
    tmp_path_factory: pytest.TempPathFactory,
    demonstration: Path,
    postgresql_server: PostgresqlServer,
    meilisearch_server: MeilisearchServer,
    closing: None,
) -> Iterator[Instance]:
    """PostgreSQL, empty, and Meilisearch; the territory is imported there by the command."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "cache").symlink_to(demonstration / "cache")  # the gazetteer takes seconds to build
    url = postgresql_server.create_database()
    environ = {
        "RELAIS_DATA": str(folder),
        "RELAIS_DATABASE_URL": url,
        "RELAIS_SEARCH": meilisearch_server.url,
        "RELAIS_SEARCH_KEY": meilisearch_server.key,
        "RELAIS_SEARCH_TIMEOUT": str(PATIENCE_S),
        "RELAIS_SEARCH_STANDBY": "non",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            relais.main(["demo"])
        assert not ended.value.code
        yield Instance(environ)
    postgresql_server.drop_database(url)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, closing: None) -> Ask:
    """Runs a command on an instance, and reads its JSON."""

    def call(instance: Instance, *arguments: str) -> Any:
        with monkeypatch.context() as patch:
            for name in (
                "RELAIS_DATABASE_URL",
                "RELAIS_SEARCH",
                "RELAIS_SEARCH_KEY",
                "RELAIS_SEARCH_TIMEOUT",
                "RELAIS_SEARCH_STANDBY",
            ):
                patch.delenv(name, raising=False)
            for name, value in instance.environ.items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit):
                relais.main([*arguments, "--json"])
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def small(data: Path) -> Instance:
    return Instance({"RELAIS_DATA": str(data)})


def test_both_answer_a_student_alike(ask: Ask, small: Instance, large: Instance) -> None:
    with resources.as_file(resources.files("relais").joinpath("data", "eleve.json")) as profile:
        one, other = (ask(instance, "match", str(profile)) for instance in (small, large))

    assert one["sections"] == other["sections"]
    assert one["excluded_total"] == other["excluded_total"] > 0


def test_both_find_the_same_thing_first(ask: Ask, small: Instance, large: Instance) -> None:
    question = ("search", "mission locale", "--near", "35300 Fougères")

    one, other = (ask(instance, *question)["hits"][0] for instance in (small, large))

    assert one["id"] == other["id"]


def test_the_larger_one_is_sound_and_shows_its_pages(ask: Ask, large: Instance) -> None:
    found = ask(large, "doctor")["findings"]
    client = large.client()
    listing = ask(large, "search", "mission locale")["hits"][0]["id"]

    pages = {path: client.get(path) for path in ("/", "/recherche?q=apprentissage", f"/fiches/{listing}", "/sante")}

    assert [finding for finding in found if finding["level"] == "error" and finding["check"] != "Pages"] == []
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert "apprenti" in pages["/recherche?q=apprentissage"].text


def test_an_import_made_twice_on_the_larger_one_changes_nothing_the_second_time(ask: Ask, large: Instance) -> None:
    sample = str(Path(__file__).resolve().parents[2] / "importers/sources/missions_locales/sample_milo.json")

    first, second = (ask(large, "import", "missions_locales", sample) for _ in range(2))

    assert first["added"] == first["read"] > 0
    assert (second["added"], second["changed"], second["removed"]) == (0, 0, 0)


@pytest.mark.parametrize("where", ["path", "query", "form", "file form", "body"])
def test_a_character_that_the_database_refuses_breaks_no_route(large: Instance, where: str) -> None:
    """PostgreSQL keeps no NUL, whatever the route that it comes by; SQLite does."""
    client, wrong = large.client(), []
    names = sorted({name for file in TEMPLATES for name in re.findall(r'name="([a-z_-]+)"', file.read_text("utf-8"))})
    values = dict.fromkeys(names, "a\0b")

    for asked in requests_of(client.application):
        path = asked.path.replace("x", "a%00b") if where == "path" else asked.path
        sent: dict[str, Any] = {
            "path": {},
            "query": {"query_string": values},
            "form": {"data": values},
            "file form": {"data": values, "content_type": "multipart/form-data"},
            "body": {"json": {"q": "a\0b", "lieu": "a\0b", "profil": {"commune": "a\0b"}}},
        }[where]
        answer = client.open(path, method=asked.method, buffered=True, **sent)
        if answer.status_code >= 500:
            wrong.append((asked, answer.status_code))

    assert wrong == []
