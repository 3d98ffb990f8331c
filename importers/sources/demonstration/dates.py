"""Days told relative to the school year or to today, so that the demonstration never goes stale."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.errors import InvalidValue
from directory.models.record import Occurrence

_PARIS = ZoneInfo("Europe/Paris")
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_RENTREE = re.compile(r"rentree([+-]\d{1,3})?")
_NEXT = re.compile(rf"prochain ({'|'.join(_WEEKDAYS)})(?:\+(\d{{1,3}}))?")
_NTH = re.compile(rf"(1er|[2-4]e|dernier) ({'|'.join(_WEEKDAYS)}) d(?:e |’)({'|'.join(_MONTHS)})")
_HOURS = re.compile(r"(.+) (\d{2}:\d{2})-(\d{2}:\d{2})")
_PUBLIC_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})


def school_year(today: date) -> int:
    """Year in which the school year starts on 1 September: the one under way, or in July and August the one to come."""
    return today.year if today.month >= 7 else today.year - 1


def parse_day(text: str, today: date) -> date:
    """A day told in words.

    Args:
        text: ``rentree+35`` (days after 1 September), ``2e mardi d’octobre``, ``dernier samedi de janvier`` (in the school year),
            ``prochain jeudi+7`` (strictly after today, then days), ``hier``.
        today: The day from which it is told.

    Raises:
        InvalidValue: None of these forms.
    """
    if match := _RENTREE.fullmatch(text):
        return date(school_year(today), 9, 1) + timedelta(days=int(match[1] or 0))
    if match := _NEXT.fullmatch(text):
        ahead = (_WEEKDAYS.index(match[1]) - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead + int(match[2] or 0))
    if match := _NTH.fullmatch(text):
        return _nth_weekday(match[1], _WEEKDAYS.index(match[2]), _MONTHS.index(match[3]) + 1, today)
    if text == "hier":
        return today - timedelta(days=1)
    raise InvalidValue("dates", text, "not a relative day", public=f"« {text[:80]} » n’est pas une date relative comprise.")


def parse_sittings(text: str, today: date) -> tuple[Occurrence, ...]:
    """The sittings of an event: days in words with their hours, separated by ``|`` (``hier 10:00-12:00 | …``).

    A sitting that falls on a public holiday is a week later. Hours are those of Paris.

    Raises:
        InvalidValue: A day, or hours, that are not understood.
    """
    return tuple(_sitting(part.strip(), today) for part in text.split("|"))


def _sitting(text: str, today: date) -> Occurrence:
    match = _HOURS.fullmatch(text)
    if match is None:
        raise InvalidValue("dates", text, "no hours", public=f"« {text[:80]} » : il manque les heures (09:00-12:00).")
    day = _working_day(parse_day(match[1], today))
    start, end = (datetime.combine(day, time.fromisoformat(match[rank]), tzinfo=_PARIS) for rank in (2, 3))
    return Occurrence(start=start, end=end)


def _nth_weekday(rank: str, weekday: int, month: int, today: date) -> date:
    year = school_year(today) + (month < 9)
    if rank == "dernier":
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (int(rank[0]) - 1))


def _working_day(day: date) -> date:
    return day + timedelta(days=7) if (day.month, day.day) in _PUBLIC_HOLIDAYS else day
