"""The import lock: one import at a time in a directory, and none left locked by a process that died."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from directory.database_errors import explain
from directory.errors import DatabaseBusy

_ADVISORY_KEY = 0x52454C4149  # « RELAI »
_PAUSE_SECONDS = 0.2


class ImportLock:
    """A lock of this process on the directory.

    On SQLite it is the exclusive lock of an empty database beside the directory's own: the system drops it when the process dies,
    on every platform. On PostgreSQL it is an advisory lock, which the server drops when it notices that its connection is gone;
    ``directory.database.of_run`` holds back an import that lost it so.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._release: Callable[[], None] | None = None

    def acquire(self, wait_seconds: float = 0) -> None:
        """Take the lock, within so many seconds or not at all.

        Raises:
            DatabaseBusy: Another import holds it, in this process or another.
            DatabaseError: The lock's file cannot be written.
        """
        sqlite = self._engine.dialect.name == "sqlite"
        self._release = self._take_file(wait_seconds) if sqlite else self._take_advisory(wait_seconds)

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        release, self._release = self._release, None
        if release is not None:
            release()

    @contextmanager
    def held(self, wait_seconds: float = 0) -> Iterator[None]:
        """The lock for the length of a block, taken within so many seconds.

        Raises:
            DatabaseBusy: Another holds it.
        """
        self.acquire(wait_seconds)
        try:
            yield
        finally:
            self.release()

    @staticmethod
    def busy() -> DatabaseBusy:
        """What is raised when another import holds the lock."""
        public = "Un autre import est en cours (« relais runs ») : celui-ci n’a rien changé. Réessayer quand il sera fini."
        return DatabaseBusy("another import runs", public=public)

    def _take_file(self, wait_seconds: float) -> Callable[[], None]:
        path = f"{self._engine.url.database}.lock"
        try:
            connection = sqlite3.connect(path, timeout=wait_seconds, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise explain(error, path) from error
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if "locked" in str(error):
                raise self.busy() from error
            raise explain(error, path) from error
        return connection.close

    def _take_advisory(self, wait_seconds: float) -> Callable[[], None]:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        until = time.monotonic() + wait_seconds
        while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar_one():
            if time.monotonic() >= until:
                connection.close()
                raise self.busy()
            time.sleep(_PAUSE_SECONDS)

        def release() -> None:
            with suppress(DBAPIError):  # a connection that was lost has let go of it already
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            connection.close()

        return release
