"""The gazetteer's store: built once, shared, replaced by an upgrade, opened without reading the tables again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from directory.errors import GeocodingError
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.geocoding.store import connect, ensure_store, packaged
from directory.geocoding.types import Place
from tests.serving import PATIENCE_S


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """The packaged tables, to change or to take away: of the communes, those of Ille-et-Vilaine only, which build at once."""
    copy = tmp_path / "tables"
    copy.mkdir()
    for item in packaged().iterdir():
        if item.name.endswith(".csv") or item.name == "SHA256SUMS":
            lines = item.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines[1:] if line.startswith("35")] if item.name.startswith("communes") else lines[1:]
            (copy / item.name).write_text(
                "".join((lines[0], *kept)) if item.name.endswith(".csv") else "".join(lines), encoding="utf-8"
            )
    return copy


def built(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_built_store_is_opened_without_the_tables(tmp_path: Path, tables: Path) -> None:
    first = ensure_store(tmp_path / "cache", tables)
    for table in tables.glob("*.csv"):
        table.unlink()

    second = ensure_store(tmp_path / "cache", tables)

    assert second == first
    assert isinstance(Gazetteer(second).find("Rennes"), Place)


def test_the_store_is_one_file_and_no_trace_of_building_is_left(tmp_path: Path, tables: Path) -> None:
    path = ensure_store(tmp_path / "cache", tables)

    assert built(tmp_path / "cache") == [path.name]


def test_other_data_builds_another_store(tmp_path: Path, tables: Path) -> None:
    before = ensure_store(tmp_path / "cache", tables)
    with (tables / "communes_corrections.csv").open("a", encoding="utf-8") as file:
        file.write("35288,nom,Saint-Malo-sur-Mer,essai\n")
    (tables / "SHA256SUMS").write_text("another digest", encoding="utf-8")

    after = ensure_store(tmp_path / "cache", tables)

    assert after != before
    assert Gazetteer(after).commune_name("35288") == "Saint-Malo-sur-Mer"
    assert Gazetteer(before).commune_name("35288") == "Saint-Malo", "the running version keeps its own"


def test_the_packaged_tables_are_those_of_their_digests() -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=str(packaged()), check=False)
    named = {line.split()[1] for line in packaged().joinpath("SHA256SUMS").read_text().splitlines()}

    assert done.returncode == 0, "run `sha256sum *.csv > SHA256SUMS` in directory/data"
    assert named == {item.name for item in packaged().iterdir() if item.name.endswith(".csv")}


def test_every_packaged_file_has_its_source_named() -> None:
    sources = packaged().joinpath("SOURCES.md").read_text(encoding="utf-8")

    missing = [item.name for item in packaged().iterdir() if item.name.endswith(".csv") and f"`{item.name}`" not in sources]

    assert missing == []


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    script = f"from pathlib import Path; from directory.geocoding.gazetteer import open_gazetteer; print(open_gazetteer(Path({str(tmp_path / 'cache')!r})).find('Rennes').code)"  # noqa: E501
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)]

    answers = [process.communicate(timeout=PATIENCE_S)[0].strip() for process in running]

    assert answers == ["35238", "35238"]
    assert len(built(tmp_path / "cache")) == 1


def test_a_folder_that_cannot_be_written_is_replaced_by_a_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder", encoding="utf-8")

    gazetteer = open_gazetteer(blocked / "cache")

    assert gazetteer.commune_name("35238") == "Rennes"
    assert blocked.read_text(encoding="utf-8") == "not a folder"


def test_a_store_that_is_damaged_is_an_outage_and_not_an_unknown_place(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"this is no database" * 100)

    with pytest.raises(GeocodingError) as caught:
        Gazetteer(damaged)

    assert "effacer le dossier « cache »" in caught.value.public


def test_a_store_cut_short_is_built_again(tmp_path: Path, tables: Path) -> None:
    path = ensure_store(tmp_path / "cache", tables)
    path.write_bytes(path.read_bytes()[:4096])

    again = ensure_store(tmp_path / "cache", tables)

    assert Gazetteer(again).commune_name("35238") == "Rennes"


def test_the_store_cannot_be_written_through_the_gazetteer(tmp_path: Path, tables: Path) -> None:
    connection = connect(ensure_store(tmp_path / "cache", tables))

    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM commune")
    connection.close()


def test_many_threads_get_the_same_answers_as_one(gazetteer: Gazetteer) -> None:
    texts = ["Rennes", "st denis", "35133", "Renes", "Paris 13e", "Bretagne", "12 rue de la Paix, Bondy", "zzz"] * 20
    alone = [gazetteer.find(text) for text in texts]
    start = threading.Barrier(8)

    def ask(_: int) -> list[object]:
        start.wait(timeout=PATIENCE_S)
        return [(gazetteer.find(text), gazetteer.suggest(text[:3]))[0] for text in texts]

    with ThreadPoolExecutor(max_workers=8) as threads:
        together = list(threads.map(ask, range(8)))

    assert all(answers == alone for answers in together)


def test_a_closed_gazetteer_leaves_its_file_free(tmp_path: Path, tables: Path) -> None:
    gazetteer = Gazetteer(ensure_store(tmp_path / "cache", tables))
    gazetteer.find("Rennes")

    gazetteer.close()
    shutil.rmtree(tmp_path / "cache")

    assert not (tmp_path / "cache").exists()


def test_a_store_whose_file_was_overwritten_is_made_anew(tmp_path: Path) -> None:
    open_gazetteer(tmp_path).close()
    (store,) = tmp_path.glob("*.sqlite3")
    with store.open("r+b") as file:
        file.write(b"not a database at all")

    gazetteer = open_gazetteer(tmp_path)

    assert gazetteer.commune_name("35238") == "Rennes"
    gazetteer.close()
