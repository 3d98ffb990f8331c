"""The worker, as a process of its own: it does what waits, survives being killed, and ends with the server that started it."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from redis import Redis

from directory.accounts import parse_scope
from directory.errors import InvalidSetting
from directory.models.accounts import Role
from directory.models.uploads import UploadState
from directory.services import Services
from directory.settings import read_settings
from directory.uploads import place_file, spool_file
from relais.services import build_services
from tests.redis_server import running_redis
from tests.serving import PATIENCE_S

QUEUE = "huey.redis.relais"
HEADER = "Structure;CP;Ville;Mail"
MAPPING = {
    "nom_source": "essai",
    "kind": "partner",
    "colonnes": {"nom": "Structure", "code_postal": "CP", "commune": "Ville", "courriel": "Mail"},
}


@contextmanager
def working(data: Path, *options: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the instance, for the time of a block; what it says is in ``worker.log``."""
    command = [sys.executable, "-m", "relais", "worker", *options]
    environment = {**os.environ, "RELAIS_DATA": str(data), **more}
    with (
        (data / "worker.log").open("ab") as log,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come")


def waiting_in(queue: Path) -> int:
    """How many messages wait in a queue that is a file."""
    with closing(sqlite3.connect(queue)) as connection:
        return int(connection.execute("SELECT count(*) FROM task").fetchone()[0])


def add_list(core: Services, rows: int, state: UploadState) -> int:
    """A list that was sent, and stands somewhere."""
    accounts, email, everywhere = core.repository.accounts, "essai@essai.example", parse_scope(Role.ADMINISTRATOR, {})
    by = accounts.find_by_email(email) or accounts.add(email, Role.ADMINISTRATOR, everywhere, core.clock())
    lines = (f"Association {n};35300;Fougères;essai{n}@asso.example" for n in range(rows))
    part = spool_file(core.settings.data, io.BytesIO("\n".join((HEADER, *lines)).encode()))
    place = partial(place_file, core.settings.data, part, name="essai.csv")
    number, _ = core.repository.uploads.add("essai", "liste.csv", by, f"essai-{rows}", core.clock(), place)
    core.repository.uploads.move(number, {UploadState.EXAMINING}, state, core.clock(), mapping=MAPPING)
    return number


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of an empty instance."""
    return tmp_path


@pytest.fixture
def core(data: Path) -> Services:
    """The services of an empty instance."""
    return build_services(read_settings({"RELAIS_DATA": str(data)}))


def test_what_was_asked_while_nobody_worked_is_done_by_the_next_worker(core: Services, data: Path) -> None:
    number = add_list(core, 3, UploadState.APPLYING)
    core.enqueue(number)  # and once more by the worker itself: it is done once

    with working(data):
        wait_until(lambda: core.repository.uploads.get(number).state is UploadState.APPLIED)

    assert sum(core.repository.count_listings().values()) == 3
    assert len(core.repository.list_runs("tableur")) == 1


def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_half_done_and_the_next_ends_it(core: Services, data: Path) -> None:
    number = add_list(core, 6000, UploadState.APPLYING)
    with working(data) as process:
        wait_until(lambda: core.repository.list_runs("tableur") != [])
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = core.repository.uploads.get(number).state, sum(core.repository.count_listings().values())

    with working(data):
        wait_until(lambda: core.repository.uploads.get(number).state is UploadState.APPLIED)

    assert left in {(UploadState.APPLYING, 0), (UploadState.APPLYING, 6000)}
    assert sum(core.repository.count_listings().values()) == 6000
    run_pk = core.repository.uploads.get(number).run_pk
    assert run_pk is not None
    assert len(core.repository.plan_undoing(run_pk).brought) == 6000


def test_the_worker_ends_with_its_server_and_a_second_one_refuses(core: Services, data: Path) -> None:
    core.enqueue(7)  # nobody's list: it waits in the queue alone
    with working(data, "--with-server") as first:
        wait_until(lambda: not waiting_in(data / "queue.sqlite3"))
        with working(data) as second:
            assert second.wait(timeout=PATIENCE_S) == 1
        assert first.stdin is not None
        first.stdin.close()

        assert first.wait(timeout=PATIENCE_S) is not None
    assert (data / "worker.log").read_text().splitlines() == [
        "Erreur : Un autre « relais worker » travaille déjà pour cette instance."
    ]


@pytest.mark.redis
def test_what_is_asked_by_redis_is_taken_from_there_by_a_worker(core: Services, data: Path, tmp_path: Path) -> None:
    number = add_list(core, 3, UploadState.APPLYING)
    with running_redis(tmp_path) as (address, _):
        waiting = Redis.from_url(address)
        build_services(replace(core.settings, queue=address)).enqueue(number)
        put = waiting.llen(QUEUE)

        with working(data, RELAIS_QUEUE=address):
            wait_until(lambda: core.repository.uploads.get(number).state is UploadState.APPLIED)
            wait_until(lambda: waiting.llen(QUEUE) == 0)

    assert put == 1
    assert sum(core.repository.count_listings().values()) == 3
    assert len(core.repository.list_runs("tableur")) == 1


def test_a_queue_that_does_not_answer_is_told_and_an_address_that_is_none_is_refused(
    core: Services, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = build_services(replace(core.settings, queue="redis://127.0.0.1:1/0"))

    away.enqueue(1)  # whoever asks is not refused: the state of the list says what is to be done

    assert "the queue does not answer" in caplog.text
    with pytest.raises(InvalidSetting):
        read_settings({"RELAIS_DATA": str(data), "RELAIS_QUEUE": "http://example.org"})
