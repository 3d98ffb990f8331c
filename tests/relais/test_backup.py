"""A backup restored: the same directory, from either database into either."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory.database import open_engine, reading
from directory.repository import Repository, tables
from tests.postgresql_server import PostgresqlServer
from tests.relais.conftest import Command


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, demonstration: Path, closing: None) -> Iterator[dict[str, str]]:
    """The settings of an installation that holds nothing yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "cache").symlink_to(demonstration / "cache")
    if request.param == "sqlite":
        yield {"RELAIS_DATA": str(folder), "RELAIS_DATABASE_URL": f"sqlite:///{folder / 'relais.sqlite3'}"}
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.create_database()
    yield {"RELAIS_DATA": str(folder), "RELAIS_DATABASE_URL": url}
    server.drop_database(url)


def everything(url: str) -> dict[str, list[Any]]:
    """Every row that is kept, by table."""
    engine = open_engine(url)
    with reading(engine) as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in (
                tables.listing,
                tables.source_record,
                tables.listing_coverage,
                tables.import_run,
                tables.directory_state,
            )
        }
    engine.dispose()
    return found


def test_a_directory_is_the_same_after_a_backup_and_a_restore_and_can_go_on(
    command: Command, data: Path, tmp_path: Path, elsewhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "mappings").mkdir()
    (data / "mappings" / "essai.toml").write_text("# inventée")
    file = tmp_path / "sauvegarde.zip"
    before = everything(f"sqlite:///{data / 'relais.sqlite3'}")
    saved = command("backup", file)

    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    restored = command("restore", file)

    assert (saved.status, restored.status) == (0, 0), saved.err + restored.err
    assert everything(elsewhere["RELAIS_DATABASE_URL"]) == before
    assert (Path(elsewhere["RELAIS_DATA"]) / "mappings" / "essai.toml").read_text() == "# inventée"
    assert file.stat().st_mode & 0o777 == 0o600
    assert command("search", "mission locale", "--json").json()["hits"]
    assert command("import", "dispositifs", "--json").status == 0  # the next run has a number of its own


def test_a_directory_that_holds_something_is_not_overwritten(command: Command, data: Path, tmp_path: Path) -> None:
    command("backup", tmp_path / "sauvegarde.zip")
    before = everything(f"sqlite:///{data / 'relais.sqlite3'}")

    refused = command("restore", tmp_path / "sauvegarde.zip")

    assert refused.status == 1
    assert "n’est pas vide" in refused.err
    assert everything(f"sqlite:///{data / 'relais.sqlite3'}") == before


@pytest.mark.parametrize("damage", ["cut", "not a zip", "rows lost", "another schema"])
def test_a_damaged_backup_is_refused_and_restores_nothing(
    damage: str, command: Command, tmp_path: Path, demonstration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sauvegarde.zip"
    command("backup", file)
    spoil(file, damage)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "cache").symlink_to(demonstration / "cache")
    monkeypatch.setenv("RELAIS_DATA", str(folder))

    refused = command("restore", file)

    assert refused.status == 1
    assert "sauvegarde" in refused.err
    engine = open_engine(f"sqlite:///{folder / 'relais.sqlite3'}")
    assert Repository(engine).list_runs() == []
    assert list(Repository(engine).iterate_listings()) == []
    engine.dispose()


def spoil(file: Path, damage: str) -> None:
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "not a zip":
        file.write_bytes(b"Structure;Commune\n" * 50)
    else:
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        if damage == "rows lost":
            parts["tables/listing_coverage.jsonl"] = b""
        else:
            parts["manifest.json"] = parts["manifest.json"].replace(b'"schema": "', b'"schema": "9')
        with zipfile.ZipFile(file, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)


def test_a_backup_that_cannot_be_written_leaves_the_one_before(command: Command, tmp_path: Path) -> None:
    refused = command("backup", tmp_path / "absent" / "sauvegarde.zip")

    assert refused.status == 1
    assert "ne peut pas être écrit" in refused.err


def test_a_backup_that_cannot_be_written_says_why_in_french(command: Command, tmp_path: Path) -> None:
    refused = command("backup", tmp_path / "absent" / "sauvegarde.zip")

    assert refused.status == 1
    assert "ne peut pas être écrit : dossier ou fichier absent." in refused.err
