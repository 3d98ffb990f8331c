"""An import that is killed, that meets another, or that is read while it publishes: the last good state, whole, always."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Table, func, select

from directory.database import BUSY_SECONDS, reading, writing
from directory.errors import DatabaseBusy
from directory.models.changes import AppliedCounts, ChangeSet
from directory.models.record import SourcedRecord
from directory.models.staging import STAGING
from directory.repository import Repository, merged, publishing, tables
from tests.directory.conftest import NOW
from tests.factories import sourced
from tests.serving import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
SIZE = 1500
PATIENCE = PATIENCE_S
"""PostgreSQL gives the lock of a process that died back when it notices: once the statement that it was in has ended."""
Publish = Callable[..., AppliedCounts]

# Publishes a new version of every record, again and again, and says when each begins and ends.
IMPORTER = """
import sys
from datetime import timedelta
from directory.database import open_engine
from directory.models.changes import ChangeSet
from directory.repository import Repository
from tests.directory.conftest import NOW
from tests.directory.test_interruptions import version

repository = Repository(open_engine(sys.argv[1]))
for number in range(int(sys.argv[2]), 100):
    now = NOW + timedelta(days=number)
    run_pk = repository.start_run("psad", [], now)
    print("begins", number, flush=True)
    changes = ChangeSet(source="psad", run_pk=run_pk, added=version(number), trust={})
    counts = repository.apply(changes, now).counts
    repository.finish_run(run_pk, "done", counts.to_json(), [], "", now)
    print("ends", number, flush=True)
