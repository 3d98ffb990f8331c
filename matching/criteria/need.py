"""Needs covered, and the networks a référent thinks of first for them."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue
from directory.columns import FloatArray
from directory.vocabulary import THEMATIQUES, Pathway, networks
from matching.candidates import Candidates
from matching.criteria.case import BY_NATURE, BY_RECORD, Case, Criterion, Reason, always
from matching.french import french_list
from matching.needs import Need, get_need
from matching.question import Question

HALF = 0.5
_BY_NATURE = 0.9


def coverage_of(case: Case, need: Need) -> FloatArray:
    """How well each candidate covers a need: 1 by its first thématiques, ½ by the others, shape (candidates,)."""
    return np.multiply(halves_of(case.question.catalogue, need)[case.candidates.rows], HALF, dtype=np.float64)


def halves_of(catalogue: Catalogue, need: Need) -> npt.NDArray[np.uint8]:
    """How many halves of a need each listing covers, 0 to 2, shape (rows of the catalogue,)."""

    def find() -> npt.NDArray[np.uint8]:
        then, first = (catalogue.thematiques.carried(names) for names in (need.then, need.first))
        return np.where(first, 2, then).astype(np.uint8)

    found: npt.NDArray[np.uint8] = catalogue.once(f"need {need.key}", find)
    return found


def _covered(case: Case) -> FloatArray:
    """Value the declared needs that a listing covers: half for the best covered, half for how many are.

    Published: Besoins couverts. Chaque besoin déclaré correspond à des thématiques de data·inclusion : les premières le
    couvrent, les suivantes à moitié. Compte pour moitié le besoin le mieux couvert, pour moitié la part des besoins
    couverts ; un peu moins quand c’est la nature de la structure qui le dit et non sa fiche.
    """
    needs, catalogue, rows = case.question.needs, case.question.catalogue, case.candidates.rows
    best, total = (np.zeros(len(rows), dtype=np.uint8) for _ in range(2))
    for need in needs:
        halves = halves_of(catalogue, need)[rows]
        np.maximum(best, halves, out=best)
        total += halves
    of_all = total.astype(np.intp)
    worth = _worth_of_halves(len(needs)).take(of_all + best * np.intp(2 * len(needs) + 1))
    return np.where(catalogue.thematiques_by_nature[rows], worth * _BY_NATURE, worth)


@cache
def _worth_of_halves(needs: int) -> FloatArray:
    """The value by the halves covered of the best of so many needs, and of all of them, shape (3, halves of all + 1)."""
    best, total = np.arange(3)[:, np.newaxis], np.arange(2 * needs + 1)
    return np.asarray((HALF * best + HALF * total / needs) / 2)


def _explain_covered(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    by_nature = bool(catalogue.thematiques_by_nature[row])
    own = catalogue.thematiques.of(row)
    covered = []
    for need in case.question.needs:
        mine = [THEMATIQUES[code] for code in (*need.first, *need.then) if code in own]
        if mine:
            covered.append(mine[0] if mine[0] == need.label else f"{need.label} ({mine[0]})")
    if not covered:
        return Reason("Ne couvre pas les besoins déclarés", BY_RECORD)
    return Reason(
        f"Couvre {french_list(covered)}" + (" (par nature)" if by_nature else ""), BY_NATURE if by_nature else BY_RECORD
    )


_DOOR_TO = {
    Pathway.APPRENTICESHIP: "apprentissage",
    Pathway.JOB: "emploi",
    Pathway.TRAINING: "formation",
    Pathway.CIVIC_SERVICE: "engagement",
}


def _doors(question: Question) -> tuple[Need, ...]:
    """The needs whose networks are preferred: those declared, else those of the paths wished, else the building of a project.

    Who is recognised as disabled has the networks of disability besides.
    """
    wished = (_DOOR_TO[pathway] for pathway in question.profile.pathways if pathway in _DOOR_TO)
    doors = [need for need in question.needs if need.networks] or [get_need(key) for key in wished] or [get_need("projet")]
    if question.has_rqth and all(need.key != "handicap" for need in doors):
        doors.append(get_need("handicap"))
    return tuple(doors)


def _preferred(case: Case) -> FloatArray:
    """Value the networks that are the usual door for a declared need.

    Published: Réseau indiqué. Pour chaque besoin, quelques réseaux sont ceux qu’un référent appelle d’abord : la part des
    besoins déclarés dont la structure est l’un de ces réseaux, comptée à moitié dès le premier. Sans besoin déclaré, les réseaux
    de la voie souhaitée (le CFA pour un apprentissage), sinon ceux qui aident à construire un projet. Avec une RQTH, ceux du
    handicap en plus.
    """
    return case.candidates.by_record(_door)


def _door(candidates: Candidates) -> FloatArray:
    networks, rows = candidates.question.catalogue.networks, candidates.rows
    values = np.stack([networks.any_of(need.networks, rows) for need in _doors(candidates.question)])
    return np.asarray((values.max(axis=0) + values.mean(axis=0)) / 2)


def _explain_preferred(case: Case, index: int) -> Reason:
    own = case.question.catalogue.networks.of(case.row(index))
    for need in _doors(case.question):
        mine = [code for code in need.networks if code in own]
        if mine:
            return Reason(f"{networks()[mine[0]]} : réseau indiqué pour « {need.label} »", "Table des besoins")
    what = "ces besoins" if case.question.needs else "ce projet"
    return Reason(f"Pas le réseau habituel pour {what}", "Table des besoins")


NEEDS = Criterion("besoins", "Besoins couverts", lambda question: bool(question.needs), _covered, _explain_covered, of_row=True)
NETWORK = Criterion("reseau", "Réseau indiqué", always, _preferred, _explain_preferred)
