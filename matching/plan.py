"""The plan: a handful of first steps over the months of the parcours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.columns import day_of
from directory.vocabulary import Kind, When
from matching.criteria.timing import wishes_a_contract
from matching.french import french_day
from matching.question import Question
from matching.types import Alert, Match, PlanStep
from matching.urgency import URGENT
from matching.window import add_months, placement_weeks

MAX_STEPS = 8
_EMERGENCY_CATEGORIES = ("siao",)
_AIDS = ("aide", "dispositif")
"""Schemes that help on the way and are none: a need's step names them."""
_ENOUGH_EVENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the plan is made from.

    Attributes:
        sections: The ranked results.
        covering: Need → ids of results that cover it, best first.
        event_days: Event's id → first day of its next sitting, days since 1970-01-01; those whose date is known.
        alerts: Urgencies are the first steps.
    """

    sections: Mapping[Kind, Sequence[Match]]
    covering: Mapping[str, Sequence[str]]
    event_days: Mapping[str, int]
    alerts: Sequence[Alert] = ()


def plan_for(question: Question, shown: Shown) -> tuple[PlanStep, ...]:
    """The first steps, in the order of the months; one listing stands in one step only."""
    steps: dict[str, PlanStep] = {}
    for step in _general_steps(question, shown):
        steps.setdefault(step.id or step.step, step)
    for step in _needs(question, shown, steps.keys()):  # a live view: each need finds what the ones before left
        steps.setdefault(step.id, step)
    kept = list(steps.values())[:MAX_STEPS]
    return tuple(sorted(kept, key=lambda step: step.month))


def _general_steps(question: Question, shown: Shown) -> Iterator[PlanStep]:
    first = question.window.first
    partners = within_reach(shown.sections.get(Kind.PARTNER, ()))
    yield from _urgent(question.at, shown)
    yield from _shelter(question.at, shown, partners)
    yield from _contact(first, partners)
    yield from _first_scheme(question, shown.sections.get(Kind.SCHEME, ()))
    yield from _events(question, shown)
    yield from _placement(question, within_reach(shown.sections.get(Kind.COMPANY, ())))
    yield from _afterwards(question, shown.sections.get(Kind.SCHEME, ()))


def within_reach(matches: Sequence[Match]) -> list[Match]:
    """The results that a step may be built on: not those that are too far."""
    return [match for match in matches if not any(warning.id == "trop-loin" for warning in match.warnings)]


def _urgent(day: date, shown: Shown) -> Iterator[PlanStep]:
    listed = {match.id for matches in shown.sections.values() for match in matches}
    for alert in shown.alerts:
        if alert.level == URGENT:
            listing_id = f"dispositifs--urgence_{alert.contact}"
            yield PlanStep(
                month=_month(day),
                step=f"Tout de suite : {alert.text}",
                id=listing_id if listing_id in listed else "",
                reason=alert.source,
            )


def _shelter(day: date, shown: Shown, partners: Sequence[Match]) -> Iterator[PlanStep]:
    """With an urgency, who shelters here comes right after the number to call."""
    urgent = any(alert.level == URGENT for alert in shown.alerts)
    for match in [match for match in partners if urgent and match.category in _EMERGENCY_CATEGORIES][:1]:
        yield PlanStep(month=_month(day), step=f"Appeler aussi : {match.name}", id=match.id, reason=_best_reason(match))


def _contact(day: date, partners: Sequence[Match]) -> Iterator[PlanStep]:
    """The first partner who is not an emergency line: those are steps already."""
    for match in [match for match in partners if match.category not in _EMERGENCY_CATEGORIES][:1]:
        yield PlanStep(month=_month(day), step=f"Prendre rendez-vous : {match.name}", id=match.id, reason=_best_reason(match))


def _first_scheme(question: Question, schemes: Sequence[Match]) -> Iterator[PlanStep]:
    # who follows the parcours is not told to look into it
    known = (*_AIDS, "parcours_ambition_emploi") if question.window.in_parcours else _AIDS
    ways = [match for match in schemes if match.when is not When.AFTER and match.category not in known]
    for match in ways[:1]:
        day = question.window.first
        yield PlanStep(month=_month(day), step=f"Étudier d’abord : {match.name}", id=match.id, reason=_best_reason(match))


def _events(question: Question, shown: Shown) -> Iterator[PlanStep]:
    events = within_reach(shown.sections.get(Kind.EVENT, ()))
    events = [match for match in events if match.when is When.DURING and match.id in shown.event_days]
    chosen = [match for match in events if _answers_something(question, match)][:_ENOUGH_EVENTS]
    for match in sorted(chosen, key=lambda match: shown.event_days[match.id]):
        day = max(day_of(shown.event_days[match.id]), question.at)
        yield PlanStep(
            month=_month(day), step=f"Aller à : {match.name}, le {french_day(day)}", id=match.id, reason=_best_reason(match)
        )


def _answers_something(question: Question, match: Match) -> bool:
    """Whether an event is for what the student wishes, needs or learnt; nearness alone is no reason to go.

    An occupation wished or learnt decides where the event is about occupations; who said nothing goes to what is for everyone.
    """
    told = {evidence.criterion: evidence.value for evidence in match.contributions}
    if "metier" in told and not told["metier"] and not told.get("besoins"):
        return False
    asked = [told[name] for name in ("besoins", "voie", "metier") if name in told]
    return any(asked) or not (question.needs or question.profile.pathways or question.profile.occupations)


def _placement(question: Question, companies: Sequence[Match]) -> Iterator[PlanStep]:
    if wishes_a_contract(question):
        companies = [match for match in companies if match.when is When.ENDS_IT] or companies
    for match in companies[:1]:
        during = match.when is When.DURING
        step = f"Demander un stage ou une immersion : {match.name}" if during else f"Proposer sa candidature : {match.name}"
        reason = _best_reason(match)
        if during and question.window.in_parcours:
            counted = placement_weeks(question.profile, question.window)
            left = max(0, (question.window.last - question.at).days // 7)
            reason += f" ({min(counted.allowed, left)} semaines de stage au plus d’ici la fin du parcours)"
        yield PlanStep(month=_month(_next_month(question)), step=step, id=match.id, reason=reason)


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
    # an immersion prescribed to who is no pupil is a means, not what follows
    for match in [match for match in schemes if match.when is When.AFTER and match.category != "pmsmp"][:1]:
        reason = "Pour qu’une suite soit prête à la fin du parcours" if window.in_parcours else "Une suite possible"
        day = window.last if window.in_parcours else window.first
        yield PlanStep(month=_month(day), step=f"Préparer la suite : {match.name}", id=match.id, reason=reason)


def _next_month(question: Question) -> date:
    return min(add_months(question.window.first, 1), question.window.last)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _best_reason(match: Match) -> str:
    return max(match.contributions, key=lambda evidence: evidence.points).reason if match.contributions else ""
