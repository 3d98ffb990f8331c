"""Audience: the ages and publics that a listing says it is for, and what the rules left to check."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from directory.columns import FloatArray
from directory.vocabulary import ALL_PUBLICS, PUBLICS
from matching.candidates import Candidates
from matching.checks.ages import stated_bracket
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason, always
from matching.french import french_ages, french_list, lower_first

_YOUNG = 30


def _value(case: Case) -> FloatArray:
    """Value a listing that says it is for such a student.

    Published: Public. Pour moitié l’âge : une tranche de jeunes qui contient l’âge de l’élève compte entièrement, une
    tranche plus large pour 80 %, une fiche muette pour 70 %. Pour moitié le public : un public déclaré par l’élève compte
    entièrement, « jeunes » pour 95 %, « tous publics » pour 85 %, une fiche muette pour 75 %. Le tout est réduit de 30 %
    quand une règle est à vérifier.
    """
    value = case.candidates.by_record(_fit)
    value[case.judgement.to_check] *= 0.7
    return value


def _fit(candidates: Candidates) -> FloatArray:
    """Ages and publics, before what is to be checked."""
    question, rows = candidates.question, candidates.rows
    low, high = stated_bracket(candidates)
    silent = (low < 0) & (high > 110)
    age = np.where(silent, 0.7, np.where(high <= _YOUNG, 1.0, 0.8))
    publics = question.catalogue.publics
    public = np.where(publics.filled(rows), 0.3, 0.75)
    for names, worth in (((ALL_PUBLICS,), 0.85), (("jeunes",), 0.95), (question.profile.publics, 1.0)):
        public = np.where(publics.any_of(names, rows), np.maximum(public, worth), public)
    return np.asarray((age + public) / 2)


def _explain(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    ages = catalogue.age_min.item(row), catalogue.age_max.item(row)
    return _said(*ages, catalogue.publics.of(row), case.question.profile.publics, case.judgement.to_check.item(index))


@lru_cache(maxsize=4096)  # records of one kind say the same few things
def _said(low: int, high: int, publics: tuple[str, ...], mine: tuple[str, ...], to_check: bool) -> Reason:
    parts = []
    if low >= 0 or high >= 0:
        parts.append(french_ages(low, high if high >= 0 else 999))
    declared = [public for public in mine if public in publics]
    if publics:
        parts.append(french_list([lower_first(PUBLICS[public]) for public in declared or publics]))
    text = f"S’adresse à : {' ; '.join(parts)}" if parts else "Âges et publics non précisés"
    return Reason(text + (" (à vérifier)" if to_check else ""), BY_RECORD)


AUDIENCE = Criterion("public", "Âge et public", always, _value, _explain)
