"""Imports, index, doctor and demonstration by command: what they write, and what they leave as it was."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from relais.cli import relais
from tests.relais.command_line.conftest import Write
from tests.serving import serving

SOURCES = Path(__file__).resolve().parents[3] / "importers/sources"


def test_a_refused_file_leaves_the_directory_as_it_was(command: Any, write: Write, data: Path) -> None:
    def listings() -> list[tuple[Any, ...]]:
        with sqlite3.connect(data / "relais.sqlite3") as connection:
            return connection.execute("SELECT id, revision FROM listing ORDER BY id").fetchall()

    before = listings()

    for name, content in {
        "vide.json": b"",
        "tronque.json": b'[{"id": 1, "nom_agence": "51 - Mission Locale',
        "page.csv": b"<!DOCTYPE html><html><body>Erreur 404</body></html>",
        "rapport.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        "binaire.xlsx": bytes(range(256)) * 40,
    }.items():
        done = command("import", "missions_locales" if name.endswith("json") else "psad", write(name, content), "--json")
        assert done.status == 1, (name, done)
        assert name in done.err, (name, done.err)
        assert done.out == ""

    assert listings() == before


def test_an_absent_file_and_an_unknown_source_are_told(command: Any) -> None:
    absent = command("import", "psad", "nulle-part.csv")
    unknown = command("import", "annuaire-du-tout", "x.csv")

    assert (absent.status, unknown.status) == (1, 2)
    assert "nulle-part.csv" in absent.err
    assert "annuaire-du-tout" in unknown.err


def test_a_dry_run_reports_and_writes_nothing(command: Any, data: Path) -> None:
    sample = SOURCES / "psad/sample.csv"
    before = (data / "relais.sqlite3").read_bytes()

    report = command("import", "psad", sample, "--dry-run", "--json").json()

    assert report["added"] > 0
    assert {"source", "run", "read", "added", "changed", "unchanged", "removed", "merged", "refused", "doubts", "seconds"} <= set(
        report
    )
    assert (data / "relais.sqlite3").read_bytes() == before


def test_importing_twice_changes_nothing_the_second_time(command: Any) -> None:
    sample = SOURCES / "psad/sample.csv"

    first = command("import", "psad", sample, "--json").json()
    second = command("import", "psad", sample, "--json").json()

    assert first["added"] > 0
    assert second["unchanged"] == first["added"] + first["merged"] or second["unchanged"] == first["added"]
    assert (second["added"], second["changed"], second["removed"]) == (0, 0, 0)


def test_what_was_imported_is_found_at_once(command: Any) -> None:
    sample = SOURCES / "psad/sample.csv"
    command("import", "psad", sample)

    found = command("search", "psad", "--filter", "category=psad", "--json").json()

    assert any(hit["id"].startswith("psad--") for hit in found["hits"])


def lose(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def of_another_version(folder: Path) -> None:
    pointer = folder / "current.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"schema": 1}))


def write_over(folder: Path) -> None:
    for path in folder.glob("g-*/*"):
        if path.suffix in {".term", ".store"}:
            path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes()))


def garble_its_list(folder: Path) -> None:
    for path in folder.glob("g-*/meta.json"):
        path.write_bytes(b"[" * path.stat().st_size)


@pytest.mark.parametrize("damage", [lose, of_another_version, write_over, garble_its_list])
def test_a_search_builds_again_an_index_that_cannot_answer_and_says_so(
    command: Any, data: Path, damage: Callable[[Path], None]
) -> None:
    damage(data / "index")

    mended, again = command("search", "mission locale", "--json"), command("search", "mission locale", "--json")

    assert (mended.status, mended.json()["total"]) == (0, again.json()["total"])
    assert "il est reconstruit" in mended.err
    assert again.err == ""


def test_reindex_builds_the_index_again(command: Any, data: Path) -> None:
    lose(data / "index")

    assert command("reindex", "--json").json()["listings"] > 100
    assert command("search", "mission locale").err == ""


def test_doctor_finds_a_sound_installation_sound_and_a_stale_index_stale(command: Any, data: Path) -> None:
    sound = command("doctor", "--json")
    with sqlite3.connect(data / "relais.sqlite3") as connection:
        connection.execute("UPDATE directory_state SET revision = revision + 1")
    stale = command("doctor", "--json").json()

    assert sound.status == 0
    assert all(finding["level"] != "error" for finding in sound.json()["findings"])
    assert any(finding["check"] == "Index" and finding["level"] == "warning" for finding in stale["findings"])


def test_doctor_says_that_the_search_server_does_not_answer(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_SEARCH", "http://127.0.0.1:9")

    done = command("doctor", "--json")
    (found,) = (each for each in done.json()["findings"] if each["check"] == "Index")

    assert (done.status, found["level"]) == (1, "error")
    assert "ne répond pas" in found["text"]
    assert "l’index de secours répond" in found["text"]


def test_sources_are_listed_with_licence_and_last_run(command: Any) -> None:
    rows = {row["name"]: row for row in command("sources", "--json").json()}

    assert {"missions_locales", "psad", "clee", "calendars", "cfa", "tableur", "entreprises", "bassins"} <= set(rows)
    assert rows["demonstration"]["last_run"]["status"] == "done"
    assert rows["psad"]["last_run"] is None
    assert all(row["licence"] for row in rows.values())


def test_a_second_demo_imports_nothing(command: Any) -> None:
    done = command("demo")

    assert done.status == 0
    assert "Lecture" not in done.err


def test_a_misspelt_setting_is_refused(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_PROT", "8001")

    done = command("search", "cio")

    assert done.status == 1
    assert "RELAIS_PROT" in done.err


def test_a_taken_port_is_told(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("RELAIS_PORT", str(taken.getsockname()[1]))
        done = command("serve")

    assert done.status == 1
    assert "déjà pris" in done.err


@pytest.fixture
def published_list() -> Iterator[str]:
    """The address of a list of agencies, served by this very machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write((SOURCES / "missions_locales/sample_milo.json").read_bytes())

        def log_message(self, *args: object) -> None:
            pass

    with serving(Handler) as url:
        yield f"{url}/agences.json?cle=zqx7391"


