"""The administration directory's opening hours, in OpenStreetMap's form (``Mo-Th 09:00-12:00,14:00-17:00; Fr 09:00-12:00``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from directory.errors import InvalidValue
from directory.text import fold
from importers.values.hours import valid_hours

_DAYS = {"lundi": "Mo", "mardi": "Tu", "mercredi": "We", "jeudi": "Th", "vendredi": "Fr", "samedi": "Sa", "dimanche": "Su"}


def osm_hours(ranges: Iterable[Mapping[str, Any]]) -> str:
    """The opening hours of ``plage_ouverture``: one entry for each range of days, with up to two ranges of hours.

    Raises:
        InvalidValue: A day or an hour that is none, or what is no opening hours once written.
    """
    text = "; ".join(filter(None, map(_entry, ranges)))
    if text and not valid_hours(text):
        raise InvalidValue("plage_ouverture", text, "not opening hours", public=f"« {text[:80]} » : horaires impossibles.")
    return text


def _entry(entry: Mapping[str, Any]) -> str:
    first, last = _day(entry.get("nom_jour_debut")), _day(entry.get("nom_jour_fin"))
    hours = ",".join(filter(None, (_hours(entry, rank) for rank in (1, 2))))
    days = first if last in {"", first} else f"{first}-{last}"
    return f"{days} {hours}" if days and hours else ""


def _day(name: object) -> str:
    word = fold(str(name or ""))
    if word and word not in _DAYS:
        raise InvalidValue("plage_ouverture", name, "not a day", public=f"« {name} » n’est pas un jour de la semaine.")
    return _DAYS.get(word, "")


def _hours(entry: Mapping[str, Any], rank: int) -> str:
    opens, closes = (_time(entry.get(f"valeur_heure_{edge}_{rank}")) for edge in ("debut", "fin"))
    return f"{opens}-{closes}" if opens and closes and opens < closes else ""


def _time(text: object) -> str:
    if not text:
        return ""
    match = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)(?::\d{2})?", str(text))
    if not match:
        raise InvalidValue("plage_ouverture", text, "not an hour", public=f"« {text} » n’est pas une heure.")
    return f"{match.group(1)}:{match.group(2)}"
