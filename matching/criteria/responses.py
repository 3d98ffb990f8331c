"""Response history: whether a listing answers when it is called, and a curator's trust in its record."""

from __future__ import annotations

import numpy as np

from directory.columns import BoolArray, FloatArray, IntArray
from directory.models.responses import FILIERE_LENGTH, ResponseCounts
from directory.responses import ResponseHistory
from matching.criteria.case import BY_RECORD, Case, Criterion, Reason
from matching.french import french_count
from matching.question import Question

_DECLINED = 0.5
"""A refusal is an answer: worth half a yes."""
_MOST_FILIERES = 200
_SILENT_RECORD, _CHECKED = 0.4, 1.0


def smoothed(accepted: int, declined: int, contacted: int) -> float:
    """Worth of a contact, 0 to 1, by Laplace's rule: as if one had been accepted and one left unanswered before any was made.

    Without a contact ½; a yes counts 1, a refusal ½, a silence 0. One silence does not condemn, one yes does not prove.
    """
    return (accepted + _DECLINED * declined + 1) / (contacted + 2)


def _applies(question: Question) -> bool:
    return bool(question.responses)


def _filieres(question: Question) -> frozenset[str]:
    profile = question.profile
    return frozenset(code[:FILIERE_LENGTH] for code in profile.occupations or profile.specialty_occupations)


def _counted(question: Question, counts: tuple[ResponseCounts, ...]) -> tuple[int, int, int]:
    """Yes, no, contacts: those of the student's filières where there are any, else all."""
    filieres = _filieres(question)
    mine = [each for each in counts if each.filiere in filieres] or list(counts)
    return sum(each.accepted for each in mine), sum(each.declined for each in mine), sum(each.contacted for each in mine)


def _value(case: Case) -> FloatArray:
    """Value the listings that answer when they are called.

    Published: Retours. Ce que les contacts passés ont donné, dans la filière de l’élève s’il y en a eu, sinon dans toutes : un
    accord compte 1, un refus ½, un silence 0. La moyenne est lissée (règle de Laplace : comme si un accord et un silence avaient
    précédé). Sans contact : 50 %. Laissé de côté tant que l’annuaire n’a aucun retour.
    """
    rows: IntArray = case.candidates.rows
    value = np.full(len(rows), smoothed(0, 0, 0))
    known, worth = _known(case.question)
    place = np.minimum(np.searchsorted(rows, known), max(len(rows) - 1, 0))
    here = rows[place] == known if len(rows) else np.zeros(len(known), dtype=np.bool_)
    value[place[here]] = worth[here]
    return value


def _known(question: Question) -> tuple[IntArray, FloatArray]:
    """The rows that have a history, and what their contacts are worth to the student; found once for each set of filières."""
    catalogue, history, filieres = question.catalogue, question.responses, _filieres(question)
    held: tuple[ResponseHistory, dict[frozenset[str], tuple[IntArray, FloatArray]]] | None = catalogue.derived.get("responses")
    if held is None or held[0] is not history or len(held[1]) > _MOST_FILIERES:
        held = catalogue.derived["responses"] = history, {}
    if filieres not in held[1]:
        found = [(catalogue.find_row(listing), counts) for listing, counts in history.of_listing.items()]
        rows = [(row, smoothed(*_counted(question, counts))) for row, counts in found if row is not None]
        held[1][filieres] = np.array([row for row, _ in rows], dtype=np.intp), np.array([worth for _, worth in rows])
    return held[1][filieres]


def _explain(case: Case, index: int) -> Reason:
    counts = case.question.responses.of_listing.get(case.question.catalogue.ids[case.row(index)], ())
    accepted, declined, contacted = _counted(case.question, counts)
    if not contacted:
        return Reason("Aucun contact connu : compté pour moitié", "Contacts des référents")
    answers = french_count(accepted + declined, "réponse")
    text = f"{answers} sur {french_count(contacted, 'contact')}, dont {french_count(accepted, 'accord')}"
    return Reason(text, "Contacts des référents")


def _any_checked(question: Question) -> bool:
    catalogue = question.catalogue
    if "any checked" not in catalogue.derived:
        catalogue.derived["any checked"] = bool(catalogue.checked.any())
    return bool(catalogue.derived["any checked"])


def _trusted(case: Case) -> FloatArray:
    """Value the records that a person has checked.

    Published: Confiance. Une fiche qu’une personne a vérifiée compte entièrement, une fiche que seule sa source publie pour
    40 %. Laissé de côté tant que personne n’a vérifié aucune fiche.
    """
    checked: BoolArray = case.question.catalogue.checked[case.candidates.rows]
    return np.where(checked, _CHECKED, _SILENT_RECORD)


def _explain_trust(case: Case, index: int) -> Reason:
    checked = case.question.catalogue.checked[case.row(index)]
    return Reason("Fiche vérifiée par une personne" if checked else "Fiche publiée par sa source, pas encore vérifiée", BY_RECORD)


RESPONSES = Criterion("retours", "Retours", _applies, _value, _explain, of_row=True)
TRUST = Criterion("confiance", "Confiance", _any_checked, _trusted, _explain_trust, of_row=True, of_day=True)
