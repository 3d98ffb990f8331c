"""Counts what is asked, without people: a count is written at most once a minute, and never makes an answer wait or fail."""

from __future__ import annotations

import logging
import threading
import time
from typing import cast

from flask import Flask, current_app

from directory.errors import DatabaseError
from directory.models.statistics import AskedQuestion, Channel
from directory.search.asking import Answer
from directory.search.types import SearchQuery
from directory.statistics import month_of, scrub
from web.access import services

_EVERY_S = 60.0
_MOST = 20_000
"""Questions that wait to be written; beyond, the database is not there, and they are let go."""
_NAME = "relais-counts"
_log = logging.getLogger(__name__)


class Waiting:
    """The questions that are not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[AskedQuestion] = []
        self._written = -_EVERY_S

    def add(self, asked: AskedQuestion) -> list[AskedQuestion]:
        """Add one; returns all that are to be written now, often none."""
        now = time.monotonic()
        with self._lock:
            if len(self._asked) < _MOST:
                self._asked.append(asked)
            if now - self._written < _EVERY_S:
                return []
            due, self._asked, self._written = self._asked, [], now
            return due

    def put_back(self, asked: list[AskedQuestion]) -> None:
        """Keep for the next time what could not be written."""
        with self._lock:
            self._asked = (asked + self._asked)[:_MOST]


def install(app: Flask) -> None:
    """Count the questions of an application."""
    app.extensions[_NAME] = Waiting()


def count_search(channel: Channel, query: SearchQuery, answer: Answer) -> None:
    """Count a search, unless it is the next page of one."""
    if query.cursor:
        return
    understood = answer.understood
    filters = {**understood.filters, **query.filters}
    places, kinds = filters.get("departement", ()), query.kinds or understood.kinds
    domains = {code.partition("--")[0] for code in filters.get("thematique", ())}
    answered = answer.page.total > 0
    _count(
        AskedQuestion(
            month=month_of(services().clock()),
            channel=channel,
            departement=answer.place.code_departement if answer.place else _only(places),
            kind=_only(tuple(map(str, kinds))),
            thematique=_only(tuple(domains)),
            answered=answered,
            words="" if answered else scrub(query.text),
        )
    )


def count_match(departement: str, *, answered: bool) -> None:
    """Count that proposals were asked for somewhere: nothing of the profile."""
    month = month_of(services().clock())
    _count(AskedQuestion(month=month, channel=Channel.MATCHING, departement=departement, answered=answered))


def _only(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else ""


def _count(asked: AskedQuestion) -> None:
    waiting = cast("Waiting", current_app.extensions[_NAME])
    due = waiting.add(asked)
    if not due:
        return
    try:
        services().repository.keep_questions(due, services().clock().date())
    except DatabaseError as error:  # an import may hold the database: later
        waiting.put_back(due)
        _log.info("%d counts wait: %s", len(due), type(error).__name__)
