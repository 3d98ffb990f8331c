"""The answer for one student: every section ranked and explained, what is kept out and why, alerts, needs and a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue
from directory.columns import NO_DAY
from directory.responses import ResponseHistory
from directory.vocabulary import Kind, Visibility
from matching.candidates import WHENS, gather
from matching.checks.ages import EMERGENCY
from matching.criteria import Case
from matching.criteria.effort import shown_distance
from matching.criteria.need import coverage_of, halves_of
from matching.criteria.occupation import KINDRED, OCCUPATION
from matching.eligibility import judge
from matching.everywhere import promising
from matching.findings import findings_of
from matching.french import MODE_LABELS, french_km, french_minutes, french_phone
from matching.notices import Widened, alerts_for, notices_for
from matching.plan import Shown, plan_for
from matching.question import Question, build_question
from matching.reach import USUAL_KM, limit_minutes
from matching.rules import Level
from matching.scoring import Scores, evidence_of, score
from matching.selection import cover, diversify, groups_of, ordered, sort_keys
from matching.travel import TravelTime
from matching.types import Answer, Exclusion, Match, Profile
from matching.weights import Policy, default_policy

POOL = 400
"""How many of the best are looked at for the ten that are shown: some are of one network, some cover a need."""
_TO_CALL = ("mission_locale", "psad", "cio")


@dataclass(frozen=True, slots=True)
class Section:
    """One kind, judged and scored.

    Attributes:
        keys: What each candidate is ordered by (``matching.selection``).
        order: The best candidates, best first.
        chosen: Those that are shown.
        excluded: How many listings a rule keeps out.
    """

    case: Case
    scores: Scores
    keys: npt.NDArray[np.int64]
    order: Sequence[int]
    chosen: Sequence[int]
    excluded: int


def match(
    profile: Profile,
    catalogue: Catalogue,
    *,
    at: date,
    limit: int = 10,
    viewer: Visibility = Visibility.PUBLIC,
    travel: TravelTime | None = None,
    policy: Policy | None = None,
    responses: ResponseHistory | None = None,
) -> Answer:
    """Rank everything in the catalogue for one student, and say why.

    Args:
        profile: The student.
        catalogue: The published listings as columns.
        at: The day asked; rules, ages and dates are judged on it.
        limit: Results wanted a section, 1 or more.
        viewer: What the asker may see.
        travel: How journeys are estimated; offline by default.
        policy: What each criterion weighs; the one that ships by default.
        responses: What came of contacts with partners; nothing known by default.
    """
    question = build_question(
        profile, catalogue, at=at, viewer=viewer, travel=travel, policy=policy or default_policy(), responses=responses
    )
    return answer_question(question, limit)


def answer_question(question: Question, limit: int) -> Answer:
    """The answer to a question that is already made ready."""
    sections = {kind: rank_section(question, kind, limit) for kind in Kind}
    sections[Kind.PARTNER] = _cover_needs(question, sections, limit)
    matches = {kind: tuple(match_of(section, index) for index in section.chosen) for kind, section in sections.items()}
    needs = _needs(question, sections)
    partners = sections[Kind.PARTNER]
    alerts = alerts_for(question, _to_call(partners))
    days, doors = _event_days(sections[Kind.EVENT]), _doors(question, sections)
    shown = Shown(sections=matches, covering=needs, event_days=days, alerts=alerts, doors=doors)
    return Answer(
        sections=matches,
        in_parcours=question.window.in_parcours,
        excluded=tuple(exclusion for section in sections.values() for exclusion in _exclusions(section, limit)),
        excluded_total=sum(section.excluded for section in sections.values()),
        notices=notices_for(question, _widened(question, sections), trade_within_reach=_has_trade(sections[Kind.COMPANY])),
        alerts=alerts,
        needs=needs,
        plan=plan_for(question, shown),
    )


def rank_section(question: Question, kind: Kind, limit: int, also: int | None = None) -> Section:
    """One kind, judged, scored and ordered.

    Args:
        question: The question.
        kind: The kind.
        limit: Results wanted.
        also: A row of the catalogue that must be judged however far it is; every candidate is then ordered.
    """
    pool = max(POOL, 4 * limit)
    everywhere = promising(question, kind, pool, limit) if also is None else None
    candidates = gather(question, kind, also=also, everyone=everywhere.rows if everywhere else None)
    case = Case(candidates, judge(candidates))
    scores = score(case)
    keys = sort_keys(case, scores)
    order = ordered(case, keys, ~case.judgement.blocked, pool=pool if also is None else len(candidates))
    excluded = int(case.judgement.blocked.sum())
    if everywhere is not None and len(everywhere.left_out):
        judged = np.zeros(len(question.catalogue), dtype=np.bool_)
        judged[candidates.rows] = True
        excluded += int((~judged[everywhere.left_out]).sum())
    chosen = diversify(order, groups_of(case), limit, strict=kind is Kind.PARTNER)
    return Section(case, scores, keys, order, chosen, excluded)


def match_of(section: Section, index: int) -> Match:
    """One candidate of a section as a result, with its reasons."""
    case = section.case
    catalogue, row = case.question.catalogue, case.row(index)
    km, minutes = shown_distance(case, index), case.candidates.minutes[index]
    return Match(
        id=catalogue.ids[row],
        kind=case.candidates.kind,
        name=catalogue.names[row],
        category=catalogue.category_of(row),
        commune=catalogue.commune_name(catalogue.codes_commune[row]) if catalogue.codes_commune[row] else "",
        distance_km=None if km is None else round(km, 2),
        travel_minutes=None if np.isnan(minutes) else round(float(minutes)),
        when=WHENS[int(case.candidates.when[index])],
        verdict=case.judgement.verdict(index),
        score=int(section.scores.total[index]),
        contributions=evidence_of(case, section.scores, index),
        warnings=findings_of(case, index, Level.WARNING, Level.INFO),
        demonstration=bool(catalogue.demonstration[row]),
    )


def _exclusions(section: Section, limit: int) -> Iterable[Exclusion]:
    case = section.case
    blocked = np.flatnonzero(case.judgement.blocked)
    km = np.nan_to_num(case.candidates.km[blocked], nan=np.inf)
    if len(blocked) > limit:
        near = km <= np.partition(km, limit - 1)[limit - 1]
        blocked, km = blocked[near], km[near]
    catalogue = case.question.catalogue
    nearest = blocked[np.lexsort((catalogue.order[case.candidates.rows[blocked]], km))[:limit]]
    for index in nearest:
        row = case.row(index)
        yield Exclusion(
            id=catalogue.ids[row],
            name=catalogue.names[row],
            section=case.candidates.kind,
            rules=findings_of(case, int(index), Level.BLOCKING),
        )


def _widened(question: Question, sections: Mapping[Kind, Section]) -> Iterable[Widened]:
    """The sections where all that has a place is too far for the student."""
    limit, mode = limit_minutes(question), question.profile.mode
    reach = french_km(USUAL_KM) if limit is None or mode is None else f"{french_minutes(limit)} {MODE_LABELS[mode]}"
    for kind in (Kind.PARTNER, Kind.COMPANY, Kind.EVENT):
        section = sections[kind]
        far = section.case.judgement.found.get("trop-loin")
        placed = [index for index in section.chosen if not np.isnan(section.case.candidates.km[index])]
        if far is None or not placed or not far[section.order].all(where=~np.isnan(section.case.candidates.km[section.order])):
            continue
        nearest = french_km(float(section.case.candidates.km[placed].min()))
        yield Widened(kind=kind, shown=len(placed), nearest=nearest, limit=reach)


def _has_trade(companies: Section) -> bool:
    """Whether a company of a wished or learnt trade, or of its domaine, is within reach; true where no trade is asked."""
    values = companies.scores.values.get(OCCUPATION.id)
    if values is None:
        return True
    far = companies.case.judgement.found.get("trop-loin")
    near = [index for index in companies.order if far is None or not far[index]]
    return bool((values[near] > KINDRED).any())


# ---------------------------------------------------------------- needs


def _doors(question: Question, sections: Mapping[Kind, Section]) -> dict[str, set[str]]:
    """Need → ids of what is shown and of a network that a référent thinks of first for it."""
    found: dict[str, set[str]] = {}
    for need in question.needs:
        for section in sections.values():
            rows = section.case.candidates.rows[list(section.chosen)]
            usual = question.catalogue.networks.any_of(need.networks, rows)
            found.setdefault(need.key, set()).update(question.catalogue.ids[row] for row in rows[usual])
    return found


def _covers(question: Question, case: Case) -> Callable[[int], frozenset[str]]:
    halves = {need.key: halves_of(question.catalogue, need) for need in question.needs}

    @cache
    def covers(index: int) -> frozenset[str]:
        return frozenset(key for key, column in halves.items() if column[case.row(index)])

    return covers


def _cover_needs(question: Question, sections: Mapping[Kind, Section], limit: int) -> Section:
    """The partners, with one for each need that no section would cover otherwise, where there is one."""
    partners = sections[Kind.PARTNER]
    others = [(section, _covers(question, section.case)) for kind, section in sections.items() if kind is not Kind.PARTNER]
    covered = {need for section, covers in others for index in section.chosen for need in covers(index)}
    wanted = [need.key for need in question.needs if need.key not in covered]
    if not wanted:
        return partners
    case, covers, order = partners.case, _covers(question, partners.case), list(partners.order)
    for need in question.needs:
        if need.key in wanted and not any(need.key in covers(index) for index in order):
            # the best for a need may stand far below the pool
            able = ~case.judgement.blocked & (coverage_of(case, need) > 0)
            order += ordered(case, partners.keys, able, pool=1)[:1]
    return replace(partners, order=order, chosen=cover(list(partners.chosen), order, covers, wanted, limit))


def _needs(question: Question, sections: Mapping[Kind, Section]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {need.key: [] for need in question.needs}
    for section in sections.values():
        covers = _covers(question, section.case)
        for index in section.chosen:
            for key in covers(index):
                found[key].append(question.catalogue.ids[section.case.row(index)])
    catalogue = question.catalogue
    rows = (section.case.row(index) for section in sections.values() for index in section.chosen)
    lines = {catalogue.ids[row] for row in rows if tuple(catalogue.publics.of(row)) == (EMERGENCY,)}
    return {key: tuple(sorted(ids, key=lambda each: each not in lines)) for key, ids in found.items()}


# ---------------------------------------------------------------- for alerts and the plan


def _to_call(partners: Section) -> dict[str, str]:
    case = partners.case
    catalogue = case.question.catalogue
    found: dict[str, str] = {}
    called = case.candidates.is_category(_TO_CALL)
    for index in partners.order:
        if not called[index]:
            continue
        row = case.row(index)
        category = catalogue.category_of(row)
        if category not in found:
            phone = french_phone(catalogue.phones[row])
            found[category] = f"{catalogue.names[row]} : {phone}" if phone else catalogue.names[row]
    return {category: found[category] for category in _TO_CALL if category in found}


def _event_days(events: Section) -> dict[str, int]:
    candidates = events.case.candidates
    ids = events.case.question.catalogue.ids
    dated = (index for index in events.chosen if candidates.first_day[index] != NO_DAY)
    return {ids[events.case.row(index)]: int(candidates.first_day[index]) for index in dated}
