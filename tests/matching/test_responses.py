"""Who answers when called: the history of contacts, smoothed, and its place in the answer."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models.responses import ResponseCounts
from directory.responses import ResponseHistory, history_of
from directory.vocabulary import Kind
from matching.criteria.responses import smoothed
from matching.ranking import match
from matching.types import Answer
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)
COOK = student(occupations=("G1602",))
TWINS = catalogue_of(
    *(listing(name, kind="company", occupations=["G1602"], pathways=["internship"], at_km=2) for name in ("a-mute", "b-answers"))
)


def history(*counts: ResponseCounts) -> ResponseHistory:
    return history_of(counts)


def points(answer: Answer, listing_id: str) -> dict[str, int]:
    found = next(each for each in answer.sections[Kind.COMPANY] if each.id == listing_id)
    return {evidence.criterion: evidence.points for evidence in found.contributions}


def test_without_any_contact_the_criterion_is_left_out_and_the_rest_renormalised() -> None:
    answer = match(COOK, TWINS, at=AT)

    found = points(answer, "a-mute")
    assert "retours" not in found
    assert sum(found.values()) == answer.sections[Kind.COMPANY][0].score


def test_a_company_that_answers_comes_before_its_twin_that_does_not() -> None:
    known = history(
        ResponseCounts(listing_id="a-mute", filiere="G16", silent=4),
        ResponseCounts(listing_id="b-answers", filiere="G16", accepted=3, silent=1),
    )

    answer = match(COOK, TWINS, at=AT, responses=known)

    assert [each.id for each in answer.sections[Kind.COMPANY]] == ["b-answers", "a-mute"]
    reasons = [each.reason for each in answer.sections[Kind.COMPANY][0].contributions if each.criterion == "retours"]
    assert reasons == ["3 réponses sur 4 contacts, dont 3 accords"]


def test_the_student_s_own_filiere_decides_where_it_is_known() -> None:
    known = history(
        ResponseCounts(listing_id="a-mute", filiere="I16", accepted=9),
        ResponseCounts(listing_id="a-mute", filiere="G16", silent=9),
        ResponseCounts(listing_id="b-answers", filiere="I16", silent=1, accepted=1),
    )

    answer = match(COOK, TWINS, at=AT, responses=known)

    assert points(answer, "a-mute")["retours"] < points(answer, "b-answers")["retours"]


def test_a_listing_that_is_no_more_troubles_nobody() -> None:
    known = history(ResponseCounts(listing_id="gone", filiere="", accepted=2))

    answer = match(COOK, TWINS, at=AT, responses=known)

    assert points(answer, "a-mute")["retours"] == points(answer, "b-answers")["retours"] > 0


@pytest.mark.parametrize(
    ("accepted", "declined", "contacted", "worth"),
    [(0, 0, 0, 1 / 2), (1, 0, 1, 2 / 3), (0, 0, 1, 1 / 3), (0, 1, 1, 1 / 2), (8, 0, 8, 9 / 10), (0, 0, 8, 1 / 10)],
)
def test_one_silence_does_not_condemn_and_one_yes_does_not_prove(
    accepted: int, declined: int, contacted: int, worth: float
) -> None:
    assert smoothed(accepted, declined, contacted) == pytest.approx(worth)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_yes_more_never_lowers_and_a_silence_more_never_raises(yes: int, no: int, silent: int) -> None:
    now = smoothed(yes, no, yes + no + silent)

    assert 0 < now < 1
    assert smoothed(yes + 1, no, yes + no + silent + 1) > now
    assert smoothed(yes, no, yes + no + silent + 1) < now


def test_a_record_that_a_person_checked_is_trusted_more() -> None:
    catalogue = catalogue_of(
        listing("a-published", at_km=2), listing("b-checked", at_km=2, checked_at="2020-01-01", checked_by="Invented")
    )

    answer = match(student(), catalogue, at=AT)

    assert [each.id for each in answer.sections[Kind.PARTNER]] == ["b-checked", "a-published"]
    assert "confiance" in {each.criterion for each in answer.sections[Kind.PARTNER][0].contributions}
