"""Territory: who is competent for the student, who is elsewhere, and who leaves it unknown."""

from __future__ import annotations

import numpy as np

from directory.columns import BoolArray, IntArray
from matching.candidates import Candidates
from matching.checks.common import Check, when_profile
from matching.reach import too_far

TERRITORIAL = ("mission_locale", "psad", "mlds", "foquale", "clee", "bureau_des_entreprises", "ccas")
"""Partners that follow the people of a territory only."""
ILE_DE_FRANCE = "11"
MISSION_LOCALE = ("mission_locale",)


def _mission_locale_elsewhere(candidates: Candidates) -> BoolArray | None:
    if not candidates.has_category(MISSION_LOCALE):
        return None
    return missions_locales(candidates) & candidates.elsewhere & ~_mission_locale_near(candidates)


def missions_locales(candidates: Candidates) -> BoolArray:
    """Which candidates are missions locales."""
    return candidates.once("missions locales", lambda: candidates.is_category(MISSION_LOCALE))


def _mission_locale_near(candidates: Candidates) -> BoolArray:
    """Missions locales nearer than the competent one without being it; the nearest one where the competent has no place."""
    return candidates.once("missions locales near", lambda: _near(candidates))


def _near(candidates: Candidates) -> BoolArray:
    near = np.zeros(len(candidates), dtype=np.bool_)
    mine = np.flatnonzero(missions_locales(candidates)) if candidates.has_category(MISSION_LOCALE) else np.empty(0, dtype=np.intp)
    km = candidates.km[mine]
    others = candidates.elsewhere[mine] & ~np.isnan(km)
    if others.any():
        competent = km[candidates.competent[mine] & ~np.isnan(km)]
        limit = float(competent.min()) if len(competent) else np.nextafter(float(km[others].min()), np.inf)
        near[mine[others & (km < limit)]] = True
    return near


def _elsewhere(candidates: Candidates) -> BoolArray:
    if not candidates.has_category(MISSION_LOCALE):
        return candidates.elsewhere
    return candidates.elsewhere & ~missions_locales(candidates)


def _competence_unknown(candidates: Candidates) -> BoolArray | None:
    if not candidates.has_category(TERRITORIAL):
        return None
    silent = candidates.is_category(TERRITORIAL) & (candidates.question.catalogue.scopes[candidates.rows] == 0)
    return np.asarray(silent & ~candidates.competent & ~candidates.elsewhere)


def _by_home(candidates: Candidates) -> BoolArray | None:
    question, rows = candidates.question, candidates.rows
    if question.lycee_known:
        return None
    return np.asarray(candidates.serves & ~question.serves_france[rows] & ~question.is_lycee[rows])


def neighbour(candidates: Candidates) -> IntArray:
    """Which candidates are the nearest of the missions locales nearer than the competent one, where there is a competent one."""
    near = np.flatnonzero(_mission_locale_near(candidates))
    if not len(near) or not (missions_locales(candidates) & candidates.competent).any():
        return near[:0]
    km = candidates.km[near]
    return np.asarray(near[km == km.min()])


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
