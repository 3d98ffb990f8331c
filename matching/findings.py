"""The public sentence of each rule that hit a listing, its blanks filled in for this student."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from directory.columns import NO_DAY, day_of
from directory.vocabulary import PUBLICS, Kind
from matching.checks.ages import legal_bracket, stated_bracket
from matching.criteria.case import Case
from matching.french import (
    MODE_LABELS,
    french_ages,
    french_day,
    french_journey,
    french_km,
    french_list,
    french_minutes,
    lower_first,
)
from matching.reach import minutes_past
from matching.rules import Level, rules
from matching.travel import made_by
from matching.types import RuleFinding

_Fact = Callable[[Case, int], object]


def findings_of(case: Case, index: int, *levels: Level) -> tuple[RuleFinding, ...]:
    """What the rules of some levels found of one candidate, in the file's order."""
    facts = _Facts(case, index)
    found = (rules()[rule_id] for rule_id in case.judgement.rules_of(index))
    return tuple(rule.finding(facts) for rule in found if rule.level in levels)


class _Facts(Mapping[str, object]):
    """The blanks of the sentences, each computed only when a sentence asks for it."""

    def __init__(self, case: Case, index: int) -> None:
        self._case = case
        self._index = index

    def __getitem__(self, name: str) -> object:
        return _FACTS[name](self._case, self._index)

    def __iter__(self) -> Iterator[str]:
        return iter(_FACTS)

    def __len__(self) -> int:
        return len(_FACTS)


def _day(case: Case, index: int) -> str:
    day = day_of(case.candidates.day[index])
    return "à la date de la demande" if day == case.question.at else f"le {french_day(day)}"


def _stated(case: Case, index: int) -> str:
    return french_ages(*case.candidates.of_one(stated_bracket, index))


def _permitted(case: Case, index: int) -> str:
    return french_ages(*case.candidates.of_one(legal_bracket, index))


def _publics(case: Case, index: int) -> str:
    return french_list([lower_first(PUBLICS[public]) for public in case.question.catalogue.publics.of(case.row(index))])


def _last_day(case: Case, index: int) -> str:
    event = case.candidates.kind is Kind.EVENT and case.candidates.over_day[index] != NO_DAY
    day = case.candidates.over_day[index] if event else case.question.catalogue.valid_until[case.row(index)]
    return french_day(day_of(day))


def _journey(case: Case, index: int) -> str:
    question, candidates = case.question, case.candidates
    km, minutes, mode = float(candidates.km[index]), candidates.minutes[index], question.profile.mode
    if mode is None:
        return f"{french_km(km)} à vol d’oiseau"
    text = f"{french_journey(minutes)} {MODE_LABELS[made_by(mode, km, minutes)]}"
    accepted = question.profile.max_minutes
    if accepted and minutes_past(candidates, index):  # of the journey that is shown, so that the sum is right
        text += f", {french_minutes(np.round(minutes) - accepted)} de plus que ce que l’élève accepte"
    return text


def _first_day(case: Case, index: int) -> str:
    return french_day(day_of(case.question.catalogue.valid_from[case.row(index)]))


def _not_before(case: Case, index: int) -> str:
    question = case.question
    return french_day(question.holds[question.catalogue.ids[case.row(index)]])


_FACTS: Mapping[str, _Fact] = {
    "age": lambda case, index: case.candidates.age_low[index],
    "age_next": lambda case, index: case.candidates.age_high[index],
    "day": _day,
    "ages": _stated,
    "ages_permitted": _permitted,
    "publics": _publics,
    "last_day": _last_day,
    "first_day": _first_day,
    "journey": _journey,
    "not_before": _not_before,
}
