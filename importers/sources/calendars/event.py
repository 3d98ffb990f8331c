"""Event: what every calendar is read to, before it is judged and placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from directory.models.record import Contact, Occurrence
from directory.vocabulary import EventState

PARIS = ZoneInfo("Europe/Paris")
PAST = timedelta(days=366)
"""An event that ended before is not published: last year's is kept, since many are held again."""
FUTURE = timedelta(days=731)
MOST_SITTINGS = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as a calendar states it, its texts cleaned.

    Attributes:
        key: Stable from one publication to the next, and the same whichever form the calendar is read in.
        form: The source's own type (« Atelier »), if it has one.
        sittings: In order of time, each with its time zone; those outside the window are dropped by ``within``.
        code_commune: INSEE code as the source states it, not yet checked against the rest.
        admitted: Whether the source itself holds nothing but events of the field.
    """

    key: str
    title: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    organiser: str = ""
    form: str = ""
    sittings: tuple[Occurrence, ...] = ()
    state: EventState = EventState.OPEN
    venue: str = ""
    address: str = ""
    code_postal: str = ""
    commune: str = ""
    code_commune: str = ""
    latitude: float | None = None
    longitude: float | None = None
    remote: bool = False
    on_site: bool = True
    registration_url: str = ""
    source_url: str = ""
    contacts: tuple[Contact, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    occupations: tuple[str, ...] = ()
    places: int | None = None
    updated_at: date | None = None
    uai: str | None = None
    frais: str | None = None
    frais_details: str = ""
    conditions: str = ""
    admitted: bool = False


def within(sittings: Iterable[Occurrence], now: datetime) -> tuple[Occurrence, ...]:
    """The sittings from one year back to two years ahead, in order; beyond MOST_SITTINGS, those that are not over come first."""
    kept = sorted((s for s in sittings if s.end >= now - PAST and s.start <= now + FUTURE), key=lambda s: s.start)
    if len(kept) > MOST_SITTINGS:
        kept = [s for s in kept if s.end >= now][:MOST_SITTINGS]
    return tuple(kept)


def localised(moment: datetime) -> datetime:
    """A moment with its time zone: a floating one is Paris's, UTC is told in Paris time, a calendar's own zone as its offset."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=PARIS)
    if moment.utcoffset() == timedelta(0) and moment.tzinfo in {UTC, ZoneInfo("UTC")}:
        return moment.astimezone(PARIS)
    return moment if isinstance(moment.tzinfo, ZoneInfo) else moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta(0)))


def whole_days(first: date, after: date) -> Occurrence:
    """All of the days from ``first`` up to, and not including, ``after`` (at least one), in Paris."""
    last = max(after, first + timedelta(days=1))
    return Occurrence(start=datetime(*first.timetuple()[:3], tzinfo=PARIS), end=datetime(*last.timetuple()[:3], tzinfo=PARIS))
