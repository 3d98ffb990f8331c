"""Ages and publics: what records state and what texts allow, the exceptions of RQTH granted."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from directory.columns import BoolArray, IntArray
from directory.vocabulary import ALL_PUBLICS
from matching.candidates import Candidates
from matching.checks.common import Check
from matching.question import HANDICAP, Question
from matching.rules import Level, Rule, rules

EMERGENCY = "personnes-en-situation-durgence"


def stated_bracket(candidates: Candidates) -> tuple[IntArray, IntArray]:
    """Youngest and oldest age that the records state, -1 and a huge number where they do not, RQTH exceptions granted."""
    return candidates.once("stated bracket", lambda: _stated_bracket(candidates))


def _stated_bracket(candidates: Candidates) -> tuple[IntArray, IntArray]:
    catalogue, rows = candidates.question.catalogue, candidates.rows
    low, high = catalogue.age_min[rows], catalogue.age_max[rows]
    high[high < 0] = np.iinfo(np.int32).max
    for rule in _age_rules(candidates.question.at) if candidates.question.has_rqth else ():
        if rule.age_max_rqth is not None:  # the text's exception is wider than the record's bracket
            mine = candidates.is_category(rule.categories)
            high[mine] = np.maximum(high[mine], rule.age_max_rqth)
    return low, high


def legal_bracket(candidates: Candidates) -> tuple[IntArray, IntArray]:
    """The same, narrowed to what the texts allow for the category."""
    low, high = (bound.copy() for bound in stated_bracket(candidates))
    for rule in _age_rules(candidates.question.at):
        if rule.level is not Level.BLOCKING or not candidates.has_category(rule.categories):
            continue
        mine = candidates.is_category(rule.categories)
        low[mine] = np.maximum(low[mine], -1 if rule.age_min is None else rule.age_min)
        oldest = _oldest(candidates.question, rule)
        if oldest is not None:
            high[mine] = np.minimum(high[mine], oldest)
    return low, high


@lru_cache(maxsize=16)
def _age_rules(at: date) -> list[Rule]:
    return [rule for rule in rules().values() if {rule.age_min, rule.age_max, rule.age_max_rqth} != {None} and rule.holds(at)]


def _oldest(question: Question, rule: Rule) -> int | None:
    return rule.age_max_rqth if question.has_rqth and rule.age_max_rqth is not None else rule.age_max


def _outside_bracket(candidates: Candidates) -> BoolArray:
    low, high = stated_bracket(candidates)
    return (candidates.age_high < low) | (candidates.age_low > high)


def _rqth_moves_the_limit(candidates: Candidates) -> BoolArray | None:
    if not candidates.question.has_rqth:
        return None
    limit = candidates.question.catalogue.age_max[candidates.rows]
    return np.asarray((limit >= 0) & (candidates.age_low > limit))


def _partly_outside(candidates: Candidates) -> BoolArray:
    low, high = legal_bracket(candidates)
    outside = (candidates.age_high < low) | (candidates.age_low > high)
    return ((candidates.age_low < low) | (candidates.age_high > high)) & ~outside


def _age_rule(rule_id: str) -> Check:
    def check(candidates: Candidates) -> BoolArray | None:
        rule = rules()[rule_id]
        oldest = _oldest(candidates.question, rule)
        young = candidates.age_high < rule.age_min if rule.age_min is not None else None
        old = candidates.age_low > oldest if oldest is not None else None
        return young | old if young is not None and old is not None else young if old is None else old

    return check


def publics_of(question: Question) -> tuple[str, ...]:
    """The publics that a student is of: young, everyone, and those declared; an urgency, a disability also by their need."""
    urgent = (EMERGENCY,) if any(need.urgency for need in question.needs) else ()
    disabled = (HANDICAP,) if any(need.key == "handicap" for need in question.needs) else ()
    return (ALL_PUBLICS, "jeunes", *urgent, *disabled, *question.profile.publics)


def _public_to_check(candidates: Candidates) -> BoolArray:
    publics, rows = candidates.question.catalogue.publics, candidates.rows
    stated = publics.filled(rows)
    return np.asarray(stated & ~publics.any_of(publics_of(candidates.question), rows) & ~_seniors_only(candidates))


def _seniors_only(candidates: Candidates) -> BoolArray:
    publics = candidates.question.catalogue.publics
    return publics.only(("seniors",), candidates.rows)


AGE_CHECKS: dict[str, Check] = {
    "age-fiche": _outside_bracket,
    "age-incertain": _partly_outside,
    "cfa-rqth": _rqth_moves_the_limit,
    "public-a-verifier": _public_to_check,
    "public-seniors": _seniors_only,
    **{rule.id: _age_rule(rule.id) for rule in rules().values() if rule.age_min is not None or rule.age_max is not None},
}
