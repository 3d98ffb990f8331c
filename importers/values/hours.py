"""Opening hours of free French to the OpenStreetMap form, judged by OpenStreetMap's own reference implementation."""

from __future__ import annotations

import re

import opening_hours

from directory.errors import InvalidValue
from importers.values.hours_schedule import NotCertain, Schedule
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy_lines, unaccented

_LONGEST = 600
_OSM = re.compile(r"24/7|(?:PH|SH|week|Mo|Tu|We|Th|Fr|Sa|Su)\b|\d\d:\d\d-|\"sur")


def read_hours(text: str) -> Reading[str]:
    """Opening hours in the OpenStreetMap form, normalised (``Mo-Fr 09:00-12:00,14:00-17:30``); empty for an empty cell.

    Understands ranges and lists of days, several ranges of hours, exceptions (« sauf mercredi », « fermé le lundi »), an hour of
    closing of its own (« 17h30 (16h le vendredi) »), the nth weekday of a month, odd and even weeks, school and bank holidays, « sur rendez-vous », and
    the OpenStreetMap form itself. Every word must be understood: a text of which one is not may mean something else.

    Raises:
        InvalidValue: What the text says is not certain.
    """  # noqa: E501
    cell = tidy_lines(text[: _LONGEST + 1])
    if not cell or says_nothing(cell):
        return Reading("")
    if len(cell) <= _LONGEST and _OSM.match(cell) and (normal := _normal(cell)):
        return Reading(normal)
    plain = unaccented(cell).replace("–", "-").replace("—", "-").replace("→", "-")
    if len(cell) > _LONGEST:
        raise _refused(text, cell, "texte trop long")
    try:
        written = Schedule().read(plain)
    except NotCertain as reason:
        raise _refused(text, cell, str(reason)) from None
    normal = _normal(written)
    if not normal:
        raise _refused(text, cell, "forme impossible")
    return Reading(normal)


def valid_hours(text: str) -> bool:
    """Whether a text is opening hours in the OpenStreetMap form."""
    return bool(text) and opening_hours.validate(text)


def _normal(text: str) -> str:
    """The hours in their shortest form; empty when they are none, or say « open » of days without hours."""
    if not opening_hours.validate(text):
        return ""
    if '"' in text:  # a comment by itself would be written « 24/7 », which nobody would read as « by appointment »
        return text
    normal = str(opening_hours.OpeningHours(text).normalize())
    return normal if len(normal) <= 500 and opening_hours.validate(normal) else ""


def _refused(text: str, cell: str, reason: str) -> InvalidValue:
    return InvalidValue(
        "horaires", text, reason, public=f"« {' '.join(cell.split())[:80]} » : horaires non compris avec certitude ({reason})."
    )
