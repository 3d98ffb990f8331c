"""The follow-up of a parcours: dates, two thirds of placements, and the allowance by its dated rates."""

from __future__ import annotations

from datetime import date

import pytest

from directory.geocoding.types import Place
from directory.vocabulary import Precision
from matching.allowance import RATES
from matching.followup import follow_up
from matching.types import Diploma, DiplomaLevel, Profile

HOME = Place(
    label="Fougères (35300)", level="commune", code="35115", code_commune="35115", code_departement="35", code_region="53",
    latitude=48.35, longitude=-1.2, precision=Precision.COMMUNE, reach_km=3, territories=("commune:35115", "france"),
)  # fmt: skip


def student(level: DiplomaLevel | None = None, start: date | None = None, end: date | None = None) -> Profile:
    return Profile(place=HOME, age=18, diploma=Diploma(level=level), parcours_start=start, parcours_end=end)


@pytest.mark.parametrize(
    ("level", "weeks", "euros"),
    [
        (DiplomaLevel.CAP, 1, 75),
        (DiplomaLevel.CAP, 10, 750),
        (DiplomaLevel.CAP, 12, 750),
        (DiplomaLevel.BAC_PRO, 3, 300),
        (DiplomaLevel.BAC_PRO, 11, 1000),
        (DiplomaLevel.CAP, 0, 0),
    ],
)
def test_the_allowance_is_paid_by_the_week_up_to_its_ceiling(level: DiplomaLevel, weeks: int, euros: int) -> None:
    assert RATES[level].for_weeks(weeks) == euros


def test_a_whole_parcours_allows_two_thirds_of_its_school_weeks() -> None:
    followed = follow_up(student(DiplomaLevel.CAP, date(2026, 9, 1), date(2026, 12, 31)), date(2026, 11, 24))

    assert followed.enrolled
    assert (followed.first, followed.last) == (date(2026, 9, 1), date(2026, 12, 31))
    assert followed.placement.weeks == 14
    assert followed.placement.allowed == 9
    assert followed.pays[-1] == (9, 675)


def test_without_a_parcours_the_sheet_counts_from_today_to_the_end_of_december() -> None:
    followed = follow_up(student(DiplomaLevel.BAC_PRO), date(2026, 11, 24))

    assert not followed.enrolled
    assert (followed.first, followed.last) == (date(2026, 11, 24), date(2026, 12, 31))
    assert followed.placement.allowed * 3 <= followed.placement.weeks * 2


@pytest.mark.parametrize("today", [date(2027, 1, 15), date(2026, 6, 20)])
def test_before_september_the_next_parcours_is_the_one_of_the_same_year(today: date) -> None:
    followed = follow_up(student(), today)

    assert (followed.first, followed.last) == (date(today.year, 9, 1), date(today.year, 12, 31))


@pytest.mark.parametrize("level", [None, DiplomaLevel.BMA, DiplomaLevel.DTMS])
def test_no_amount_is_estimated_where_none_is_known(level: DiplomaLevel | None) -> None:
    followed = follow_up(student(level), date(2026, 11, 24))

    assert followed.rate is None
    assert followed.pays == ()


def test_the_steps_are_in_the_order_of_their_days_and_within_the_parcours() -> None:
    followed = follow_up(student(None, date(2026, 12, 20), date(2026, 12, 31)), date(2026, 12, 21))

    days = [step.by for step in followed.steps if step.by]
    assert days == sorted(days)
    assert all(followed.first <= day <= followed.last for day in days)
