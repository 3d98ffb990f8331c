"""Reach: what a student can get to, and by how much the rest is too far."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from directory.columns import BoolArray, FloatArray, IntArray
from matching.candidates import Candidates
from matching.question import Question
from matching.types import Mode

USUAL_MINUTES: Mapping[Mode, int] = {Mode.WALK: 45, Mode.BIKE: 45, Mode.TRANSIT: 75, Mode.CAR: 60}
"""Longest journey one way that a référent would propose to who did not say how long may be."""
USUAL_KM = 50.0
"""The same as the crow flies, km, for who did not say by what mode."""
REGION_KM = 100.0
"""Beyond this many km a place is another region's, whatever the mode."""


def limit_minutes(question: Question) -> int | None:
    """Longest journey one way: the student's own, else the usual one of the mode; None without a mode."""
    profile = question.profile
    return None if profile.mode is None else profile.max_minutes or USUAL_MINUTES[profile.mode]


def over_limit(candidates: Candidates) -> FloatArray:
    """Minutes past the limit, 0 when within it or when no mode is known, shape (candidates,).

    Measured from the edge of the commune when only the commune of the home is known, so that it never loses its own structures.
    """
    question, km = candidates.question, candidates.km
    limit, profile = limit_minutes(question), question.profile
    if profile.mode is None or limit is None:
        return np.zeros(len(km))
    past, reach_km = np.zeros(len(km)), profile.place.reach_km
    # NaN is past no limit; a shorter way takes no longer, so that what is within the limit stays so
    some = np.flatnonzero((candidates.minutes > limit) & (km > reach_km))
    if not len(some):
        return past
    minutes = candidates.minutes[some]
    if reach_km:
        journeys = candidates.journeys or question.journeys(candidates.rows, km)
        minutes = question.travel.minutes(journeys.of(some, km[some] - reach_km), profile.mode)
    past[some] = np.maximum(minutes - limit, 0.0)
    return past


def minutes_past(candidates: Candidates, index: int) -> float:
    """``over_limit`` of one candidate."""
    return float(candidates.once("past", lambda: over_limit(candidates))[index])


def too_far(candidates: Candidates) -> BoolArray:
    """What the student can hardly get to: past the journey accepted, or past the usual one where nobody said.

    Who is competent for the student, and what is remote, is never too far. What serves the student's territory is not too far
    within the region, unless the student's own limit says so.
    """
    profile = candidates.question.profile
    past = (
        candidates.km > USUAL_KM + profile.place.reach_km
        if profile.mode is None
        else candidates.once("past", lambda: over_limit(candidates)) > 0
    )
    far = np.flatnonzero(past | (candidates.km > REGION_KM))  # NaN is not far
    if profile.mode is None or profile.max_minutes is None:
        far = far[~candidates.serves[far] | (candidates.km[far] > REGION_KM)]
    return _without_who_comes(candidates, far)


def in_another_region(candidates: Candidates) -> BoolArray:
    """What is so far that only who finds nothing nearer looks at it."""
    return _without_who_comes(candidates, np.flatnonzero(candidates.km > REGION_KM))


def _without_who_comes(candidates: Candidates, far: IntArray) -> BoolArray:
    """Some candidates (positions), those left out that are the student's own or remote, shape (candidates,)."""
    stays = np.zeros(len(candidates), dtype=np.bool_)
    stays[far] = ~(candidates.competent[far] | candidates.question.catalogue.remote[candidates.rows[far]])
    return stays
