"""The follow-up of a parcours: its dates and steps, how many weeks of placement, and what they would pay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from matching.allowance import RATES, Rate
from matching.types import Profile
from matching.window import PlacementWeeks, placement_weeks, school_weeks, window_of

_SOME_WEEKS = (2, 4, 6, 8, 10)
_LAST_TALK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the parcours, by the day it should be done; None where the référent decides."""

    what: str
    by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What the follow-up sheet of a student says.

    Attributes:
        first: First day of the parcours.
        last: Its last day (31 December at the latest, domain rule A2).
        enrolled: Whether those are the dates of a parcours that the profile tells; else of one that would start now.
        placement: School weeks, and how many of them may be placements (domain rule A4).
        rate: What a placement pays; None where no amount is known after this diploma.
        pays: (weeks, euros) for some numbers of weeks, the most allowed last.
    """

    first: date
    last: date
    enrolled: bool
    placement: PlacementWeeks
    rate: Rate | None
    pays: tuple[tuple[int, int], ...]
    steps: tuple[Step, ...]


def follow_up(profile: Profile, at: date) -> FollowUp:
    """The follow-up of a student's parcours; of the one they could join where they follow none."""
    window = window_of(profile, at)
    if window.in_parcours:
        first, last = max(profile.parcours_start or window.first, date(window.last.year, 9, 1)), window.last
        placement = placement_weeks(profile, window)
    else:
        first, last = max(at, date(at.year, 9, 1)), date(at.year, 12, 31)
        counted = school_weeks(first, last)
        placement = PlacementWeeks(counted.weeks * 2 // 3, counted.weeks, counted.known)
    rate = RATES.get(profile.diploma.level) if profile.diploma.level else None
    return FollowUp(
        first=first,
        last=last,
        enrolled=window.in_parcours,
        placement=placement,
        rate=rate,
        pays=tuple(_pays(rate, placement.allowed)) if rate else (),
        steps=tuple(_steps(first, last)),
    )


def _pays(rate: Rate, allowed: int) -> Iterator[tuple[int, int]]:
    for weeks in (*(weeks for weeks in _SOME_WEEKS if weeks < allowed), allowed):
        yield weeks, rate.for_weeks(weeks)


def _steps(first: date, last: date) -> Iterator[Step]:
    yield Step("Repéré : sans solution après l’examen")
    yield Step("Contacté (l’élève, et ses parents s’il est mineur)")
    yield Step("Entretien de situation")
    yield Step("Volontaire : oui / non")
    yield Step("Inscrit au lycée d’origine sous le MEF du parcours", first)
    yield Step("Convention de PFMP signée, avant chaque stage")
    middle = first + (last - first) // 2
    yield Step("Point d’étape", middle)
    yield Step("Bilan, et rendez-vous pris pour la suite (mission locale, France Travail)", max(middle, last - _LAST_TALK))
    yield Step("Fin du parcours : solution ou suite notée", last)
