"""A cohort: what each student gets, why, and what small changes change. Everything is invented."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.catalogue import Catalogue
from directory.catalogue_part import part_of
from directory.models.responses import ResponseCounts
from directory.responses import history_of
from directory.vocabulary import Kind, Pathway
from matching.cohort import CohortAnswer, Place, Student, assign
from matching.errors import CohortError
from matching.ranking import match
from matching.travel import UNAVAILABLE, CohortTravel
from matching.types import Mode
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)
COOK, MECHANIC, SHOP = "G1602", "I1604", "D1106"


def company(name: str, rome: str, at_km: float = 1.0, **fields: object) -> object:
    return listing(name, kind="company", occupations=[rome], pathways=["internship"], at_km=at_km, **fields)


@pytest.fixture
def catalogue() -> Catalogue:
    return catalogue_of(
        company("garage-du-pont", MECHANIC),  # type: ignore[arg-type]
        company("garage-loin", MECHANIC, at_km=14.0),  # type: ignore[arg-type]
        company("table-du-lac", COOK),  # type: ignore[arg-type]
        company("restaurant-d-ailleurs", COOK, at_km=400.0),  # type: ignore[arg-type]
        company("epicerie-majeurs", SHOP, age_min=18),  # type: ignore[arg-type]
        listing("association-du-lac", at_km=2.0),
    )


def who(reference: str, rome: str, **fields: object) -> Student:
    wishes = {"occupations": (rome,), "pathways": (Pathway.INTERNSHIP,)} | fields
    return Student(reference=reference, profile=student(**wishes))


def places(**capacities: int) -> list[Place]:
    return [Place(listing=name.replace("_", "-"), capacity=capacity) for name, capacity in capacities.items()]


def given_to(answer: CohortAnswer) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in answer.assignments:
        found.setdefault(one.student, []).append(one.listing)
    return found


def test_each_gets_what_suits_them_and_the_reason_says_so(catalogue: Catalogue) -> None:
    answer = assign([who("a", MECHANIC), who("b", COOK)], places(garage_du_pont=1, table_du_lac=1), catalogue, at=AT)

    assert given_to(answer) == {"a": ["garage-du-pont"], "b": ["table-du-lac"]}
    assert all(one.reason.startswith("Première proposition : ") for one in answer.assignments)
    assert "souhaité" in answer.assignments[0].reason


def test_the_points_are_those_that_the_student_alone_would_read(catalogue: Catalogue) -> None:
    one = who("a", MECHANIC)

    answer = assign([one], places(garage_du_pont=1, garage_loin=1), catalogue, at=AT)

    alone = {found.id: found.score for found in match(one.profile, catalogue, at=AT).sections[Kind.COMPANY]}
    assert answer.assignments[0].points == alone[answer.assignments[0].listing]


def test_who_gives_way_is_told_to_whom_and_why(catalogue: Catalogue) -> None:
    near, far = who("a", MECHANIC), who("b", MECHANIC)

    answer = assign([near, far], places(garage_du_pont=1, garage_loin=1), catalogue, at=AT)

    second = next(one for one in answer.assignments if one.rank == 2)
    assert second.listing == "garage-loin"
    assert second.reason.startswith("Deuxième proposition : Garage du pont, avant elle")


def test_what_a_rule_forbids_or_lies_too_far_is_given_to_nobody(catalogue: Catalogue) -> None:
    minor = who("mineur", SHOP, birth_date=date(2009, 9, 1))
    walker = who("a-pied", COOK, mode=Mode.WALK, max_minutes=30)

    refused = assign([minor], places(epicerie_majeurs=5), catalogue, at=AT)
    far = assign([walker], places(restaurant_d_ailleurs=5), catalogue, at=AT)

    assert refused.assignments == far.assignments == ()
    reasons = {one.student: one.reason for one in (*refused.unassigned, *far.unassigned)}
    assert "18" in reasons["mineur"] or "âge" in reasons["mineur"].lower()
    assert "trajet" in reasons["a-pied"].lower()


def test_who_is_left_out_is_told_what_was_full(catalogue: Catalogue) -> None:
    answer = assign([who(name, MECHANIC) for name in "abc"], places(garage_du_pont=2), catalogue, at=AT)

    (left,) = answer.unassigned
    assert left.reason == "Toutes les places qui lui conviennent sont prises (Garage du pont)."


def test_who_answers_when_called_is_given_before_who_does_not(catalogue: Catalogue) -> None:
    silent = history_of([ResponseCounts(listing_id="garage-du-pont", filiere="I16", silent=9)])
    near_and_near = catalogue_of(company("garage-du-pont", MECHANIC), company("garage-voisin", MECHANIC))  # type: ignore[arg-type]
    offered = places(garage_du_pont=1, garage_voisin=1)

    before = assign([who("a", MECHANIC)], offered, near_and_near, at=AT)
    after = assign([who("a", MECHANIC)], offered, near_and_near, at=AT, responses=silent)

    assert (given_to(before), given_to(after)) == ({"a": ["garage-du-pont"]}, {"a": ["garage-voisin"]})


def test_how_journeys_were_reckoned_is_told_when_the_service_is_down(catalogue: Catalogue) -> None:
    answer = assign([who("a", MECHANIC)], places(garage_du_pont=1), catalogue, at=AT, travel=CohortTravel(warning=UNAVAILABLE))

    assert "service d’itinéraires" in answer.notices[0]


def test_nobody_is_left_out_for_another_s_comfort(catalogue: Catalogue) -> None:
    walker = who("a-pied", MECHANIC, mode=Mode.WALK, max_minutes=30)  # the far garage is out of reach
    driver = who("en-voiture", MECHANIC, mode=Mode.CAR)

    answer = assign([driver, walker], places(garage_du_pont=1, garage_loin=1), catalogue, at=AT)

    assert given_to(answer) == {"a-pied": ["garage-du-pont"], "en-voiture": ["garage-loin"]}
    assert answer.greedy_served <= 2


def test_a_place_held_before_is_kept_when_equals_could_change(catalogue: Catalogue) -> None:
    students = [who("a", MECHANIC), who("b", MECHANIC)]
    before = {"a": "garage-loin", "b": "garage-du-pont"}

    answer = assign(students, places(garage_du_pont=1, garage_loin=1), catalogue, at=AT, previous=list(before.items()))

    assert given_to(answer) == {name: [held] for name, held in before.items()}


def test_a_new_student_does_not_reshuffle_the_others(catalogue: Catalogue) -> None:
    offered = places(garage_du_pont=1, table_du_lac=2, garage_loin=1)
    first = assign([who("m", MECHANIC), who("n", COOK)], offered, catalogue, at=AT)
    held = [(one.student, one.listing) for one in first.assignments]

    then = assign(
        [who("m", MECHANIC), who("n", COOK), who("a", MECHANIC)],
        offered,
        catalogue,
        at=AT,
        previous=held,
    )

    assert all(given_to(then)[name] == [place] for name, place in held)
    assert "a" in given_to(then)


def test_two_places_each_only_once_all_have_one(catalogue: Catalogue) -> None:
    answer = assign([who("a", MECHANIC), who("b", MECHANIC)], places(garage_du_pont=1, garage_loin=1), catalogue, at=AT, each=2)

    assert {name: len(held) for name, held in given_to(answer).items()} == {"a": 1, "b": 1}


@settings(deadline=None, max_examples=20)
@given(st.permutations("abcd"), st.integers(1, 3))
def test_the_order_of_the_students_changes_nothing(names: list[str], each: int) -> None:
    catalogue = catalogue_of(*(company(f"garage-{n}", MECHANIC, at_km=1.0 + n) for n in range(4)))  # type: ignore[arg-type]
    offered = [Place(listing=f"garage-{n}", capacity=1) for n in range(4)]

    answer = assign([who(name, MECHANIC) for name in names], offered, catalogue, at=AT, each=each)

    assert answer == assign([who(name, MECHANIC) for name in "abcd"], offered[::-1], catalogue, at=AT, each=each)


@pytest.mark.parametrize(
    ("names", "offered", "each", "field"),
    [
        ("", {"garage_du_pont": 1}, 1, "students"),
        ("aa", {"garage_du_pont": 1}, 1, "students"),
        ("a", {"garage_inconnu": 1}, 1, "places[0].id"),
        ("a", {"garage_du_pont": 0}, 1, "places[0].capacity"),
        ("a", {"garage_du_pont": -3}, 1, "places[0].capacity"),
        ("a", {"garage_du_pont": 1}, 0, "each"),
    ],
)
def test_a_cohort_that_cannot_be_is_refused_by_its_field(
    catalogue: Catalogue, names: str, offered: dict[str, int], each: int, field: str
) -> None:
    with pytest.raises(CohortError) as refused:
        assign([who(name, MECHANIC) for name in names], places(**offered), catalogue, at=AT, each=each)

    assert refused.value.field == field
    assert refused.value.public


def test_a_hundred_thousand_students_are_refused_at_once(catalogue: Catalogue) -> None:
    one = who("a", MECHANIC)

    with pytest.raises(CohortError, match="100000 students"):
        assign([one] * 100_000, places(garage_du_pont=1), catalogue, at=AT)


def test_a_part_of_a_catalogue_tells_the_same_of_its_listings(catalogue: Catalogue) -> None:
    names = ["garage-du-pont", "table-du-lac", "epicerie-majeurs"]
    whole = {name: catalogue.find_row(name) for name in names}

    part = part_of(catalogue, list(whole.values()))

    assert sorted(part.ids) == sorted(names)
    assert list(part.by_kind[Kind.COMPANY]) == [0, 1, 2]
    for row, name in enumerate(part.ids):
        assert part.category_of(row) == "entreprise"
        assert part.occupations.of(row) == catalogue.occupations.of(whole[name])
        assert np.allclose(part.unit[:, row], catalogue.unit[:, whole[name]])
    assert part.age_min[part.find_row("epicerie-majeurs")] == 18
