"""Days as French files write them; a weekday that contradicts its date is told, never corrected."""

from __future__ import annotations

import re
from datetime import date

from directory.errors import InvalidValue
from importers.values.text import tidy, unaccented

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "jan"), ("fevrier", "fevr", "fev"), ("mars",), ("avril", "avr"), ("mai",), ("juin",),
            ("juillet", "juil"), ("aout",), ("septembre", "sept", "sep"), ("octobre", "oct"), ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
EARLIEST, LATEST = 1900, 2100
_ISO = re.compile(r"(?<![\d/])(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?!\d)")
_BASIC = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"(?<![\d/.])(\d{1,2})\s?([/.\-])\s?(\d{1,2})\s?[/.\-]\s?(\d{4}|\d{2})(?!\d)")
_WORDS = re.compile(r"\b(\d{1,2})(?:er)?[\s\-]+([a-z]{3,9})\.?[\s\-]+(\d{4}|\d{2})\b(?!\s*[h:])")
_WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})\b")


def parse_french_date(text: str) -> date | None:
    """The first day named in a text: ISO, « 05/04/2025 », « Le samedi 5 avril 2025 », « 1er sept. 2026 »; None when empty.

    Raises:
        InvalidValue: No date, or an impossible one, or a year outside 1900 to 2100, or a weekday that is not the date's.
    """
    cell = tidy(text)
    if not cell:
        return None
    plain = unaccented(cell)[:500]
    parts = _parts(plain)
    try:
        day = date(*parts) if parts else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day.year <= LATEST:
        raise InvalidValue("date", text, "not a date", public=f"« {cell[:80]} » n’est pas une date possible.")
    weekday = _WEEKDAY.search(plain)
    if weekday and weekday.group(1) != WEEKDAYS[day.weekday()]:
        message = f"« {cell[:80]} » : le {day:%d/%m/%Y} est un {WEEKDAYS[day.weekday()]}."
        raise InvalidValue("date", text, "another weekday", public=message)
    return day


def full_year(digits: str) -> int:
    """A year of two digits is of this century."""
    return int(digits) + 2000 if len(digits) == 2 else int(digits)


def _parts(plain: str) -> tuple[int, int, int] | None:
    if match := _ISO.search(plain):
        return int(match.group(1)), int(match.group(3)), int(match.group(4))
    if match := _BASIC.match(plain):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    if match := _NUMERIC.search(plain):
        return full_year(match.group(4)), int(match.group(3)), int(match.group(1))
    match = _WORDS.search(plain)
    if match and match.group(2) in MONTHS:
        return full_year(match.group(3)), MONTHS[match.group(2)], int(match.group(1))
    return None
