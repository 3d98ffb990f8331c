"""The plan: a handful of first steps over the months of the parcours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from directory.columns import day_number, day_of
from directory.occupations import title
from directory.vocabulary import Kind, Pathway, When
from matching.criteria.occupation import UNKNOWN
from matching.criteria.timing import DATE, SAME_DAY_KM, wishes_a_contract
from matching.french import french_day, french_list
from matching.question import Question
from matching.types import Alert, Match, PlanStep, Situation
from matching.urgency import URGENT
from matching.window import add_months, placement_weeks, school_weeks

MAX_STEPS = 8
"""Steps of a plan, unless the needs declared alone ask for more: each has its own."""
_EMERGENCY_CATEGORIES = ("siao",)
_DOORS = ("mission_locale", "psad", "mlds", "foquale", "cio", "cap_emploi", "france_travail", "information_jeunesse", "lycee")
"""Who receives a student whatever the question, and finds who else may help."""
_AIDS = ("aide", "dispositif")
"""Schemes that help on the way and are none: a need's step names them."""
_WORKSHOPS = ("atelier",)
_ENOUGH_EVENTS = 2
_IN_COMPANIES = (
    Pathway.INTERNSHIP, Pathway.IMMERSION, Pathway.VISIT, Pathway.JOB, Pathway.APPRENTICESHIP, Pathway.SOCIAL_CLAUSE,
)  # fmt: skip


class _Rank(IntEnum):
    """What comes first within a month; what has a rank up to NEED is never cut."""

    URGENT = 0
    CONTACT = 1
    RETAKE = 2
    NEED = 3
    SCHEME = 4
    EVENT = 5
    COMPANY = 6
    AFTERWARDS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the plan is made from.

    Attributes:
        sections: The ranked results.
        covering: Need → ids of results that cover it, best first.
        event_days: Event's id → first day of its next sitting, days since 1970-01-01; those whose date is known.
        alerts: Urgencies are the first steps.
        doors: Ids of the results that a référent thinks of first for a need, by need.
    """

    sections: Mapping[Kind, Sequence[Match]]
    covering: Mapping[str, Sequence[str]]
    event_days: Mapping[str, int]
    alerts: Sequence[Alert] = ()
    doors: Mapping[str, Collection[str]]


def plan_for(question: Question, shown: Shown) -> tuple[PlanStep, ...]:
    """The first steps, in the order of the months, what presses first; one listing stands in one step only."""
    steps: dict[str, tuple[_Rank, PlanStep]] = {}
    for rank, step in _first_steps(question, shown):
        steps.setdefault(step.id or step.step, (rank, step))
    for step in _needs(question, shown, set(steps)):
        steps[step.id] = (_Rank.NEED, step)
    needed = len(steps)
    for rank, step in _more_steps(question, shown, set(steps)):
        steps.setdefault(step.id or step.step, (rank, step))
    kept = list(steps.values())[: max(MAX_STEPS, needed)]
    return tuple(step for _, step in sorted(kept, key=lambda ranked: (ranked[1].month, ranked[0])))


def _first_steps(question: Question, shown: Shown) -> Iterator[tuple[_Rank, PlanStep]]:
    partners = within_reach(shown.sections.get(Kind.PARTNER, ()))
    for step in (*_urgent(question.at, shown), *_shelter(question.at, shown, partners)):
        yield _Rank.URGENT, step
    yield _Rank.CONTACT, _contact(question, partners)


def _more_steps(question: Question, shown: Shown, used: Collection[str]) -> Iterator[tuple[_Rank, PlanStep]]:
    schemes, events = shown.sections.get(Kind.SCHEME, ()), _events(question, shown, used)
    # who retakes the exam looks into that first (domain rule A6)
    rank = _Rank.RETAKE if question.profile.situation is Situation.RETAKE else _Rank.SCHEME
    for step in _first_scheme(question, schemes):
        yield rank, step
    for step in _placement(question, within_reach(shown.sections.get(Kind.COMPANY, ()))):
        yield _Rank.COMPANY, step
    for step in events[:1]:
        yield _Rank.EVENT, step
    for step in _afterwards(question, schemes):
        yield _Rank.AFTERWARDS, step
    for step in events[1:]:
        yield _Rank.EVENT, step


def within_reach(matches: Sequence[Match]) -> list[Match]:
    """The results that a step may be built on: not those that are too far."""
    return [match for match in matches if not _warned(match, "trop-loin")]


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


def _contact(question: Question, partners: Sequence[Match]) -> PlanStep:
    """The first partner who receives any student; where the directory has none, that it has none."""
    month = _month(question.window.first)
    for match in [match for match in partners if match.category in _DOORS][:1]:
        return PlanStep(month=month, step=f"Prendre rendez-vous : {match.name}", id=match.id, reason=_best_reason(match))
    whom = f"Chercher le CIO et la mission locale de {question.profile.place.label}"
    return PlanStep(month=month, step=whom, id="", reason="L’annuaire n’a pas encore les partenaires de ce territoire")


def _needs(question: Question, shown: Shown, used: Collection[str]) -> Iterator[PlanStep]:
    """One more door for each need, of a network that is the usual one for it where there is: who is called already was asked.

    A door that is the usual one for several needs is one step.
    """
    matches = {match.id: match for matches in shown.sections.values() for match in matches}
    events = {match.id for match in shown.sections.get(Kind.EVENT, ())}
    needs_of: dict[str, list[str]] = {}
    for need in question.needs:
        able = [each for each in shown.covering.get(need.key, ()) if each not in used]
        able = [each for each in able if _is_at_hand(question, shown, matches[each])] or able
        # what ends the parcours or follows it, what is for another public or of another trade comes after what does not
        able = [each for each in able if _is_theirs(question, matches[each])] or able
        usual = [each for each in able if each in shown.doors.get(need.key, ())]
        if all(_warned(matches[each], "handicap-reconnu") for each in able):
            continue  # what the student has already is no step
        mine = [each for each in usual if each in needs_of] or [each for each in (usual or able) if each not in needs_of] or able
        for listing_id in mine[:1]:
            needs_of.setdefault(listing_id, []).append(f"« {need.label} »")
    for listing_id, labels in needs_of.items():
        day = day_of(shown.event_days[listing_id]) if listing_id in shown.event_days else None
        day = None if day is None else max(day, question.at)
        when = f", le {french_day(day)}" if day else ", date à demander" if listing_id in events else ""
        step = f"Pour {french_list(labels)} : {matches[listing_id].name}{when}"
        what = "le besoin" if len(labels) == 1 else "les besoins"
        reason = f"Couvre {what} {french_list(labels)}"
        month = _month(min(day, question.window.last) if day else question.window.first)
        yield PlanStep(month=month, step=step, id=listing_id, reason=reason)


def _is_at_hand(question: Question, shown: Shown, match: Match) -> bool:
    """Whether a need's step is better built on this: within reach, in time, and an event of the parcours whose date is known."""
    later = match.kind is Kind.EVENT and (match.when is When.AFTER or _warned(match, "evenement-sans-date"))
    return not later and not _warned(match, "trop-loin") and _in_time(question, shown, match)


