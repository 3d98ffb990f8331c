"""What the page of a listing says in sentences: whether it is open, for what ages, how fresh it is, where to go."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from directory.models.published import FactOrigin
from directory.models.record import ListingRecord, Occurrence
from directory.opening import Opening
from directory.vocabulary import Precision
from web.wording import NBSP, clock_time, day, week_day

STALE = timedelta(days=366)
"""Older than this, what nobody has checked is to be checked first."""
_ON_THE_SPOT = frozenset({Precision.POINT, Precision.ADDRESS, Precision.STREET})


def opening_sentence(opening: Opening) -> str:
    """« Ouvert maintenant, jusqu’à 17 h », « Fermé maintenant : ouvre demain à 9 h »."""
    if opening.holiday:
        return "Jour férié : appeler avant de venir."
    if opening.open is None:
        return "Ouverture à vérifier aujourd’hui."
    if opening.until is None:
        return "Ouvert en permanence." if opening.open else "Fermé, sans date de réouverture connue."
    when = _later(opening.now, opening.until)
    return f"Ouvert maintenant, jusqu’{when}." if opening.open else f"Fermé maintenant : ouvre {when}."


def _later(now: datetime, then: datetime) -> str:
    days = (then.date() - now.date()).days
    time = f"à {clock_time(then)}"
    if days == 0:
        return time
    if days == 1 and (then.hour or then.minute):
        return f"demain {time}"
    return f"{week_day(then.date())} {day(then.date())} {time}"


def ages(record: ListingRecord) -> str:
    """« De 16 à 25 ans », « À partir de 16 ans », « Jusqu’à 25 ans », or nothing."""
    youngest, oldest = record.age_min, record.age_max
    if youngest is not None and oldest is not None:
        return f"{youngest}{NBSP}ans" if youngest == oldest else f"De {youngest} à {oldest}{NBSP}ans"
    if youngest is not None:
        return f"À partir de {youngest}{NBSP}ans"
    return f"Jusqu’à {oldest}{NBSP}ans" if oldest is not None else ""


def directions(record: ListingRecord, town: str) -> str:
    """The address of a page that shows the way there; empty where the place is not known.

    The point serves where it is that of the address; a commune's own point would lead to its town hall.
    """
    if record.latitude is not None and record.precision in _ON_THE_SPOT:
        target = f"{record.latitude},{record.longitude}"
    elif record.address and town:
        target = record.address if town.casefold() in record.address.casefold() else f"{record.address}, {town}"
    else:
        return ""
    return f"https://www.openstreetmap.org/directions?{urlencode({'to': target})}"


def coming(record: ListingRecord, today: date) -> tuple[Occurrence, ...]:
    """The sittings that are not over, the next one first."""
    return tuple(sorted((each for each in record.occurrences if each.end.date() >= today), key=lambda each: each.start))


def last_seen(origins: list[FactOrigin]) -> date | None:
    """The last day on which a source said anything of the listing; None when none is kept."""
    moments = [origin.last_seen for origin in origins]
    return max(moments).date() if moments else None


def is_stale(record: ListingRecord, seen: date | None, today: date) -> bool:
    """Whether nobody checked it, no source changed it, and none was seen to hold it, for a year."""
    known = [when for when in (record.checked_at, record.updated_at, seen) if when]
    return not known or today - max(known) > STALE
