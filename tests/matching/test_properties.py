"""What must hold of every answer, whatever the student and the directory."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.vocabulary import PUBLICS, THEMATIQUES, Kind, Pathway, categories
from matching.needs import needs
from matching.ranking import match
from matching.scoring import FULL, apportion
from matching.types import Mode, Profile, Situation
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)
CODES = [code for code, category in categories().items() if Kind.PARTNER in category.kinds]
ROME = ["G1602", "G1605", "G1101", "I1604", "D1106"]
TOKENS = ["commune:35360", "departement:35", "region:53", "france", "remote", "commune:75056", "bassin:B-1"]

listings = st.fixed_dictionaries(
    {
        "category": st.sampled_from(CODES),
        "at_km": st.one_of(st.none(), st.floats(0, 120)),
        "thematiques": st.lists(st.sampled_from(sorted(THEMATIQUES)), max_size=3),
        "publics": st.lists(st.sampled_from(sorted(PUBLICS)), max_size=2),
        "coverage": st.lists(st.sampled_from(TOKENS), max_size=2, unique=True),
        "pathways": st.lists(st.sampled_from(list(Pathway)), max_size=2),
        "age_min": st.one_of(st.none(), st.integers(14, 20)),
        "updated_at": st.one_of(st.none(), st.dates(date(2020, 1, 1), AT)),
    }
)
profiles = st.builds(
    student,
    birth_date=st.dates(date(1998, 1, 1), date(2011, 1, 1)),
    situation=st.one_of(st.none(), st.sampled_from(Situation)),
    occupations=st.lists(st.sampled_from(ROME), max_size=2).map(tuple),
    pathways=st.lists(st.sampled_from(Pathway), max_size=2, unique=True).map(tuple),
    needs=st.lists(st.sampled_from(sorted(needs())), max_size=3, unique=True).map(tuple),
    publics=st.lists(st.sampled_from(sorted(PUBLICS)), max_size=2, unique=True).map(tuple),
    mode=st.one_of(st.none(), st.sampled_from(Mode)),
    max_minutes=st.one_of(st.none(), st.integers(5, 120)),
)
slowly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def built(fields: dict[str, Any], listing_id: str) -> Any:
    return listing(listing_id, **{name: value for name, value in fields.items() if value is not None})


@slowly
@given(profiles, st.lists(listings, max_size=12))
def test_points_add_up_to_the_score_exactly_and_every_reason_is_said(
    profile: Profile, given_listings: list[dict[str, Any]]
) -> None:
    catalogue = catalogue_of(*(built(fields, f"l-{rank}") for rank, fields in enumerate(given_listings)))

    answer = match(profile, catalogue, at=AT)

    for result in (each for matches in answer.sections.values() for each in matches):
        assert sum(evidence.points for evidence in result.contributions) == result.score
        assert 0 <= result.score <= FULL
        assert sum(evidence.weight for evidence in result.contributions) == pytest.approx(1, abs=0.001)
        assert all(evidence.reason and evidence.source and 0 <= evidence.value <= 1 for evidence in result.contributions)
    assert all(exclusion.rules for exclusion in answer.excluded)


@slowly
@given(profiles, st.lists(listings, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_the_order_of_the_directory(
    profile: Profile, given_listings: list[dict[str, Any]], shuffler: Any
) -> None:
    entries = [built(fields, f"l-{rank}") for rank, fields in enumerate(given_listings)]
    shuffled = list(entries)
    shuffler.shuffle(shuffled)

    first, second = (match(profile, catalogue_of(*each), at=AT) for each in (entries, shuffled))

    assert first == second


@slowly
@given(profiles, st.lists(listings, min_size=3, max_size=30))
def test_at_most_two_partners_of_one_network_stand_in_the_first_ten(
    profile: Profile, given_listings: list[dict[str, Any]]
) -> None:
    profile = replace(profile, needs=())  # a need that only a third one covers brings it in
    catalogue = catalogue_of(*(built(fields, f"l-{rank}") for rank, fields in enumerate(given_listings)))

    answer = match(profile, catalogue, at=AT)

    rows = {listing_id: row for row, listing_id in enumerate(catalogue.ids)}
    networks = Counter(code for each in answer.sections[Kind.PARTNER] for code in catalogue.networks.of(rows[each.id]))
    assert all(count <= 2 for count in networks.values())


def better(fields: dict[str, Any], how: str) -> dict[str, Any]:
    """A twin that is nearer, fresher, or covers more."""
    if how == "nearer":
        return {**fields, "at_km": (fields["at_km"] or 0) / 2}
    if how == "fresher":
        return {**fields, "updated_at": AT}
    return {**fields, "thematiques": sorted(THEMATIQUES)}


@pytest.mark.parametrize("how", ["nearer", "fresher", "covers more"])
@slowly
@given(profiles, listings)
def test_a_better_twin_never_ranks_lower(how: str, profile: Profile, fields: dict[str, Any]) -> None:
    fields = {**fields, "at_km": max(fields["at_km"] or 8.0, 1.0)}  # half of a few metres is no nearer on the map
    if fields["category"] == "mission_locale":
        fields["coverage"] = ["commune:35360"]  # else the nearer one may be the neighbour that is not competent
    catalogue = catalogue_of(built(fields, "a-plain"), built(better(fields, how), "b-better"))

    answer = match(profile, catalogue, at=AT)

    order = [each.id for each in answer.sections[Kind.PARTNER]]
    assert order in ([], ["b-better"], ["b-better", "a-plain"]) or (how != "nearer" and same_score(answer))


def same_score(answer: Any) -> bool:
    return len({each.score for each in answer.sections[Kind.PARTNER]}) == 1


@given(st.lists(st.floats(0, 3000), min_size=1, max_size=10))
def test_apportioned_points_are_whole_near_and_add_up(exact: list[float]) -> None:
    total = round(sum(exact))

    points = apportion(exact, total)

    assert sum(points) == total
    assert all(abs(point - number) <= 1 for point, number in zip(points, exact, strict=True))
