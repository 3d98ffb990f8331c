"""Whether a place is open at a moment."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from directory.opening import find_opening

PARIS = ZoneInfo("Europe/Paris")
OFFICE = "Mo-Th 09:00-12:30,13:30-17:30; Fr 09:00-12:30"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open", "until"),
    [
        (OFFICE, "2026-11-24 10:00", True, "2026-11-24 12:30"),
        (OFFICE, "2026-11-24 12:30", False, "2026-11-24 13:30"),
        (OFFICE, "2026-11-27 12:31", False, "2026-11-30 09:00"),
        ("24/7", "2026-12-25 03:00", True, None),
        ("Mo-Fr 22:00-02:00", "2026-11-24 01:00", True, "2026-11-24 02:00"),
        ("Mo-Su 09:00-12:00; PH off", "2026-12-25 10:00", False, "2026-12-26 09:00"),
        ("2020 Mo-Fr 09:00-12:00", "2026-11-24 10:00", False, None),
    ],
)
def test_hours_say_whether_it_is_open_and_until_when(hours: str, moment: str, is_open: bool, until: str | None) -> None:
    found = find_opening(hours, at(moment))

    assert found
    assert found.open is is_open
    assert found.until == (at(until) if until else None)


def test_a_public_holiday_of_which_the_hours_say_nothing_is_left_open_to_question() -> None:
    found = find_opening(OFFICE, at("2026-05-01 10:00"))

    assert found
    assert (found.open, found.holiday) == (None, True)


def test_hours_with_an_appointment_are_left_open_to_question() -> None:
    found = find_opening('Mo-Fr 09:00-17:00 "sur rendez-vous"', at("2026-11-24 10:00"))

    assert found
    assert found.open is None


def test_overseas_the_local_time_counts() -> None:
    found = find_opening("Mo-Fr 08:00-16:00", at("2026-11-24 06:00"), "97411")  # nine o'clock in Saint-Denis

    assert found
    assert found.open is True
    assert found.until
    assert found.until.isoformat() == "2026-11-24T16:00:00+04:00"


@pytest.mark.parametrize("hours", ["", "lundi de 9 h à 12 h", "Mo 25:99", "(((", "Mo-Fr 09:00-17:00" * 400])
def test_what_is_no_hours_says_nothing(hours: str) -> None:
    assert find_opening(hours, at("2026-11-24 10:00")) is None
