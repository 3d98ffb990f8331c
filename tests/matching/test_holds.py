"""Companies that are not to be called yet, and places that bureaux noted. Everything is invented."""

from __future__ import annotations

from datetime import date

import pytest

from directory.vocabulary import Kind
from matching.cohort_form import Noted, declared_places
from matching.question import build_question
from matching.ranking import answer_question
from matching.types import Verdict
from matching.weights import default_policy
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)
FIRMS = catalogue_of(
    *(
        listing(name, kind="company", occupations=["G1602"], pathways=["internship"], at_km=2, places=places)
        for name, places in (("atelier", 3), ("bistrot", None), ("crêperie", 0))
    )
)


def test_a_company_that_is_not_to_be_called_yet_is_shown_with_the_day_to_wait_for() -> None:
    holds = {"atelier": date(2026, 12, 5), "gone": date(2026, 12, 5)}
    cook = student(occupations=("G1602",))

    answer = answer_question(build_question(cook, FIRMS, at=AT, policy=default_policy(), holds=holds), 10)

    found = {each.id: each for each in answer.sections[Kind.COMPANY]}
    told = {key: [w.reason for w in each.warnings if w.id == "pas-avant"] for key, each in found.items()}
    assert told == {
        "atelier": ["Ne pas contacter avant le 5 décembre 2026 : c’est demandé par un bureau des entreprises."],
        "bistrot": [],
        "crêperie": [],
    }
    assert found["atelier"].verdict is Verdict.TO_CHECK


@pytest.mark.parametrize(
    ("noted", "shared"),
    [
        (Noted(), {"atelier": 3}),
        (Noted(seats={"atelier": 1}), {"atelier": 1}),  # what is left, not what the listing declares
        (Noted(seats={"atelier": 0, "bistrot": 2}), {"bistrot": 2}),
        (Noted(seats={"crêperie": 4, "gone": 4, "atelier": 5000}), {"atelier": 1000, "crêperie": 4}),
        (Noted(seats={"bistrot": 2}, holds={"atelier": date(2026, 12, 5), "bistrot": date(2026, 12, 5)}), {}),
    ],
)
def test_the_places_of_a_cohort_are_those_that_bureaux_noted_before_those_of_the_listing(
    noted: Noted, shared: dict[str, int]
) -> None:
    found = declared_places(FIRMS, noted)

    assert {place.listing: place.capacity for place in found} == shared
