"""``relais worker``: does what the pages ask to be done in the background. ``relais serve`` starts one by itself."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import click

from directory.errors import RelaisError
from directory.settings import Settings, read_settings
from relais.queue import WorkQueue
from relais.services import build_services
from relais.uploads import clean, work_on

_AGAIN_S = 5.0


class AnotherWorker(RelaisError):
    """A worker of this instance runs already."""


@click.command()
@click.option("--with-server", is_flag=True, hidden=True, help="S’arrêter quand l’entrée standard se ferme.")
def worker(*, with_server: bool) -> None:
    """Faire ce que les pages demandent en arrière-plan (« relais serve » s’en charge de lui-même)."""
    settings = read_settings()
    if with_server:
        threading.Thread(target=_end_with_server, name="server-watch", daemon=True).start()
    with _alone(settings):
        services = build_services(settings)
        WorkQueue(settings, services.repository, partial(work_on, services)).consume(partial(clean, services))


def start_worker(settings: Settings) -> None:
    """Keep a worker running beside this process, which it does not outlive; nothing where another does it."""
    if not settings.worker:
        return

    def watch() -> None:
        pause = threading.Event()
        while True:
            # nothing but the open pipe is sent: it closes when this process ends, however it ends
            process = subprocess.Popen([sys.executable, "-m", "relais", "worker", "--with-server"], stdin=subprocess.PIPE)
            process.wait()
            pause.wait(_AGAIN_S)

    threading.Thread(target=watch, name="worker-watch", daemon=True).start()


def _end_with_server() -> None:
    while os.read(sys.stdin.fileno(), 1):  # not by sys.stdin: its lock, held here, would break the end of the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.data.mkdir(parents=True, exist_ok=True)
    with (settings.data / "worker.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AnotherWorker("locked", public="Un autre « relais worker » travaille déjà pour cette instance.") from error
        yield
