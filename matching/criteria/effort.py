"""Effort: the journey, by the student's mode where it is known, by distance else."""

from __future__ import annotations

import numpy as np

from directory.columns import FloatArray
from matching.criteria.case import Case, Criterion, Reason
from matching.french import MODE_LABELS, french_journey, french_km, french_minutes
from matching.question import Question
from matching.reach import limit_minutes, minutes_past
from matching.travel import made_by

_HALF_KM = 12.0
_HALF_MINUTES = 35.0
_REMOTE, _NO_PLACE = 0.7, 0.45


def _value(case: Case) -> FloatArray:
    """Value what is near: halved every 35 minutes of journey, or every 12 km when the mode is not known.

    Published: Trajet. La valeur est divisée par deux toutes les 35 minutes de trajet estimé par le mode de l’élève (ou
    par la moitié de la durée qu’il accepte, si elle est dite), et tous les 12 km à vol d’oiseau quand le mode n’est pas
    connu. À distance : 70 % ; sans adresse, donc joint par téléphone : 45 %.
    """
    question, candidates = case.question, case.candidates
    if question.profile.mode is None:
        near = np.exp2(-candidates.km / _HALF_KM)
    else:
        half = question.profile.max_minutes / 2 if question.profile.max_minutes else _HALF_MINUTES
        near = np.exp2(-candidates.minutes / max(half, 10.0))
    near = np.where(np.isnan(near), _NO_PLACE, near)
    return np.where(question.catalogue.remote[candidates.rows], np.maximum(near, _REMOTE), near)


def _explain(case: Case, index: int) -> Reason:
    question, candidates = case.question, case.candidates
    km, minutes = shown_distance(case, index), candidates.minutes[index]
    if km is None:
        remote = question.catalogue.remote[case.row(index)]
        return Reason("À distance : aucun trajet" if remote else "Sans adresse connue : à joindre par téléphone", "Fiche")
    text = f"À {french_km(km)} de {question.profile.place.label}"
    if question.profile.mode is None or np.isnan(minutes):
        return Reason(text, "Distance à vol d’oiseau")
    text += f", {french_journey(minutes)} {MODE_LABELS[made_by(question.profile.mode, km, minutes)]}"
    limit = limit_minutes(question)
    late = minutes_past(candidates, index) if question.profile.max_minutes else 0.0
    if late > 0 and limit is not None:
        text += f" (+ {french_minutes(np.ceil(late))} sur les {french_minutes(limit)} acceptées)"
    return Reason(text, f"Trajet {question.travel.basis(question.profile.mode)}")


def shown_distance(case: Case, index: int) -> float | None:
    """The great-circle distance from the home, km, within 0.5 % of the geodesic one; None without a point."""
    km = float(case.candidates.km[index])
    return None if np.isnan(km) else km


def _has_point(question: Question) -> bool:
    return question.profile.place.latitude is not None


EFFORT = Criterion("trajet", "Trajet", _has_point, _value, _explain)