def _in_time(question: Question, shown: Shown, match: Match) -> bool:
    """Whether one can still go: what begins on the day asked only from close by, for nobody knows at what hour it is asked."""
    near = match.distance_km is None or match.distance_km <= SAME_DAY_KM
    return near or shown.event_days.get(match.id) != day_number(question.at)


def _is_theirs(question: Question, match: Match) -> bool:
    later = question.window.in_parcours and match.when is When.AFTER
    of_another_trade = _values(match).get("metier", UNKNOWN) == 0
    unsure = _warned(match, "public-a-verifier") or _warned(match, "handicap-reconnu")
    return not (later or of_another_trade or _ends_it_unwished(question, match) or unsure)


def _ends_it_unwished(question: Question, match: Match) -> bool:
    return question.window.in_parcours and match.when is When.ENDS_IT and not wishes_a_contract(question)


def _first_scheme(question: Question, schemes: Sequence[Match]) -> Iterator[PlanStep]:
    # who follows the parcours is not told to look into it
    known = (*_AIDS, "parcours_ambition_emploi") if question.window.in_parcours else _AIDS
    ways = [match for match in schemes if match.when is not When.AFTER and match.category not in known]
    month = _month(question.window.first)
    for match in ways[:1]:
        ends = ", ce qui met fin au parcours" if question.window.in_parcours and match.when is When.ENDS_IT else ""
        yield PlanStep(month=month, step=f"Étudier d’abord : {match.name}{ends}", id=match.id, reason=_best_reason(match))
    # the exam may be sat again in two ways, and the first may be refused
    for match in [match for match in ways[1:2] if match.category == "morea"]:
        yield PlanStep(month=month, step=f"Sinon : {match.name}", id=match.id, reason=_best_reason(match))


def _events(question: Question, shown: Shown, used: Collection[str]) -> list[PlanStep]:
    """The events worth going to: those that answer the student, and one that is for everyone where nothing else is asked."""
    events = within_reach(shown.sections.get(Kind.EVENT, ()))
    dated = [match for match in events if match.when is When.DURING and match.id in shown.event_days]
    dated = [match for match in dated if _in_time(question, shown, match)]
    theirs = [match for match in dated if _answers(question, match)]
    others = [match for match in dated if match not in theirs and _is_for_everyone(question, match)]
    if question.needs or question.profile.pathways or question.profile.occupations:
        others = others[:1]
    # one day, one event: the hours of two may be the same
    by_day: dict[date, Match] = {}
    busy = {_day_of(question, shown, each) for each in used if each in shown.event_days}
    for match in (*theirs, *others):
        day = _day_of(question, shown, match.id)
        if match.id not in used and day not in busy:
            by_day.setdefault(day, match)
    steps = []
    for day, match in sorted([*by_day.items()][:_ENOUGH_EVENTS], key=lambda each: each[0]):
        text = f"Aller à : {match.name}, le {french_day(day)}"
        steps.append(PlanStep(month=_month(day), step=text, id=match.id, reason=_best_reason(match, DATE.id)))
    return steps


