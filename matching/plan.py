"""The plan: a handful of first steps over the months of the parcours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.columns import day_of
from directory.vocabulary import Kind, When
from matching.french import french_day
from matching.question import Question
from matching.types import Match, PlanStep
from matching.window import add_months

MAX_STEPS = 8
_ENOUGH_EVENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the plan is made from.

    Attributes:
        sections: The ranked results.
        covering: Need → ids of results that cover it, best first.
        event_days: Event's id → first day of its next sitting, days since 1970-01-01; those whose date is known.
    """

    sections: Mapping[Kind, Sequence[Match]]
    covering: Mapping[str, Sequence[str]]
    event_days: Mapping[str, int]


def plan_for(question: Question, shown: Shown) -> tuple[PlanStep, ...]:
    """The first steps, in the order of the months; one listing stands in one step only."""
    steps: dict[str, PlanStep] = {}
    for step in _general_steps(question, shown):
        steps.setdefault(step.id, step)
    for step in _needs(question, shown, steps.keys()):  # a live view: each need finds what the ones before left
        steps.setdefault(step.id, step)
    kept = list(steps.values())[:MAX_STEPS]
    return tuple(sorted(kept, key=lambda step: step.month))


def _general_steps(question: Question, shown: Shown) -> Iterator[PlanStep]:
    first = question.window.first
    yield from _contact(first, shown.sections.get(Kind.PARTNER, ()))
    yield from _first_scheme(first, shown.sections.get(Kind.SCHEME, ()))
    yield from _events(question, shown)
    yield from _placement(question, shown.sections.get(Kind.COMPANY, ()))
    yield from _afterwards(question, shown.sections.get(Kind.SCHEME, ()))


def _contact(day: date, partners: Sequence[Match]) -> Iterator[PlanStep]:
    for match in partners[:1]:
        yield PlanStep(month=_month(day), step=f"Prendre rendez-vous : {match.name}", id=match.id, reason=_best_reason(match))


def _first_scheme(day: date, schemes: Sequence[Match]) -> Iterator[PlanStep]:
    for match in [match for match in schemes if match.when is not When.AFTER][:1]:
        yield PlanStep(month=_month(day), step=f"Étudier d’abord : {match.name}", id=match.id, reason=_best_reason(match))


def _events(question: Question, shown: Shown) -> Iterator[PlanStep]:
    events = [match for match in shown.sections.get(Kind.EVENT, ()) if match.when is When.DURING and match.id in shown.event_days]
    for match in events[:_ENOUGH_EVENTS]:
        day = max(day_of(shown.event_days[match.id]), question.at)
        yield PlanStep(
            month=_month(day), step=f"Aller à : {match.name}, le {french_day(day)}", id=match.id, reason=_best_reason(match)
        )


def _placement(question: Question, companies: Sequence[Match]) -> Iterator[PlanStep]:
    for match in companies[:1]:
        during = match.when is When.DURING
        step = f"Demander un stage ou une immersion : {match.name}" if during else f"Proposer sa candidature : {match.name}"
        yield PlanStep(month=_month(_next_month(question)), step=step, id=match.id, reason=_best_reason(match))


def _needs(question: Question, shown: Shown, used: Collection[str]) -> Iterator[PlanStep]:
    """One more door for each need: whoever is called already has been asked about it."""
    names = {match.id: match.name for matches in shown.sections.values() for match in matches}
    for need in question.needs:
        for listing_id in [each for each in shown.covering.get(need.key, ()) if each not in used][:1]:
            step = f"Pour « {need.label} » : {names[listing_id]}"
            reason = f"Couvre le besoin « {need.label} »"
            yield PlanStep(month=_month(question.window.first), step=step, id=listing_id, reason=reason)


def _afterwards(question: Question, schemes: Sequence[Match]) -> Iterator[PlanStep]:
    window = question.window
    for match in [match for match in schemes if match.when is When.AFTER][:1]:
        reason = "Pour qu’une suite soit prête à la fin du parcours" if window.in_parcours else "Une suite possible"
        yield PlanStep(month=_month(window.last), step=f"Préparer la suite : {match.name}", id=match.id, reason=reason)


def _next_month(question: Question) -> date:
    return min(add_months(question.window.first, 1), question.window.last)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _best_reason(match: Match) -> str:
    return max(match.contributions, key=lambda evidence: evidence.points).reason if match.contributions else ""
