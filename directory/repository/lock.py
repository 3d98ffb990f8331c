"""The import lock: one import at a time in a directory, and none left locked by a process that died."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from sqlalchemy import Engine, text

from directory.errors import DatabaseBusy, DatabaseError

_ADVISORY_KEY = 0x52454C4149  # « RELAI »


class ImportLock:
    """A lock of this process on the directory.

    On SQLite it is the exclusive lock of an empty database beside the directory's own: the system drops it when the process dies,
    on every platform. On PostgreSQL it is an advisory lock, dropped with its connection.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._release: Callable[[], None] | None = None

    def acquire(self) -> None:
        """Take the lock, at once or not at all.

        Raises:
            DatabaseBusy: Another import holds it, in this process or another.
            DatabaseError: The lock's file cannot be written.
        """
        self._release = self._take_file() if self._engine.dialect.name == "sqlite" else self._take_advisory()

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        release, self._release = self._release, None
        if release is not None:
            release()

    @staticmethod
    def busy() -> DatabaseBusy:
        """What is raised when another import holds the lock."""
        public = "Un autre import est en cours : celui-ci n’a rien changé. Réessayer ensuite."
        return DatabaseBusy("another import runs", public=public)

    def _take_file(self) -> Callable[[], None]:
        path = f"{self._engine.url.database}.lock"
        try:
            connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise DatabaseError(f"{path}: {error}", public=f"Le verrou « {path} » ne peut pas être créé.") from error
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if "locked" in str(error):
                raise self.busy() from error
            raise DatabaseError(f"{path}: {error}", public=f"Le verrou « {path} » ne peut pas être pris.") from error
        return connection.close

    def _take_advisory(self) -> Callable[[], None]:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar_one():
            connection.close()
            raise self.busy()

        def release() -> None:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            connection.close()

        return release
