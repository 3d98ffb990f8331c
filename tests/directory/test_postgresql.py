"""What is PostgreSQL's own: locks that go with a connection, a server that is started again, what its errors are said to be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from directory import database as module
from directory.database import of_run, open_engine, reading, writing
from directory.errors import DatabaseBusy, DatabaseError
from directory.models.changes import AppliedCounts, ChangeSet
from directory.repository import Repository, publishing
from tests.directory.conftest import NOW
from tests.factories import sourced
from tests.postgresql_server import PostgresqlServer

pytestmark = pytest.mark.postgresql
Publish = Callable[..., AppliedCounts]


@pytest.fixture
def database_url(postgresql_server: PostgresqlServer, postgresql_directory: str) -> Iterator[str]:
    url = postgresql_server.create_database(postgresql_directory)
    yield url
    postgresql_server.drop_database(url)


@pytest.fixture
def other(database_url: str) -> Iterator[Repository]:
    """The same directory, from another process's point of view."""
    engine = open_engine(database_url)
    yield Repository(engine)
    engine.dispose()


def end_connections(engine: Engine) -> None:
    """What a restart of the server does to those who were connected."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_the_address_that_hosts_give_is_understood(database_url: str) -> None:
    engine = open_engine(database_url.replace("postgresql+psycopg", "postgresql"))

    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_an_import_that_lost_its_lock_to_another_writes_nothing_more(
    engine: Engine, repository: Repository, other: Repository, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sourced("1", "psad", name="Avant"), source="psad")
    slow = repository.start_run("psad", [], NOW)
    end_connections(engine)

    fast = other.start_run("psad", [], NOW + timedelta(days=1), wait_seconds=5)
    with pytest.raises(DatabaseBusy) as refused:
        repository.apply(ChangeSet(source="psad", run_pk=slow, changed=[sourced("1", "psad", name="Perdu")], trust={}), NOW)
    other.apply(ChangeSet(source="psad", run_pk=fast, changed=[sourced("1", "psad", name="Gagné")], trust={}), NOW)
    for each, run_pk in ((other, fast), (repository, slow)):
        each.finish_run(run_pk, "done", {}, [], "", NOW + timedelta(days=1))

    assert "un autre import a pris la place" in refused.value.public
    assert [listing.record.name for listing in repository.iterate_listings()] == ["Gagné"]
    assert next(run.status for run in repository.list_runs()) == "done"


def test_the_transaction_of_a_run_and_the_one_that_closes_it_take_their_turn(engine: Engine, repository: Repository) -> None:
    run_pk = repository.start_run("psad", [], NOW)
    closed = threading.Event()

    def close() -> None:
        with writing(engine) as connection:
            connection.execute(text("UPDATE import_run SET finished_at = now()"))
        closed.set()

    with writing(of_run(engine, run_pk)):
        closing = threading.Thread(target=close)
        closing.start()
        waited = not closed.wait(0.3)
    closing.join()

    assert waited
    with pytest.raises(DatabaseBusy), writing(of_run(engine, run_pk)):
        pass
    repository.finish_run(run_pk, "failed", {}, [], "", NOW)


def test_a_person_decides_while_an_import_publishes(
    repository: Repository, other: Repository, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sourced("1", "psad"), source="psad")
    real, counted = publishing.publish, []

    def counted_meanwhile(*arguments: object) -> None:
        real(*arguments)
        counted.append(other.signing_key("essai"))

    monkeypatch.setattr(publishing, "publish", counted_meanwhile)
    publish(sourced("1", "psad", name="Après"), source="psad", day=1)

    assert len(counted) == 1
    assert [listing.record.name for listing in repository.iterate_listings()] == ["Après"]


def test_revisions_are_committed_in_their_order(engine: Engine, repository: Repository, other: Repository) -> None:
    """An index that has seen revision n will not be told later of something that revision n - 1 changed."""
    seen: list[int] = []

    def bump() -> None:
        with writing(engine) as connection:
            seen.append(publishing.bump(connection))

    run_pk = repository.start_run("psad", [], NOW)
    with writing(of_run(engine, run_pk)) as connection:
        first = publishing.bump(connection)
        later = threading.Thread(target=bump)
        later.start()
        later.join(0.3)
        before = list(seen), other.revision()
    later.join()
    repository.finish_run(run_pk, "done", {}, [], "", NOW)

    assert before == ([], first - 1)
    assert seen == [first + 1]


def test_a_server_that_was_started_again_is_asked_anew(engine: Engine, repository: Repository, other: Repository) -> None:
    before = repository.revision()

    end_connections(engine)

    assert repository.revision() == other.revision() == before


def test_a_server_that_is_gone_is_said_to_be_and_answers_when_it_is_back(postgresql_server: PostgresqlServer) -> None:
    own = PostgresqlServer(postgresql_server.binaries)
    try:
        own.start()
        engine = open_engine(own.create_database())
        own.stop()
        with pytest.raises(DatabaseError) as refused, reading(engine):
            pass
        own.start()
        with reading(engine) as connection:
            back = connection.scalar(text("SELECT 1"))
        engine.dispose()
    finally:
        own.remove()

    assert (
        refused.value.public
        == "La base « relais_1 » ne répond pas : vérifier que le serveur PostgreSQL est démarré et joignable."
    )
    assert back == 1


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("DO $$ BEGIN RAISE query_canceled; END $$", "est occupée"),
        ("SET default_transaction_read_only = nonsense", "ne répond pas comme prévu"),
        ("DO $$ BEGIN RAISE disk_full; END $$", "le disque est plein"),
        ("DO $$ BEGIN RAISE deadlock_detected; END $$", "est occupée"),
        ("DO $$ BEGIN RAISE insufficient_privilege; END $$", "droits insuffisants"),
        ("DO $$ BEGIN RAISE admin_shutdown; END $$", "vérifier que le serveur PostgreSQL est démarré"),
        ("DO $$ BEGIN RAISE data_corrupted; END $$", "restaurer une sauvegarde"),
    ],
)
def test_what_the_server_refuses_is_said_in_french(engine: Engine, question: str, sentence: str) -> None:
    with pytest.raises(DatabaseError) as refused, writing(engine) as connection:
        connection.exec_driver_sql(question)

    assert sentence in refused.value.public


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda url: url.replace("/relais_", "/absente_"), "n’existe pas sur ce serveur"),
        (lambda url: url.replace("//relais@", "//inconnu:secret-de-la-base@"), "n’existe pas sur ce serveur"),
        (lambda url: url.replace("?host=", "?host=/nulle-part"), "vérifier que le serveur PostgreSQL est démarré"),
    ],
)
def test_an_address_that_opens_nothing_is_refused_without_telling_its_password(
    database_url: str, change: Callable[[str], str], sentence: str
) -> None:
    with pytest.raises(DatabaseError) as refused:
        open_engine(change(database_url))

    assert sentence in refused.value.public
    assert "secret-de-la-base" not in f"{refused.value} {refused.value.public}"


def test_a_database_in_another_encoding_is_refused(postgresql_server: PostgresqlServer) -> None:
    url = postgresql_server.create_database(encoding="LATIN1")

    with pytest.raises(DatabaseError) as refused:
        open_engine(url)

    assert refused.value.public == "La base PostgreSQL est en LATIN1 : il la faut en UTF-8."
    postgresql_server.drop_database(url)


def test_an_import_waits_for_no_one_but_another_import(
    engine: Engine, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.BUSY_SECONDS > 1
    run_pk = repository.start_run("psad", [], NOW)

    with writing(engine):
        done = repository.apply(ChangeSet(source="psad", run_pk=run_pk, added=[sourced("1", "psad")], trust={}), NOW)

    repository.finish_run(run_pk, "done", {}, [], "", NOW)
    assert done.records.added == 1
