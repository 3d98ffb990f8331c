"""What must hold of companies, events, schemes and plans too, whatever the student and the directory."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from directory.models.responses import ResponseCounts
from directory.responses import history_of
from directory.vocabulary import THEMATIQUES, Kind, Pathway, When, categories
from matching.question import build_question
from matching.ranking import match, rank_section
from matching.selection import TIE, tiers
from matching.types import Profile
from matching.weights import default_policy
from tests.matching.factories import catalogue_of, listing, student
from tests.matching.test_properties import AT, ROME, TOKENS, built, profiles, slowly

KINDS = {str(kind): [code for code, category in categories().items() if kind in category.kinds] for kind in Kind}
DAYS = [AT + timedelta(days=days) for days in (-3, 0, 1, 20, 60, 200)]


@st.composite
def anything(draw: st.DrawFn) -> dict[str, Any]:
    """A listing of any kind."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    fields: dict[str, Any] = {
        "kind": kind,
        "category": draw(st.sampled_from(KINDS[kind])),
        "at_km": draw(st.one_of(st.none(), st.floats(0, 120))),
        "thematiques": draw(st.lists(st.sampled_from(sorted(THEMATIQUES)), max_size=3)),
        "coverage": draw(st.lists(st.sampled_from(TOKENS), max_size=2, unique=True)),
        "pathways": draw(st.lists(st.sampled_from(list(Pathway)), max_size=2)),
        "updated_at": draw(st.one_of(st.none(), st.dates(date(2020, 1, 1), AT))),
    }
    if kind in {"company", "event"}:
        fields["occupations"] = draw(st.lists(st.sampled_from(ROME), max_size=2, unique=True))
    if kind == "company":
        fields["places"] = draw(st.one_of(st.none(), st.integers(0, 3)))
    if kind == "event":
        fields["days"] = [day.isoformat() for day in draw(st.lists(st.sampled_from(DAYS), max_size=2, unique=True))]
    return fields


def catalogue(given_listings: list[dict[str, Any]]) -> Any:
    return catalogue_of(*(built(fields, f"l-{rank}") for rank, fields in enumerate(given_listings)))


@slowly
@given(profiles, st.lists(anything(), max_size=14), st.randoms(use_true_random=False))
def test_an_answer_does_not_depend_on_the_order_of_the_directory(
    profile: Profile, given_listings: list[dict[str, Any]], shuffler: Any
) -> None:
    entries = [built(fields, f"l-{rank}") for rank, fields in enumerate(given_listings)]
    shuffled = list(entries)
    shuffler.shuffle(shuffled)

    first, second, again = (match(profile, catalogue_of(*each), at=AT) for each in (entries, shuffled, entries))

    assert first == second == again


@slowly
@given(profiles, st.lists(anything(), max_size=14), st.lists(st.integers(0, 9), min_size=14, max_size=14))
def test_points_add_up_exactly_in_every_section_with_a_history_too(
    profile: Profile, given_listings: list[dict[str, Any]], counts: list[int]
) -> None:
    known = history_of(
        ResponseCounts(listing_id=f"l-{rank}", filiere="G16", accepted=count, silent=9 - count)
        for rank, count in enumerate(counts[::2])
    )

    answer = match(profile, catalogue(given_listings), at=AT, responses=known)

    for result in (each for matches in answer.sections.values() for each in matches):
        assert sum(evidence.points for evidence in result.contributions) == result.score
        assert sum(evidence.weight for evidence in result.contributions) == pytest.approx(1, abs=0.001)
        assert all(evidence.points >= 0 and 0 <= evidence.value <= 1 and evidence.reason for evidence in result.contributions)


@slowly
@given(profiles, st.lists(anything(), min_size=2, max_size=20), st.integers(0, 60))
def test_only_companies_come_in_turns_and_only_within_half_a_point(
    profile: Profile, given_listings: list[dict[str, Any]], weeks: int
) -> None:
    for fields in given_listings:
        fields["kind"], fields["category"] = "company", "entreprise"
        fields.pop("days", None)
    later = AT + timedelta(days=7 * (weeks % 3))  # the same ages, the same parcours
    question = build_question(profile, catalogue(given_listings), at=later, policy=default_policy())

    section = rank_section(question, Kind.COMPANY, 10)

    tier, total, blocked = tiers(section.case, section.scores), section.scores.total, section.case.judgement.blocked
    order = section.order
    assert sorted(order) == [index for index in range(len(blocked)) if not blocked[index]]
    for before, after in pairwise(order):
        assert (tier[before], -total[before] - TIE) <= (tier[after], -total[after])


