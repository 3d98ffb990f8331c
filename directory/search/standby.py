"""StandbySearch: a server answers; when it does not, the embedded index kept beside does, and says so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from directory.errors import IndexUnavailable
from directory.search.types import Search, SearchPage, SearchQuery

NOTICE = "Le moteur de recherche principal ne répond pas : ces résultats viennent de l’index de secours."
_PAUSE_S = 5.0
"""After a failure the server is left alone for so long, so that each question does not wait for it in its turn."""

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class StandbySearch:
    """Answers from the first that can.

    Args:
        first: Answers whenever it can.
        standby: Answers otherwise.
        clock: Seconds, monotonic.
    """

    def __init__(self, first: Search, standby: Search, clock: Callable[[], float] = time.monotonic) -> None:
        self._first, self._standby, self._clock = first, standby, clock
        self._down_until = 0.0

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer one question; ``notice`` says when the second answered (its cursors are its own)."""
        return self._either(lambda: self._first.search(query), lambda: replace(self._standby.search(query), notice=NOTICE))

    def suggest(self, text: str, limit: int = 8) -> tuple[str, ...]:
        """Names of public listings that complete a text, best first."""
        return self._either(lambda: self._first.suggest(text, limit), lambda: self._standby.suggest(text, limit))

    def revision(self) -> int | None:
        """The directory's revision that answers come from, None when neither can answer."""
        held = self._first.revision() if self._clock() >= self._down_until else None
        return self._standby.revision() if held is None else held

    def _either(self, usual: Callable[[], _T], other: Callable[[], _T]) -> _T:
        if self._clock() >= self._down_until:
            try:
                return usual()
            except IndexUnavailable as error:
                self._down_until = self._clock() + _PAUSE_S
                _log.warning("the search server does not answer, the standby index does: %s", error)
        return other()
