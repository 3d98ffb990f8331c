"""Timing: whether a listing fits the parcours, and an event its window."""

from __future__ import annotations

import numpy as np

from directory.columns import NO_DAY, FloatArray, day_number, day_of
from directory.vocabulary import Pathway, When
from matching.candidates import WHENS, Candidates
from matching.criteria.case import Case, Criterion, Reason, always
from matching.french import french_day, when_label
from matching.question import Question

_TOO_SOON_DAYS = 2
_FAR_KM = 60.0
SAME_DAY_KM = 15.0
"""Farther than this, what takes place on the day asked may begin before one is there."""
_AFTER, _UNDATED, _RUSHED = 0.2, 0.2, 0.4
_ENDS_IT, _FOLLOWS, _FOLLOWS_PERHAPS = 0.5, 0.3, 0.6


def _moment(case: Case) -> FloatArray:
    """Value what can be done during the parcours, or what is wished even though it ends it.

    Published: Moment. Ce qui se fait pendant le parcours compte entièrement ; ce qui y met fin aussi quand c’est la voie
    souhaitée, pour moitié sinon ; ce qui ne vient qu’après, pour 30 % (60 % sans parcours connu, entièrement
    quand le parcours est fini).
    """
    return case.candidates.by_record(_fits)


def _fits(candidates: Candidates) -> FloatArray:
    question = candidates.question
    wished = question.catalogue.pathways.any_of(_contracts(question), candidates.rows)
    ends = np.where(wished, 1.0, _ENDS_IT)
    over = question.profile.parcours_end is not None and question.at > question.profile.parcours_end
    follows = _FOLLOWS if question.window.in_parcours else 1.0 if over else _FOLLOWS_PERHAPS
    of_when = np.array([{When.DURING: 1.0, When.AFTER: follows}.get(when, 0.0) for when in WHENS])
    return np.where(candidates.when == WHENS.index(When.ENDS_IT), ends, of_when[candidates.when])


_ENDING = (Pathway.APPRENTICESHIP, Pathway.JOB, Pathway.TRAINING, Pathway.CIVIC_SERVICE, Pathway.SOCIAL_CLAUSE)


def wishes_a_contract(question: Question) -> bool:
    """Whether some path wished ends the parcours."""
    return any(pathway in _ENDING for pathway in question.profile.pathways)


def _contracts(question: Question) -> tuple[Pathway, ...]:
    return tuple(pathway for pathway in question.profile.pathways if pathway in _ENDING)


def _explain_moment(case: Case, index: int) -> Reason:
    when = WHENS[int(case.candidates.when[index])]
    wished = not set(_contracts(case.question)).isdisjoint(case.question.catalogue.pathways.of(case.row(index)))
    in_parcours = case.question.window.in_parcours
    text = when_label(when, in_parcours=in_parcours)
    return Reason(
        f"{text}, mais c’est la voie souhaitée" if when is When.ENDS_IT and wished and in_parcours else text,
        "Arrêté du 18 juillet 2023",
    )


def _date(case: Case) -> FloatArray:
    """Value the events of the window, the sooner the better, unless they are tomorrow and far.

    Published: Date. Un salon compte d’autant plus qu’il est proche dans la période de l’élève ; un salon dans moins de
    deux jours à plus de 60 km, ou qui n’a lieu que le jour même à plus de 15 km, 40 % ; après la période ou sans date, 20 %.
    """
    candidates, window = case.candidates, case.question.window
    today = day_number(case.question.at)
    wait = np.maximum(candidates.first_day.astype(np.int64) - today, 0)
    span = max(day_number(window.last) - today, 30)
    value = 1.0 - 0.5 * np.minimum(wait / span, 1.0)
    only_today = (wait == 0) & (candidates.last_day <= today)
    rushed = (wait < _TOO_SOON_DAYS) & (candidates.km > _FAR_KM) | only_today & (candidates.km > SAME_DAY_KM)
    value = np.where(rushed, _RUSHED, value)
    value = np.where(candidates.when == WHENS.index(When.AFTER), _AFTER, value)
    return np.where(candidates.first_day == NO_DAY, _UNDATED, value)


def _explain_date(case: Case, index: int) -> Reason:
    candidates = case.candidates
    if candidates.first_day[index] == NO_DAY:
        return Reason("Date non indiquée", "Fiche")
    first, last = day_of(candidates.first_day[index]), day_of(candidates.last_day[index])
    if first == last == case.question.at:
        return Reason("Aujourd’hui", "Fiche")
    if first <= case.question.at <= last:
        return Reason(f"En cours, jusqu’au {french_day(last)}", "Fiche")
    after = candidates.when[index] == WHENS.index(When.AFTER)
    tail = ", après le parcours" if after and case.question.window.in_parcours else ""
    days = f"Le {french_day(first)}" if first == last else f"Du {french_day(first)} au {french_day(last)}"
    return Reason(days + tail, "Fiche")


MOMENT = Criterion("moment", "Moment", always, _moment, _explain_moment)
DATE = Criterion("date", "Date", always, _date, _explain_date, of_row=True)