@slowly
@given(profiles, st.lists(anything(), min_size=2, max_size=12))
def test_partners_schemes_and_events_stand_in_the_same_order_every_week(
    profile: Profile, given_listings: list[dict[str, Any]]
) -> None:
    # what depends on the day is taken away: dates, freshness, the parcours
    for fields in given_listings:
        fields.pop("days", None)
        fields["updated_at"] = None
        if fields["kind"] == "company":
            fields["kind"], fields["category"] = "partner", "association"
    given_catalogue = catalogue(given_listings)
    profile = replace(profile, parcours_start=None, parcours_end=None, birth_date=None, age=18)

    first, second = (match(profile, given_catalogue, at=day) for day in (AT, AT + timedelta(days=7)))

    assert {kind: [each.id for each in found] for kind, found in first.sections.items()} == {
        kind: [each.id for each in found] for kind, found in second.sections.items()
    }


BETTER = {
    "nearer": lambda fields: {**fields, "at_km": fields["at_km"] / 2},
    "fresher": lambda fields: {**fields, "updated_at": AT},
    "offers more": lambda fields: {**fields, "pathways": list(Pathway)},
    "with places": lambda fields: {**fields, "places": 3},
    "of the very trade": lambda fields: {**fields, "occupations": ROME},
    "checked": lambda fields: {**fields, "checked_at": AT, "checked_by": "Invented"},
}


@pytest.mark.parametrize("how", BETTER)
@slowly
@given(profiles, anything())
def test_a_better_company_never_stands_lower_than_its_twin_by_more_than_a_turn(
    how: str, profile: Profile, fields: dict[str, Any]
) -> None:
    fields = {**fields, "kind": "company", "category": "entreprise", "at_km": max(fields["at_km"] or 8.0, 1.0)}
    fields.pop("days", None)
    if how == "offers more":
        assume(not fields["pathways"] or set(profile.pathways) & {Pathway.INTERNSHIP, Pathway.IMMERSION, Pathway.VISIT})
    given_catalogue = catalogue_of(built(fields, "a-plain"), built(BETTER[how](fields), "b-better"))

    found = match(profile, given_catalogue, at=AT).sections[Kind.COMPANY]

    scores = {each.id: each.score for each in found}
    order = [each.id for each in found]
    assert order[:1] in ([], ["b-better"]) or scores["a-plain"] - scores["b-better"] <= 0
    assert scores.get("b-better", 0) >= scores.get("a-plain", 0)


@slowly
@given(profiles, st.lists(anything(), min_size=1, max_size=20))
def test_a_plan_has_a_step_for_each_need_that_something_shown_covers_and_names_nothing_twice(
    profile: Profile, given_listings: list[dict[str, Any]]
) -> None:
    answer = match(profile, catalogue(given_listings), at=AT)

    steps = {step.id for step in answer.plan if step.id}
    for need, ids in answer.needs.items():
        assert not ids or steps & set(ids), need
    assert len([step for step in answer.plan if step.id]) == len(steps)
    assert [step.month for step in answer.plan] == sorted(step.month for step in answer.plan)


@slowly
@given(profiles, st.lists(anything(), min_size=1, max_size=20))
def test_a_plan_stays_within_the_parcours_and_names_at_most_two_of_one_network(
    profile: Profile, given_listings: list[dict[str, Any]]
) -> None:
    profile = replace(profile, needs=profile.needs[:1])
    given_catalogue = catalogue(given_listings)

    answer = match(profile, given_catalogue, at=AT)

    rows = {listing_id: row for row, listing_id in enumerate(given_catalogue.ids)}
    partners = {each.id for each in answer.sections[Kind.PARTNER]}
    of_networks = Counter(
        code for step in answer.plan if step.id in partners for code in given_catalogue.networks.of(rows[step.id])
    )
    assert all(count <= 2 + len(profile.needs) for count in of_networks.values())
    assert all("2026-11" <= step.month <= "2026-12" for step in answer.plan)
    during = {each.id for each in answer.sections[Kind.EVENT] if each.when is When.DURING}
    dated = {each.id for each in answer.sections[Kind.EVENT]} & {step.id for step in answer.plan}
    assert all(" 2026" in step.step or "date à demander" in step.step for step in answer.plan if step.id in dated & during)


def test_a_placement_is_never_planned_for_more_than_what_is_left_of_two_thirds() -> None:
    resto = catalogue_of(listing("resto", kind="company", occupations=["G1602"], pathways=["internship"], at_km=2))
    profile = student(occupations=("G1602",), pathways=(Pathway.INTERNSHIP,))

    told = {day: match(profile, resto, at=day).plan for day in (date(2026, 9, 1), date(2026, 12, 1), date(2026, 12, 28))}

    assert "9 semaines" in told[date(2026, 9, 1)][-1].reason
    assert "3 semaines" in told[date(2026, 12, 1)][-1].reason
    assert "resto" not in {step.id for step in told[date(2026, 12, 28)]}
