"""The queue of long work: huey's, in a file or in Redis. It says what to look at; the directory says what is so."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from functools import cached_property
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.exceptions import HueyException
from huey.serializer import SignedSerializer
from redis import RedisError

from directory.repository import Repository
from directory.settings import Settings

_KEY = "queue"

_log = logging.getLogger(__name__)


class WorkQueue:
    """Numbers of lists that wait for the worker.

    A number may come twice, or be lost with the worker that took it: the worker looks at the state of the list, and asks the
    directory, at start and each minute, for those that nobody sees to.

    Args:
        settings: Where the queue is.
        repository: Keeps the key that signs what waits.
        work: What the worker does of a number; pages only put.
    """

    def __init__(self, settings: Settings, repository: Repository, work: Callable[[int], None] | None = None) -> None:
        self._settings = settings
        self._repository = repository
        self._work = work

    def put(self, number: int) -> None:
        """Have a list seen to. Where the queue cannot be written this is told: the worker finds the list by itself later."""
        try:
            self._see_to(number)
        except (HueyException, OSError, sqlite3.Error, RedisError) as error:
            _log.warning("the queue does not answer, list %s waits to be found: %r", number, error)

    def consume(self, tidy: Callable[[], None]) -> None:
        """See to what waits, one thing at a time, until the process is told to end. Only the worker calls this.

        Args:
            tidy: Done at start, and each night.
        """
        logging.getLogger("huey").setLevel(logging.WARNING)
        _ = self._see_to  # what waits already is taken by the name that this gives it

        def every_night() -> None:
            tidy()

        every_night()
        self._sweep()
        self._huey.periodic_task(crontab(hour="3", minute="7"), name="tidy")(every_night)
        self._huey.periodic_task(crontab(minute="*"), name="sweep")(self._sweep)
        self._huey.create_consumer(workers=1, max_delay=1.0).run()

    def _sweep(self) -> None:
        for number in self._repository.uploads.list_working():
            self._see_to(number)

    @cached_property
    def _huey(self) -> Huey:
        # what waits is signed: whoever writes there makes us run nothing
        secret = self._repository.signing_key(_KEY).hex()
        shared: dict[str, Any] = {"results": False, "serializer": SignedSerializer(secret=secret, salt=_KEY)}
        if self._settings.queue:
            return RedisHuey("relais", url=self._settings.queue, **shared)
        return SqliteHuey("relais", filename=str(self._settings.data / "queue.sqlite3"), **shared)

    @cached_property
    def _see_to(self) -> Callable[[int], object]:
        def see_to(number: int) -> None:
            if self._work is not None:
                self._work(number)

        task: Callable[[int], object] = self._huey.task(name="see_to_upload")(see_to)
        return task