def test_an_address_is_imported_like_a_file_and_its_key_is_kept_nowhere(
    command: Any, published_list: str, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    refused = command("import", "missions_locales", published_list)
    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")

    done = command("import", "missions_locales", published_list, "--json")

    assert (refused.status, done.status) == (1, 0)
    assert "n’est pas une adresse publique" in refused.err
    assert done.json()["added"] == 4
    assert "zqx7391" not in refused.err + done.err + done.out
    assert b"zqx7391" not in (data / "relais.sqlite3").read_bytes()


def test_a_key_for_a_source_that_is_not_is_refused_and_not_repeated(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_KEY_NULLE_PART", "la-clef")

    refused = command("sources")

    assert (refused.status, refused.err) == (1, "Erreur : RELAIS_KEY_NULLE_PART : aucune source n’a de clé de ce nom.\n")


def test_the_help_of_every_command_is_french(command: Any) -> None:
    for name in relais.commands:
        assert "Utilisation : " in command(name, "--help").out


def test_a_data_folder_that_is_a_file_is_named(command: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_DATA", str(write("file", "x")))

    done = command("search", "cio")

    assert done.status == 1
    assert "RELAIS_DATA" in done.err
    assert "ce n’est pas un dossier" in done.err


def test_an_event_kept_out_is_listed_let_in_and_published_by_the_next_import(command: Any, write: Write) -> None:
    path = write("liste.csv", "Événement;Ville;Date\nEscape game des métiers (inventé);Rennes;6 février 2027\n")
    imported = command("import", "calendars", path)

    listed = command("events", "aside", "--find", "escape", "--json").json()
    admitted = command("events", "admit", listed[0]["record_id"])
    again = command("import", "calendars", path, "--json").json()

    assert "gardés à part : 1" in imported.out
    assert [event["value"] for event in listed] == ["Escape game des métiers (inventé)"]
    assert admitted.status == 0
    assert again["added"] == 1


def test_an_unknown_event_cannot_be_let_in(command: Any) -> None:
    refused = command("events", "admit", "nulle-part")

    assert refused.status == 1
    assert "nulle-part" in refused.err


def test_a_departement_is_loaded_from_the_files_of_a_folder(command: Any, tmp_path: Path) -> None:
    folder = tmp_path / "fichiers"
    folder.mkdir()
    for source, name in (("missions_locales", "sample_milo.json"), ("education", "sample.csv"), ("rome", "sample_rome.csv")):
        (folder / f"{source}.{name.rpartition('.')[2]}").write_bytes((SOURCES / source / name).read_bytes())
    (folder / "notes.txt").write_text("rien de connu", encoding="utf-8")

    done = command("bootstrap", "--departement", "35", "--folder", folder, "--json")

    answer = done.json()
    reports = {entry["source"]: entry["report"] for entry in answer["sources"]}
    assert done.status == 0
    assert [*reports] == ["rome", "dispositifs", "education", "missions_locales"]
    assert (reports["missions_locales"]["added"], reports["education"]["added"], reports["rome"]["added"]) == (1, 9, 3)
    assert answer["unknown"] == ["notes.txt"]
    found = command("search", "lycée professionnel de l’Exemple", "--json").json()
    assert found["hits"][0]["name"] == "Lycée professionnel de l’Exemple inventé"


def test_a_bad_file_stops_its_source_and_not_the_others(command: Any, tmp_path: Path) -> None:
    folder = tmp_path / "fichiers"
    folder.mkdir()
    whole = (SOURCES / "education/sample.csv").read_text(encoding="utf-8-sig")
    (folder / "education.csv").write_text(whole.replace("Code_commune", "Autre"), encoding="utf-8")
    (folder / "milo.json").write_bytes((SOURCES / "missions_locales/sample_milo.json").read_bytes())

    done = command("bootstrap", "--departement", "35", "--folder", folder, "--json")

    answers = {entry["source"]: entry for entry in done.json()["sources"]}
    assert done.status == 1
    assert "code_insee" in answers["education"]["error"]
    assert answers["missions_locales"]["report"]["added"] == 1


@pytest.mark.parametrize("code", ["99", "Bretagne", ""])
def test_a_departement_that_is_none_is_wrong_usage(command: Any, code: str) -> None:
    refused = command("bootstrap", "--departement", code)

    assert refused.status == 2
    assert "département" in refused.err
