"""Companies and events: minors at work, places, the dates and states of salons."""

from __future__ import annotations

import numpy as np

from directory.columns import NO_DAY, BoolArray, day_number
from directory.vocabulary import EventState, Kind
from matching.candidates import Candidates
from matching.checks.common import Check


def _minor_at_work(low: int, high: int) -> Check:
    def check(candidates: Candidates) -> BoolArray | None:
        if candidates.kind is not Kind.COMPANY:
            return None
        return (candidates.age_low >= low) & (candidates.age_low <= high)

    return check


def _event_in(state: EventState) -> Check:
    def check(candidates: Candidates) -> BoolArray | None:
        if candidates.kind is not Kind.EVENT:
            return None
        return np.asarray(candidates.question.catalogue.state[candidates.rows] == list(EventState).index(state))

    return check


def _event_over(candidates: Candidates) -> BoolArray | None:
    if candidates.kind is not Kind.EVENT:
        return None
    return np.asarray((candidates.over_day != NO_DAY) & (candidates.over_day < day_number(candidates.question.at)))


def _event_undated(candidates: Candidates) -> BoolArray | None:
    return np.asarray(candidates.over_day == NO_DAY) if candidates.kind is Kind.EVENT else None


MEETING_CHECKS: dict[str, Check] = {
    "sans-place": lambda candidates: candidates.question.catalogue.places[candidates.rows] == 0,
    "mineur-moins-de-16": _minor_at_work(0, 15),
    "mineur-16-17": _minor_at_work(16, 17),
    "evenement-passe": _event_over,
    "evenement-annule": _event_in(EventState.CANCELLED),
    "evenement-complet": _event_in(EventState.FULL),
    "evenement-reporte": _event_in(EventState.POSTPONED),
    "evenement-sans-date": _event_undated,
}
