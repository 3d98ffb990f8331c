"""The student's calendar: the parcours window, school weeks, ages on the day that matters."""

from __future__ import annotations

import tomllib
from calendar import isleap, monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import cache, lru_cache
from importlib import resources

import numpy as np

from directory.columns import IntArray, day_number
from matching.types import Profile


def age_on(birth_date: date, day: date) -> int:
    """Age in whole years on a day. Born on 29 February, one is a year older on 1 March of common years (French law)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


@dataclass(frozen=True, slots=True)
class Window:
    """When results are for « pendant ».

    Attributes:
        first: The day asked, or the first day of a parcours that is still to come.
        last: Last day of the parcours (31 December at the latest), or of the four months from the day asked.
        in_parcours: Whether ``last`` is that of a parcours not over on the day asked.
        enrolled: Whether the student is a pupil of the parcours on the day asked.
        clipped: Whether the dates of the profile were brought within 1 September – 31 December (rule A2).
    """

    first: date
    last: date
    in_parcours: bool
    enrolled: bool
    clipped: bool = False


def window_of(profile: Profile, at: date) -> Window:
    """The window of a profile on a day (domain rules A2 and A9)."""
    start, end = profile.parcours_start, profile.parcours_end
    if start is None or end is None:
        return Window(at, add_months(at, 4), in_parcours=False, enrolled=False)
    first, last = max(start, date(start.year, 9, 1)), min(end, date(start.year, 12, 31))
    clipped = (first, last) != (start, end)
    if last < first or at > last:
        return Window(at, add_months(at, 4), in_parcours=False, enrolled=False, clipped=clipped)
    return Window(max(at, first), last, in_parcours=True, enrolled=first <= at, clipped=clipped)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def ages_on(profile: Profile, at: date, day: date) -> tuple[int, int]:
    """Youngest and oldest age the student may have on a day; they differ when only an age on the day asked is known."""
    low, high = ages_on_days(profile, at, np.array([day_number(day)]))
    return int(low[0]), int(high[0])


def ages_on_days(profile: Profile, at: date, days: IntArray) -> tuple[IntArray, IntArray]:
    """The same on many days (days since 1970-01-01), each of shape (len(days),)."""
    if profile.birth_date is not None:
        age = np.searchsorted(_birthdays(profile.birth_date), days, side="right")
        return age, age
    ahead = np.maximum(days - day_number(at), 0)
    youngest = (profile.age or 0) + ahead // 366
    return youngest, youngest + (ahead > 0)


_LONGEST_LIFE = 130


@lru_cache(maxsize=1024)
def _birthdays(birth_date: date) -> IntArray:
    """The days on which one becomes 1, 2, 3 …, increasing."""
    years = range(birth_date.year + 1, min(birth_date.year + _LONGEST_LIFE, MAXYEAR))
    leap = (birth_date.month, birth_date.day) == (2, 29)
    days = [date(year, 3, 1) if leap and not isleap(year) else birth_date.replace(year=year) for year in years]
    return np.array([day_number(day) for day in days])


@dataclass(frozen=True, slots=True)
class SchoolWeeks:
    """School weeks of a parcours. ``known`` tells whether that year's holidays were known, and so left out."""

    weeks: int
    known: bool


@lru_cache(maxsize=256)
def school_weeks(first: date, last: date) -> SchoolWeeks:
    """School weeks between two days, inclusive: weeks of Monday to Friday with three days of class or more.

    Saturdays, Sundays and the holidays of ``data/holidays.toml`` are not days of class; public holidays are.
    """
    holidays = _holidays()
    known = any(begin.year == first.year for begin, _ in holidays)
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    counts: dict[tuple[int, int], int] = {}
    for day in days:
        if day.weekday() < 5 and not _on_holiday(day, holidays):
            key = day.isocalendar()[:2]
            counts[key] = counts.get(key, 0) + 1
    return SchoolWeeks(sum(count >= 3 for count in counts.values()), known)


@dataclass(frozen=True, slots=True)
class PlacementWeeks:
    """Weeks of placement allowed, of those of the parcours; ``known`` as in ``SchoolWeeks``."""

    allowed: int
    weeks: int
    known: bool


def placement_weeks(profile: Profile, window: Window) -> PlacementWeeks:
    """Weeks that placements may last: two thirds of the school weeks of the parcours (domain rule A4)."""
    start = date(window.last.year, 9, 1)
    counted = school_weeks(max(profile.parcours_start or start, start), window.last)
    return PlacementWeeks(counted.weeks * 2 // 3, counted.weeks, counted.known)


def _on_holiday(day: date, holidays: Sequence[tuple[date, date]]) -> bool:
    return any(begin <= day <= end for begin, end in holidays)


@cache
def _holidays() -> tuple[tuple[date, date], ...]:
    text = resources.files("matching").joinpath("data", "holidays.toml").read_text(encoding="utf-8")
    return tuple((entry["first"], entry["last"]) for entry in tomllib.loads(text)["holidays"])