def _day_of(question: Question, shown: Shown, event: str) -> date:
    return max(day_of(shown.event_days[event]), question.at)


def _answers(question: Question, match: Match) -> bool:
    """Whether an event is for what the student wishes, needs or learnt; nearness alone is no reason to go."""
    told = _values(match)
    if _warned(match, "public-a-verifier"):
        return False
    if match.category not in _WORKSHOPS:  # where one learns something, whatever one wishes
        if question.profile.pathways and not told.get("voie"):
            return False
        if question.profile.occupations and not told.get("metier"):
            return False
    if told.get("besoins"):
        return True
    metier = told.get("metier", 0.0)
    return metier > UNKNOWN or (bool(told.get("voie")) and (metier > 0 or "metier" not in told))


def _is_for_everyone(question: Question, match: Match) -> bool:
    """Whether an event is of no trade and no public, for a student who seeks; to who knows the way wished, only a salon."""
    told = _values(match)
    seeks = question.profile.situation is not Situation.RETAKE and (not question.profile.pathways or match.category == "salon")
    return seeks and not _warned(match, "public-a-verifier") and told.get("metier", UNKNOWN) >= UNKNOWN


def _placement(question: Question, companies: Sequence[Match]) -> Iterator[PlanStep]:
    """A company of the student's trade within reach, in the way wished; that there is none, where a trade is wished."""
    profile = question.profile
    wished = [pathway for pathway in profile.pathways if pathway in _IN_COMPANIES]
    if (profile.pathways and not wished) or not (wished or profile.occupations or profile.specialty_occupations):
        return
    contract = wishes_a_contract(question)
    month = _month(_next_month(question))
    theirs = [match for match in companies if _values(match).get("metier", 1.0) > UNKNOWN]
    unknown = [match for match in companies if _values(match).get("metier", 1.0) == UNKNOWN]
    # of the trade and in the way wished; of the trade, for a placement is a way in; of a trade to be asked
    theirs.sort(key=lambda match: (contract and match.when is not When.ENDS_IT, not _values(match).get("voie", 1.0)))
    ending = [match for match in theirs if _ends_it_unwished(question, match)]
    theirs = [match for match in theirs if match not in ending]
    unknown = [match for match in unknown if not _ends_it_unwished(question, match)]
    for match in theirs[:1] or unknown[:1]:
        yield from _asking(question, match, month)
        return
    for match in ending[:1]:  # told as what it is, and beside a placement to look for
        yield PlanStep(
            month=_month(question.window.last),
            step=f"Si l’élève préfère travailler (met fin au parcours) : {match.name}",
            id=match.id,
            reason=_best_reason(match),
        )
    if profile.situation is not Situation.RETAKE or wished or ending:
        trades = [title(code) or code for code in profile.occupations or profile.specialty_occupations]
        trade = f" ({french_list(trades, 2)})" if trades else ""
        yield PlanStep(
            month=month,
            step=f"Chercher une entreprise de son métier{trade}",
            id="",
            reason="Aucune à portée dans l’annuaire : demander au bureau des entreprises du lycée, ou élargir (« Et si ? »)",
        )


def _asking(question: Question, match: Match, month: str) -> Iterator[PlanStep]:
    reason = _best_reason(match)
    if match.when is not When.DURING:
        yield PlanStep(month=month, step=f"Proposer sa candidature : {match.name}", id=match.id, reason=reason)
        return
    if question.window.in_parcours:
        counted = placement_weeks(question.profile, question.window)
        weeks = min(counted.allowed, school_weeks(question.window.first, question.window.last).weeks)
        if not weeks:
            return  # two thirds of nothing: no placement any more (domain rule A4)
        reason += f" ({weeks} semaine{'s' if weeks > 1 else ''} de stage au plus d’ici la fin du parcours)"
    yield PlanStep(month=month, step=f"Demander un stage ou une immersion : {match.name}", id=match.id, reason=reason)


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


def _values(match: Match) -> Mapping[str, float]:
    return {evidence.criterion: evidence.value for evidence in match.contributions}


def _warned(match: Match, rule: str) -> bool:
    return any(warning.id == rule for warning in match.warnings)


def _best_reason(match: Match, but: str = "") -> str:
    """The reason that weighs most, one criterion left out: what the step says already."""
    told = [evidence for evidence in match.contributions if evidence.criterion != but]
    return max(told, key=lambda evidence: evidence.points).reason if told else ""
