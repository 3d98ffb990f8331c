"""Territory: who is competent for the student, who is elsewhere, and who leaves it unknown."""

from __future__ import annotations

import numpy as np

from directory.columns import BoolArray
from matching.candidates import Candidates
from matching.checks.common import Check, nobody, when_profile
from matching.reach import too_far

TERRITORIAL = ("mission_locale", "psad", "mlds", "foquale", "clee", "bureau_des_entreprises", "ccas")
"""Partners that follow the people of a territory only."""
ILE_DE_FRANCE = "11"
_MISSION_LOCALE = ("mission_locale",)


def _mission_locale_elsewhere(candidates: Candidates) -> BoolArray:
    return candidates.is_category(_MISSION_LOCALE) & candidates.elsewhere & ~_mission_locale_near(candidates)


def _mission_locale_near(candidates: Candidates) -> BoolArray:
    """Missions locales nearer than the competent one without being it; the nearest one where the competent has no place."""
    mine = candidates.is_category(_MISSION_LOCALE) & ~np.isnan(candidates.km)
    competent = candidates.km[mine & candidates.competent]
    others = mine & candidates.elsewhere
    if not others.any():
        return others
    limit = float(competent.min()) if len(competent) else np.nextafter(float(candidates.km[others].min()), np.inf)
    return np.asarray(others & (candidates.km < limit))


def _elsewhere(candidates: Candidates) -> BoolArray:
    return candidates.elsewhere & ~candidates.is_category(_MISSION_LOCALE)


def _competence_unknown(candidates: Candidates) -> BoolArray:
    silent = candidates.is_category(TERRITORIAL) & (candidates.question.catalogue.scopes[candidates.rows] == 0)
    return np.asarray(silent & ~candidates.competent & ~candidates.elsewhere)


def _by_home(candidates: Candidates) -> BoolArray:
    question, rows = candidates.question, candidates.rows
    if question.lycee_known:
        return nobody(candidates)
    return np.asarray(candidates.serves & ~question.serves_france[rows] & ~question.is_lycee[rows])


def neighbour(candidates: Candidates) -> BoolArray:
    """The nearest of the missions locales that are nearer than the competent one, where there is a competent one."""
    near = _mission_locale_near(candidates)
    mine = candidates.is_category(_MISSION_LOCALE) & candidates.competent
    if not near.any() or not mine.any():
        return nobody(candidates)
    return np.asarray(near & (candidates.km == candidates.km[near].min()))


TERRITORY_CHECKS: dict[str, Check] = {
    "territoire": _elsewhere,
    "mission-locale-competence": _mission_locale_elsewhere,
    "mission-locale-voisine": _mission_locale_near,
    "competence-inconnue": _competence_unknown,
    "bassin-a-verifier": _by_home,
    "redoublement-lycee": when_profile(lambda question: question.profile.lycee is None),
    "trop-loin": too_far,
    "bassin-inconnu": lambda candidates: candidates.unknown_bassin,
    "prij-region": when_profile(lambda question: question.profile.place.code_region != ILE_DE_FRANCE),
}
