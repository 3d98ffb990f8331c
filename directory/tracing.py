"""What one piece of work costs and is called: the id that its logs carry, its questions to the database, the slow ones told."""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event

_LONGEST = 600
_STARTED = "relais_started"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Trace:
    """One request, or one command.

    Attributes:
        id: What its lines in the log and its answer share.
        queries: Questions asked of the database.
        query_s: Seconds spent waiting for them.
    """

    id: str
    queries: int = 0
    query_s: float = 0.0


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begin(trace: Trace | None) -> None:
    """Say which work this thread does from now on; None when it is over."""
    _current.set(trace)


def current() -> Trace | None:
    """The work that this thread does; None outside of any."""
    return _current.get()


def watch_queries(engine: Engine, slow_ms: int) -> None:
    """Count the questions to a database on the work that asks them, and tell the slow ones.

    A statement is told as it was prepared: its values are apart, and are not told.

    Args:
        engine: The database.
        slow_ms: Milliseconds from which a question is slow; 0 to tell none.
    """

    def start(connection: Any, _cursor: Any, _statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        connection.info[_STARTED] = time.perf_counter()

    def end(connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        seconds = time.perf_counter() - connection.info.get(_STARTED, time.perf_counter())
        trace = _current.get()
        if trace is not None:
            trace.queries += 1
            trace.query_s += seconds
        if slow_ms and seconds * 1000 >= slow_ms:
            told = " ".join(statement.split())[:_LONGEST]
            _log.warning("slow query", extra={"ms": round(seconds * 1000), "statement": told})

    event.listen(engine, "before_cursor_execute", start)
    event.listen(engine, "after_cursor_execute", end)
