"""Occupations: ROME codes wished, or that the diploma leads to, against the listing's own or its activity's."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from directory.columns import BoolArray, FloatArray, RaggedColumn, build_ragged
from directory.occupations import occupations_of_naf, title
from matching.candidates import Candidates
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason
from matching.question import Question
from matching.types import Situation

SAME, DOMAINE, GRAND_DOMAINE = 1.0, 0.6, 0.25
UNKNOWN = 0.2
KINDRED = 0.25
"""Above this an occupation is the wished one, or of its domaine, not only of its grand domaine."""
_LINKED = 0.6
"""An activity (NAF) linked to an occupation is worth this part of the occupation itself."""
_SPECIALTY = 0.7
"""An occupation that only the diploma leads to is worth this part of a wished one."""


def closeness(wished: str, other: str) -> float:
    """How close two ROME codes are: same, same domaine (three characters), same grand domaine (a letter), or 0."""
    if wished == other:
        return SAME
    if wished[:3] == other[:3]:
        return DOMAINE
    return GRAND_DOMAINE if wished[0] == other[0] else 0.0


def _wished(question: Question) -> list[tuple[str, float]]:
    profile = question.profile
    if profile.occupations and profile.situation is Situation.OTHER_PROJECT:
        return [(code, 1.0) for code in profile.occupations]  # who changes trades is not sent back to the one left
    factor = _SPECIALTY if profile.occupations else 1.0
    return [(code, 1.0) for code in profile.occupations] + [(code, factor) for code in profile.specialty_occupations]


def _nearest(wished: tuple[tuple[str, float], ...], codes: tuple[str, ...]) -> str:
    """The first of the codes that are nearest to what is wished; empty when there is none."""
    return max(codes, key=lambda code: max(closeness(wish, code) * factor for wish, factor in wished), default="")


def _best_of_each(question: Question, codes: npt.NDArray[np.str_]) -> FloatArray:
    """How near each of many codes is to what is wished, shape (len(codes),)."""
    best = np.zeros(len(codes))
    domaines, grands = codes.astype("U3"), codes.astype("U1")
    for wished, factor in _wished(question):
        near = np.select([codes == wished, domaines == wished[:3], grands == wished[:1]], [SAME, DOMAINE, GRAND_DOMAINE])
        best = np.maximum(best, near * factor)
    return best


@lru_cache(maxsize=4)
def _linked(naf_codes: tuple[str, ...]) -> tuple[npt.NDArray[np.str_], RaggedColumn]:
    """The occupations linked to each of some activities: a vocabulary, and indices in it."""
    position: dict[str, int] = {}
    linked = [[position.setdefault(code, len(position)) for code in sorted(occupations_of_naf(naf))] for naf in naf_codes]
    return np.array(list(position), dtype="U5"), build_ragged(linked)


def _best_of_activities(question: Question) -> FloatArray:
    naf_codes = question.catalogue.naf_codes
    codes, linked = _linked(naf_codes)
    best = linked.best(_best_of_each(question, codes), np.arange(len(naf_codes), dtype=np.int32), 0.0)
    return np.append(_LINKED * best, UNKNOWN)  # the last stands for an unknown activity, -1


def exact_match(candidates: Candidates) -> BoolArray:
    """Which candidates name a wished occupation itself; those that name none, whose activity (NAF) employs it."""
    question, rows = candidates.question, candidates.rows
    catalogue, wished = question.catalogue, question.profile.occupations
    of_code = np.isin(np.array(catalogue.occupation_codes, dtype="U5"), wished).astype(np.float64)
    own = catalogue.occupations.best(of_code, rows, np.nan)
    employs = [any(code in occupations_of_naf(naf) for code in wished) for naf in catalogue.naf_codes]
    of_naf = np.array([*employs, False], dtype=np.bool_)  # the last stands for an unknown activity, -1
    return np.where(np.isnan(own), of_naf[catalogue.naf[rows]], own > 0)


def _value(case: Case) -> FloatArray:
    """Value the closest of a listing's occupations to those wished.

    Published: Métier. Le même code ROME compte entièrement, le même domaine (trois premiers caractères) pour 60 %, le
    même grand domaine (la lettre) pour 25 %. Une entreprise dont la fiche ne dit pas les métiers est jugée sur ceux que
    son activité (NAF) emploie, pour 60 % de cela. Les métiers auxquels mène le diplôme comptent pour 70 % quand d’autres
    sont souhaités, et plus du tout pour un autre projet. Inconnu : 20 %.
    """
    question, rows = case.question, case.candidates.rows
    catalogue, value = question.catalogue, np.full(len(rows), UNKNOWN)
    told = catalogue.once("trade told", lambda: (np.diff(catalogue.occupations.offsets) > 0) | (catalogue.naf >= 0))[rows]
    if told.any():
        of_code = _best_of_each(question, np.array(catalogue.occupation_codes, dtype="U5"))
        own = catalogue.occupations.best(of_code, rows[told], np.nan)
        value[told] = np.where(np.isnan(own), _best_of_activities(question)[catalogue.naf[rows[told]]], own)
    return value


def _explain(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    wished, asked = tuple(_wished(case.question)), case.question.profile.occupations
    own = tuple(catalogue.occupation_codes[code] for code in catalogue.occupations.of(row))
    if own:
        return _explain_codes(wished, asked, own, "Métier", BY_RECORD)
    if catalogue.naf[row] >= 0:
        naf = catalogue.naf_codes[int(catalogue.naf[row])]
        codes = tuple(sorted(occupations_of_naf(naf)))
        return _explain_codes(wished, asked, codes, f"Activité {naf}", "NAF et ROME (France Travail)")
    return Reason("Métiers non indiqués : à demander", BY_RECORD)


@lru_cache(maxsize=4096)  # companies of one activity are shown beside one another
def _explain_codes(
    wishes: tuple[tuple[str, float], ...], asked: tuple[str, ...], codes: tuple[str, ...], head: str, source: str
) -> Reason:
    best = _nearest(wishes, codes)
    worth, near, whose = max(((closeness(w, best) * f, closeness(w, best), w) for w, f in wishes if best), default=(0, 0, ""))
    if not worth:
        return Reason(f"{head} : sans lien avec le métier souhaité", source)
    name, wished = title(best) or best, title(whose) or whose
    whence = "souhaité" if whose in asked else "auquel mène le diplôme"
    if near == SAME:
        return Reason(f"{head} : {name} ({best}), {whence}", source)
    kin = "même domaine" if near == DOMAINE else "même grand domaine"
    return Reason(f"{head} : {name} ({best}), {kin} que {wished}", source)


OCCUPATION = Criterion("metier", "Métier", lambda question: bool(_wished(question)), _value, _explain, of_row=True)
