"""Occupations: ROME codes wished, or that the diploma leads to, against the listing's own or its activity's."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from directory.occupations import occupations_of_naf, title

from directory.columns import FloatArray
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason
from matching.question import Question

SAME, DOMAINE, GRAND_DOMAINE = 1.0, 0.6, 0.25
UNKNOWN = 0.2
_LINKED = 0.6
"""An activity (NAF) linked to an occupation is worth this part of the occupation itself."""
_SPECIALTY = 0.7
"""An occupation that only the diploma leads to is worth this part of a wished one."""


@lru_cache(maxsize=4096)
def closeness(wished: str, other: str) -> float:
    """How close two ROME codes are: same, same domaine (three characters), same grand domaine (a letter), or 0."""
    if wished == other:
        return SAME
    if wished[:3] == other[:3]:
        return DOMAINE
    return GRAND_DOMAINE if wished[0] == other[0] else 0.0


def _wished(question: Question) -> list[tuple[str, float]]:
    profile = question.profile
    factor = _SPECIALTY if profile.occupations else 1.0
    return [(code, 1.0) for code in profile.occupations] + [(code, factor) for code in profile.specialty_occupations]


def _best(question: Question, code: str) -> float:
    return max(closeness(wished, code) * factor for wished, factor in _wished(question))


def _best_of_naf(question: Question, naf: str) -> float:
    return _LINKED * max((_best(question, code) for code in occupations_of_naf(naf)), default=0.0)


def _value(case: Case) -> FloatArray:
    """Value the closest of a listing's occupations to those wished.

    Published: Métier. Le même code ROME compte entièrement, le même domaine (trois premiers caractères) pour 60 %, le
    même grand domaine (la lettre) pour 25 %. Une entreprise dont la fiche ne dit pas les métiers est jugée sur ceux que
    son activité (NAF) emploie, pour 60 % de cela. Les métiers auxquels mène le diplôme comptent pour 70 % quand d’autres
    sont souhaités. Inconnu : 20 %.
    """
    question, rows = case.question, case.candidates.rows
    catalogue = question.catalogue
    of_code = np.array([_best(question, code) for code in catalogue.occupation_codes] or [0.0])
    own = catalogue.occupations.best(of_code, rows, np.nan)
    of_naf = np.array([*(_best_of_naf(question, naf) for naf in catalogue.naf_codes), UNKNOWN])
    return np.where(np.isnan(own), of_naf[catalogue.naf[rows]], own)


def _explain(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    own = [catalogue.occupation_codes[code] for code in catalogue.occupations.of(row)]
    if own:
        return _explain_codes(case.question, own, "Métier", BY_RECORD)
    if catalogue.naf[row] >= 0:
        naf = catalogue.naf_codes[int(catalogue.naf[row])]
        return _explain_codes(case.question, sorted(occupations_of_naf(naf)), f"Activité {naf}", "NAF et ROME (France Travail)")
    return Reason("Métiers non indiqués : à demander", BY_RECORD)


def _explain_codes(question: Question, codes: list[str], head: str, source: str) -> Reason:
    best = max(codes, key=lambda code: _best(question, code), default="")
    worth, near, whose = max(
        ((closeness(w, best) * f, closeness(w, best), w) for w, f in _wished(question) if best), default=(0, 0, "")
    )
    if not worth:
        return Reason(f"{head} : sans lien avec le métier souhaité", source)
    name, wished = title(best) or best, title(whose) or whose
    whence = "souhaité" if whose in question.profile.occupations else "auquel mène le diplôme"
    if near == SAME:
        return Reason(f"{head} : {name} ({best}), {whence}", source)
    kin = "même domaine" if near == DOMAINE else "même grand domaine"
    return Reason(f"{head} : {name} ({best}), {kin} que {wished}", source)


OCCUPATION = Criterion("metier", "Métier", lambda question: bool(_wished(question)), _value, _explain)
