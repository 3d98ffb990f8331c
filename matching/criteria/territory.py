"""Territory: whether a listing is the student's own, serves the student, or leaves it to be checked."""

from __future__ import annotations

import numpy as np

from directory.columns import FloatArray
from matching.candidates import Candidates
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason, always

_OWN, _SERVES, _EVERYONE, _REMOTE, _SILENT = 1.0, 0.95, 0.8, 0.75, 0.5
_UNKNOWN, _NOT_MINE = 0.3, 0.0


def _value(case: Case) -> FloatArray:
    """Value the listings that are the student's own, or say that they serve the territory.

    Published: Territoire. La structure compétente pour la commune du domicile (mission locale, CCAS) ou pour le bassin du
    lycée (PSAD, MLDS, CLEE, bureau des entreprises) compte entièrement ; une structure dont le territoire comprend
    l’élève, 95 % ; une structure nationale, 80 % ; à distance, 75 % ; un territoire non précisé, 50 %, ou 30 % là où une
    compétence est à vérifier.
    """
    question, candidates = case.question, case.candidates
    rows = candidates.rows
    fine = question.serves_home[rows] | question.serves_lycee[rows]
    value = candidates.by_record(_said)
    value[fine & candidates.serves] = _SERVES
    for rule in ("competence-inconnue", "bassin-inconnu"):
        if rule in case.judgement.found:
            value[case.judgement.found[rule]] = _UNKNOWN
    value[candidates.elsewhere] = _NOT_MINE
    value[candidates.competent] = _OWN
    return value


def _said(candidates: Candidates) -> FloatArray:
    """What the records alone say."""
    catalogue, rows = candidates.question.catalogue, candidates.rows
    value = np.where(catalogue.scopes[rows] == 0, _SILENT, _UNKNOWN)
    value = np.where(catalogue.remote[rows], np.maximum(value, _REMOTE), value)
    return np.where(candidates.question.serves_france[rows], _EVERYONE, value)


def _explain(case: Case, index: int) -> Reason:
    question, row = case.question, case.row(index)
    catalogue, place = question.catalogue, question.profile.place
    if case.candidates.competent[index]:
        by_school = not question.serves_home[row] or (question.lycee_known and catalogue.category_of(row) != "mission_locale")
        whose = "le lycée d’origine et son bassin" if by_school and question.profile.lycee else place.label
        return Reason(f"Compétente pour {whose}", BY_RECORD)
    if case.candidates.elsewhere[index]:
        return Reason("Compétente pour d’autres communes", BY_RECORD)
    if catalogue.scopes[row] == 0:
        return Reason("Territoire desservi non précisé", BY_RECORD)
    if question.serves_home[row] or question.serves_lycee[row]:
        return Reason(f"Son territoire comprend {place.label}", BY_RECORD)
    if question.serves_france[row]:
        return Reason("Ouvert dans toute la France", BY_RECORD)
    return Reason("À distance, où que l’on soit" if catalogue.remote[row] else "Territoire à vérifier", BY_RECORD)


TERRITORY = Criterion("territoire", "Territoire", always, _value, _explain)
