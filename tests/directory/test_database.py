"""Opening the database: what it is set to, and what is said when it cannot be used."""

from __future__ import annotations

import shutil
import sqlite3
import traceback
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from directory import database as module
from directory.database import SCHEMA, open_engine, reading, schema_version, upgrade, writing
from directory.errors import DatabaseBusy, DatabaseError


@pytest.fixture
def database(tmp_path: Path, sqlite_directory: Path) -> Path:
    """An empty directory of SQLite."""
    return shutil.copyfile(sqlite_directory, tmp_path / "annuaire.sqlite3")


def test_a_new_database_is_brought_to_the_current_schema_and_a_second_time_changes_nothing(empty_engine: Engine) -> None:
    engine = empty_engine
    assert schema_version(engine) is None

    upgrade(engine)
    upgrade(engine)

    assert schema_version(engine) == SCHEMA


def test_sqlite_lets_readers_read_while_it_writes_and_checks_references(database: Path) -> None:
    with reading(open_engine(f"sqlite:///{database}")) as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys")}

    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


def test_a_writer_is_not_seen_before_its_end_and_an_exception_undoes_it(engine: Engine) -> None:
    question = text("SELECT revision FROM directory_state")

    seen = []

    def write_and_fail() -> None:
        with writing(engine) as writer:
            writer.execute(text("UPDATE directory_state SET revision = 7"))
            with reading(engine) as reader:
                seen.append(reader.scalar(question))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()

    with reading(engine) as reader:
        assert [*seen, reader.scalar(question)] == [0, 0]


def test_a_reader_sees_one_state_whatever_is_written_meanwhile(engine: Engine) -> None:
    question = text("SELECT revision FROM directory_state")
    with reading(engine) as reader:
        before = reader.scalar(question)
        with writing(engine) as writer:
            writer.execute(text("UPDATE directory_state SET revision = 7"))

        assert reader.scalar(question) == before == 0


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_busy(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    impatient = open_engine(database_url)

    with writing(engine), pytest.raises(DatabaseBusy) as refused, writing(impatient):
        pass
    impatient.dispose()

    assert "occupée" in refused.value.public


def test_a_file_that_is_not_a_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "annuaire.sqlite3"
    path.write_bytes(b"ceci n'est pas une base" * 100)

    with pytest.raises(DatabaseError) as refused:
        open_engine(f"sqlite:///{path}")

    assert refused.value.public == f"La base « {path} » n’est pas une base de données SQLite."


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as refused:
        open_engine(f"sqlite:///{tmp_path}/absent/relais.sqlite3")

    assert "dossier absent" in refused.value.public


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "autre.sqlite3"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE clients (name TEXT)")
    other.close()

    with pytest.raises(DatabaseError) as refused:
        upgrade(open_engine(f"sqlite:///{path}"))

    assert refused.value.public == "Cette base de données n’est pas celle de Relais."


def test_the_database_of_a_newer_version_is_refused_and_left_as_it_is(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError) as refused:
        upgrade(engine)

    assert "version plus récente" in refused.value.public
    assert schema_version(engine) == "9999"


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_a_database_that_cannot_be_written_says_so(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "sqlite":
        read_only = open_engine(f"sqlite:///file:{request.getfixturevalue('database')}?mode=ro&uri=true")
    else:
        url = request.getfixturevalue("postgresql_server").create_database(request.getfixturevalue("postgresql_directory"))
        read_only = open_engine(f"{url}&options=-c%20default_transaction_read_only%3Don")

    with pytest.raises(DatabaseError) as refused, writing(read_only) as connection:
        connection.execute(text("UPDATE directory_state SET revision = 1"))
    read_only.dispose()

    assert "ne peut pas être modifiée" in refused.value.public


def test_what_a_statement_held_is_not_in_the_error_that_is_logged(engine: Engine) -> None:
    said = {"said": "Camille Planté, 06 39 98 00 01"}  # apart: a traceback quotes the line that failed
    with pytest.raises(DatabaseError) as refused, writing(engine) as connection:
        connection.execute(text("INSERT INTO no_such_table VALUES (:said)"), said)

    logged = "".join(traceback.format_exception(refused.value))
    assert "no_such_table" in logged
    assert "Planté" not in logged


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("pas une adresse", "l’adresse d’une base"),
        ("mysql://localhost/relais", "SQLite ou PostgreSQL"),
        ("sqlite://", "doit être un fichier"),
        ("sqlite:///:memory:", "doit être un fichier"),
        ("postgresql+nosuchdriver://localhost/relais", "n’est pas installé"),
        ("postgresql://127.0.0.1:1/relais", "vérifier que le serveur PostgreSQL est démarré"),
    ],
)
def test_an_address_that_names_no_usable_database_is_refused_in_french(url: str, words: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        open_engine(url)

    assert words in refused.value.public