"""


def version(number: int, size: int = SIZE) -> Iterator[SourcedRecord]:
    """Every record in its version ``number``; every tenth is the same thing as the one before it."""
    for i in range(size):
        identities = (f"x:{i // 2}",) if i % 10 in {0, 1} else ()
        yield sourced(str(i), "psad", name=f"Version {number}", identities=identities)


def state(repository: Repository) -> tuple[set[str], int]:
    """The versions that the open listings are of, and how many listings there are."""
    found = [published.record.name for published in repository.iterate_listings()]
    return set(found), len(found)


@pytest.fixture
def start(database_url: str, engine: Engine) -> Iterator[Callable[[int], subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def launch(number: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", IMPORTER, database_url, str(number)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"the importer ended before it said {line!r}")


@pytest.mark.parametrize("seed", range(4))
def test_an_import_killed_at_any_moment_leaves_one_whole_version_and_does_not_hinder_the_next(
    seed: int, engine: Engine, start: Callable[[int], subprocess.Popen[str]]
) -> None:
    process = start(0)
    wait_for(process, "ends 0")
    wait_for(process, "begins 1")
    time.sleep(random.Random(seed).uniform(0, 0.8))  # noqa: S311

    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    repository = Repository(engine)
    versions, count = state(repository)
    assert (len(versions), count) == (1, SIZE - SIZE // 10)
    run_pk = repository.start_run("psad", [], NOW + timedelta(days=200), wait_seconds=PATIENCE)
    counts = repository.apply(
        ChangeSet(source="psad", run_pk=run_pk, added=version(100), trust={}), NOW + timedelta(days=200)
    ).counts
    repository.finish_run(run_pk, "done", counts.to_json(), [], "", NOW + timedelta(days=200))
    assert counts == AppliedCounts(changed=SIZE)
    assert state(repository) == ({"Version 100"}, SIZE - SIZE // 10)
    ended = {run.status for run in repository.list_runs()}
    assert ended <= {"done", "interrupted"}


def test_what_an_import_wrote_before_it_was_killed_is_never_seen_and_is_cleared_by_the_next(
    repository: Repository, engine: Engine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sourced("0", "psad", name="Avant"), source="psad")
    before = list(repository.iterate_listings()), repository.known_records("psad"), repository.list_changes(0, 10)

    with monkeypatch.context() as killed:
        killed.setattr(publishing, "publish", interrupted)
        run_pk = repository.start_run("psad", [], NOW)
        changes = ChangeSet(source="psad", run_pk=run_pk, added=[*version(1, size=1200), sourced("0b", "psad")], trust={})
        with pytest.raises(KeyboardInterrupt):
            repository.apply(changes, NOW)
    kept = rows(engine, tables.listing), rows(engine, tables.source_record)
    after = list(repository.iterate_listings()), repository.known_records("psad"), repository.list_changes(0, 10)
    repository.finish_run(run_pk, "failed", {}, [], "Arrêté.", NOW)

    assert kept[0] > 1000  # the import had really written
    assert after == before
    assert repository.list_listings(["psad--1"]) == []
    publish(sourced("0", "psad", name="Avant"), source="psad")
    assert (rows(engine, tables.listing), rows(engine, tables.source_record)) == (1, 1)
    assert [table.name for table in STAGING if rows(engine, table)] == []


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def rows(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_another_writer_waits_for_nothing_but_the_swap_and_its_revision_is_not_lost(
    repository: Repository, engine: Engine, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sourced("1", "psad", name="Avant"), source="psad")
    stage = merged.stage_listings

    def staged_while_another_writes(*arguments: Any) -> int:
        expected = stage(*arguments)
        with writing(engine) as connection:  # would fail if the import kept the database
            publishing.bump(connection)
        return expected

    monkeypatch.setattr(merged, "stage_listings", staged_while_another_writes)
    publish(sourced("1", "psad", name="Avant"), sourced("2", "psad"), source="psad")

    changes = repository.list_changes(2, 10)
    assert repository.revision() == 3
    assert changes is not None
    assert [listing.id for listing in changes.listings] == ["psad--2"]


@pytest.mark.parametrize("step", ["_publish_listings", "_publish_records", "mark", "_take_over", "_publish_pairs"])
def test_a_failure_inside_the_last_transaction_publishes_nothing(
    repository: Repository, publish: Publish, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish(sourced("1", "psad", name="Avant"), source="psad")
    before = list(repository.iterate_listings()), repository.revision(), repository.known_records("psad")
    real = getattr(publishing, step)

    def fails_after(*arguments: object) -> None:
        real(*arguments)
        raise OSError("no space left")

    monkeypatch.setattr(publishing, step, fails_after)
    run_pk = repository.start_run("psad", [], NOW)
    changed = [sourced("1", "psad", name="Après"), sourced("2", "psad")]
    with pytest.raises(OSError, match="no space"):
        repository.apply(ChangeSet(source="psad", run_pk=run_pk, changed=changed, trust={}), NOW)
    repository.finish_run(run_pk, "failed", {}, [], "", NOW)

    assert (list(repository.iterate_listings()), repository.revision(), repository.known_records("psad")) == before


def test_a_second_import_is_refused_at_once_and_may_run_when_the_first_has_ended(
    database_url: str, repository: Repository, start: Callable[[int], subprocess.Popen[str]]
) -> None:
    process = start(0)
    wait_for(process, "begins 0")

    began = time.monotonic()
    with pytest.raises(DatabaseBusy) as refused:
        repository.start_run("clee", [], NOW)
    waited = time.monotonic() - began
    process.kill()
    process.wait()

    assert waited < BUSY_SECONDS, "it did not wait for its turn"
    assert "autre import" in refused.value.public
    run_pk = repository.start_run("clee", [], NOW, wait_seconds=PATIENCE)
    repository.finish_run(run_pk, "done", {}, [], "", NOW)
    assert [run.status for run in repository.list_runs("psad")][-1] == "interrupted"


def test_two_imports_of_one_process_do_not_overlap_either(repository: Repository, engine: Engine) -> None:
    run_pk = repository.start_run("psad", [], NOW)

    for other in (repository, Repository(engine)):
        with pytest.raises(DatabaseBusy):
            other.start_run("clee", [], NOW)

    repository.finish_run(run_pk, "done", {}, [], "", NOW)
    assert [run.source for run in repository.list_runs()] == ["psad"]


def test_readers_never_wait_nor_see_half_of_an_import(
    repository: Repository, start: Callable[[int], subprocess.Popen[str]]
) -> None:
    process = start(0)
    wait_for(process, "ends 0")
    seen: list[tuple[set[str], int]] = []
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(state(repository))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    wait_for(process, "ends 2")
    stop.set()
    for reader in readers:
        reader.join()
    seen.append(state(repository))  # on a busy machine the readers may not have come round again

    assert not failures
    assert len({name for names, _ in seen for name in names}) >= 2
    assert {(len(names), count) for names, count in seen} == {(1, SIZE - SIZE // 10)}
