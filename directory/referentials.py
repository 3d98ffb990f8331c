"""The referentials in use: those that an instance has imported, read once and read again when they change.

They are the process's own, like the tables that ship with the program: the composition root says where they are kept (``use``),
and what needs them asks ``get``. Without one, the answer is empty and the small tables that ship serve (ADR 6).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from directory.errors import DatabaseError

_CHECK_SECONDS = 2.0


class ReferentialStore(Protocol):
    """Where referentials are kept (the repository)."""

    def referential_versions(self) -> dict[str, int]:
        """Referential → version, of those that were imported."""
        ...

    def load_referential(self, name: str) -> dict[str, dict[str, Any]]:
        """Every entry of a referential, by code."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Referential:
    """A referential as it was imported. Compared by identity, so that what is computed of it can be kept beside it."""

    name: str
    version: int = 0
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.entries)


class Referentials:
    """The referentials of one store. Safe from several threads."""

    def __init__(self, store: ReferentialStore | None = None, check_every: float = _CHECK_SECONDS) -> None:
        self._store = store
        self._check_every = check_every
        self._lock = threading.Lock()
        self._versions: dict[str, int] = {}
        self._checked = -check_every
        self._held: dict[str, Referential] = {}

    def get(self, name: str) -> Referential:
        """A referential, at most two seconds old; an empty one when it was not imported.

        What is in memory serves while the database does not answer.
        """
        with self._lock:
            held = self._held.get(name) or self._held.setdefault(name, Referential(name))
            if self._store is None:
                return held
            try:
                if time.monotonic() - self._checked >= self._check_every:
                    self._versions, self._checked = self._store.referential_versions(), time.monotonic()
                version = self._versions.get(name, 0)
                if version != held.version:
                    held = self._held[name] = Referential(name, version, self._store.load_referential(name))
            except DatabaseError:
                self._checked = time.monotonic()
            return held


_current = Referentials()


def use(store: ReferentialStore | None) -> None:
    """Say where this process's referentials are kept; None for nowhere."""
    global _current  # noqa: PLW0603  (one for the process, as the tables that ship are)
    _current = Referentials(store)


def get(name: str) -> Referential:
    """A referential of this process; empty when it was not imported."""
    return _current.get(name)
