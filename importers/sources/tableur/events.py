"""The dates of an event in a table: a day, or several, and hours."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from directory.errors import InvalidValue
from directory.models.record import Occurrence
from importers.row import Row
from importers.run import Run
from importers.values import parse_french_date, parse_url, tidy

_PARIS = ZoneInfo("Europe/Paris")
_HOUR = r"([01]?\d|2[0-4])\s*(?:h|:|heures?)\s*([0-5]\d)?"
_HOURS = re.compile(rf"{_HOUR}(?:\s*(?:-|–|—|à|a|/|au)\s*{_HOUR})?", re.IGNORECASE)
_MOST_DAYS = 100


def read_event(run: Run, row: Row, record_id: str) -> dict[str, Any]:
    """The dates and the registration of an event as record fields, from the columns ``date``, ``heures``, ``inscription``.

    Days stand one a line or between semicolons; without hours an event lasts the whole day. Hours are those of Paris.
    """
    hours = run.read_value(row, "heures", parse_hours, None, to="occurrences", record_id=record_id)
    none: tuple[date, ...] = ()
    days = run.read_value(row, "date", _days, none, to="occurrences", record_id=record_id)
    url = run.read_value(row, "inscription", parse_url, "", to="registration_url", record_id=record_id)
    return {"occurrences": tuple(_occurrence(day, hours) for day in days), "registration_url": url}


def parse_hours(text: str) -> tuple[time, time | None] | None:
    """Beginning and end (« 9h-12h30 », « 14:00 à 17:00 », « à partir de 9 h »); None for an empty cell.

    Raises:
        InvalidValue: There is a text, and no hour in it.
    """
    if not tidy(text):
        return None
    match = _HOURS.search(tidy(text))
    if match is None:
        raise InvalidValue("heures", text, "no hours", public=f"« {tidy(text)[:80]} » : heures non comprises (ex. « 9h-12h »).")
    first, minutes, last, last_minutes = match.groups()
    start = time(int(first) % 24, int(minutes or 0))
    return start, time(int(last) % 24, int(last_minutes or 0)) if last else None


def _days(text: str) -> tuple[date, ...]:
    days = (parse_french_date(part) for part in re.split(r"[;\n|]", text)[:_MOST_DAYS])
    return tuple(dict.fromkeys(day for day in days if day is not None))


def _occurrence(day: date, hours: tuple[time, time | None] | None) -> Occurrence:
    if hours is None:
        start = datetime.combine(day, time(), _PARIS)
        return Occurrence(start=start, end=datetime.combine(day + timedelta(days=1), time(), _PARIS))
    start = datetime.combine(day, hours[0], _PARIS)
    end = datetime.combine(day, hours[1], _PARIS) if hours[1] is not None else start
    return Occurrence(start=start, end=end if end >= start else end + timedelta(days=1))
