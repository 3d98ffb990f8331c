"""iCalendar (RFC 5545): what an event says, and when it is held, repetitions bounded."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import icalendar
import recurring_ical_events
from icalendar.prop import vBroken

from directory.errors import InvalidValue
from directory.models.prepared import PreparedRecord
from directory.models.record import Occurrence, SourcedRecord
from directory.text import fold
from directory.vocabulary import EventState
from importers.readers import each
from importers.row import Row
from importers.run import Run
from importers.sources.calendars.event import FUTURE, PARIS, PAST, Event, localised, whole_days
from importers.sources.calendars.ical_text import Component, Header, read_components
from importers.sources.calendars.listing import publish
from importers.values import clean_html, parse_french_date, parse_url, tidy

_READ = ("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "GEO", "DTSTART", "DTEND", "DURATION")
"""What is asked of icalendar of a single event; the other properties are read as text, or not at all."""
_PEOPLE = frozenset({"ATTENDEE", "ORGANIZER", "CONTACT", "COMMENT", "REQUEST-STATUS"})
_STATES = {
    "": EventState.OPEN,
    "CONFIRMED": EventState.OPEN,
    "TENTATIVE": EventState.OPEN,
    "CANCELLED": EventState.CANCELLED,
    "POSTPONED": EventState.POSTPONED,
}
_NOBODY = re.compile(r";CUTYPE=(?:ROOM|RESOURCE)\b", re.IGNORECASE)
_REMOTE = re.compile(r"^(?:https?|en (?:ligne|visio\w*)|visio\w*|distanciel|a distance|webinaire|zoom|teams|microsoft teams)\b")
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_MOST_A_DAY = 4
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What icalendar and its rules raise on texts that are not iCalendar."""
_EXPANSION_SECONDS = 20.0
"""All the repetitions of a file: rules that never come true (« 31 February ») cost seconds each."""
_PERSONAL = (
    "Rendez-vous personnel (il nomme des participants, ou il est privé) : il n’est pas publié et son contenu n’est pas gardé."
)


@dataclass(slots=True)
class _Context:
    """What the events of a file share.

    Attributes:
        zones: VTIMEZONE components by TZID.
        spent: Seconds spent on repetitions by this process.
    """

    header: Header = field(default_factory=Header)
    zones: dict[str, Component] = field(default_factory=dict)
    spent: float = 0.0


@dataclass(slots=True)
class _Survey:
    """What a first reading of a file tells.

    Attributes:
        overrides: UID → the events that replace one of its occurrences (RECURRENCE-ID).
        masters: The UIDs of the events that are repeated.
    """

    context: _Context = field(default_factory=_Context)
    overrides: dict[str, list[Component]] = field(default_factory=dict)
    masters: set[str] = field(default_factory=set)


class _Item(NamedTuple):
    component: Component
    overrides: list[Component]


@dataclass(slots=True)
class _ReadEvent:
    context: _Context

    def __call__(self, run: Run, item: _Item) -> SourcedRecord | None:
        row = Row(_raw(item.component), item.component.line)
        event = _read_event(run, row, item, self.context)
        return publish(run, row, event) if event is not None else None


def read_calendar(run: Run, path: Path) -> Iterator[SourcedRecord | PreparedRecord]:
    """The events of a file. The file is read twice: replaced occurrences may stand before what they replace.

    Raises:
        UnreadableFile: See ical_text.
    """
    survey = _survey(path)
    yield from each(run, _events(run, path, survey), _ReadEvent(survey.context), _weigh)


def _events(run: Run, path: Path, survey: _Survey) -> Iterator[_Item]:
    """Each event with those that replace one of its occurrences, which are no events of their own."""
    for component in read_components(path, Header()):
        uid = component.value("UID")
        if component.name == "VEVENT" and not (component.value("RECURRENCE-ID") and uid in survey.masters):
            run.read += 1
            yield _Item(component, survey.overrides.get(uid, []) if uid in survey.masters else [])


def _weigh(item: _Item) -> int:
    return sum(len(line) for component in (item.component, *item.overrides) for line in component.lines)


def _survey(path: Path) -> _Survey:
    survey = _Survey()
    for component in read_components(path, survey.context.header):
        uid = component.value("UID")
        if component.name == "VTIMEZONE":
            survey.context.zones.setdefault(component.value("TZID"), component)
        elif component.value("RECURRENCE-ID"):
            survey.overrides.setdefault(uid, []).append(component)
        elif component.value("RRULE") or component.value("RDATE"):
            survey.masters.add(uid)
    return survey


def _raw(component: Component) -> dict[str, str]:
    """The event as published, header → text, without the people it names."""
    raw: dict[str, str] = {}
    for line in component.lines:
        end = min((position for position in (line.find(":"), line.find(";")) if position >= 0), default=-1)
        name = line[:end].upper()
        if end > 0 and name not in _PEOPLE:
            text = line[end + 1 :]
            raw[name] = f"{raw[name]}\n{text}" if name in raw else text
    return raw


def _read_event(run: Run, row: Row, item: _Item, context: _Context) -> Event | None:
    component = item.component
    if _is_personal(component, context.header):
        row.raw = {"UID": component.value("UID")[:200]}
        run.refuse(row, "ATTENDEE", "", _PERSONAL)
        return None
    parsed = _parse(component, context)
    title = tidy(str(parsed.get("SUMMARY", ""))) if parsed else ""
    if parsed is None or not title or component.too_long:
        run.refuse(row, "SUMMARY", title, "Événement illisible, ou sans titre.")
        return None
    row.take("SUMMARY", to="name")
    sittings = _sittings(run, row, item, parsed, context)
    if sittings is None:
        return None
    latitude, longitude = _point(parsed)
    location = _text(row, parsed, "LOCATION", "address")
    remote = _REMOTE.search(fold(location)) is not None
    return Event(
        key=component.value("UID") or f"ical-{_digest(title, component.value('DTSTART'))}",
        title=title,
        description=clean_html(_text(row, parsed, "DESCRIPTION", "description")),
        keywords=_keywords(row, parsed),
        organiser=context.header.properties.get("X-WR-CALNAME", ""),
        sittings=sittings,
        state=_state(run, row, component, context.header),
        address="" if remote else location,
        remote=remote,
        on_site=not remote,
        latitude=latitude,
        longitude=longitude,
        registration_url=_url(run, row),
        updated_at=_updated(row),
    )


def _is_personal(component: Component, header: Header) -> bool:
    method = header.properties.get("METHOD", "").upper()
    private = component.value("CLASS").upper() in {"PRIVATE", "CONFIDENTIAL"}
    people = [text for text in component.values("ATTENDEE") if not _NOBODY.search(text)]
    return private or bool(people) or method in {"REQUEST", "REPLY", "COUNTER"}


def _parse(component: Component, context: _Context) -> icalendar.Event | None:
    lines = [line for line in component.lines if line[:11].upper().startswith(_READ)]
    calendar = _calendar([replace(component, lines=lines)], context)
    events = calendar.events if calendar is not None else []
    return events[0] if events else None


def _calendar(components: Sequence[Component], context: _Context) -> icalendar.Calendar | None:
    """A calendar of these events alone, with the time zones they name; None when a line of it is not iCalendar."""
    text = "\n".join(line for component in components for line in component.lines)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for name, zone in context.zones.items():
        if name and name in text:
            lines += ["BEGIN:VTIMEZONE", *zone.lines, "END:VTIMEZONE"]
    for component in components:
        lines += ["BEGIN:VEVENT", *component.lines, "END:VEVENT"]
    try:
        return icalendar.Calendar.from_ical("\r\n".join([*lines, "END:VCALENDAR", ""]))
    except _BROKEN:
        return None  # told by the caller: the event is refused


def _sittings(run: Run, row: Row, item: _Item, parsed: icalendar.Event, context: _Context) -> tuple[Occurrence, ...] | None:
    component = item.component
    first = _first_sitting(run, row, parsed)
    if first is None:
        run.refuse(row, "DTSTART", row.raw.get("DTSTART", ""), "Événement sans date de début lisible.")
        return None
    row.find("DTSTART", to="occurrences"), row.find("DTEND", to="occurrences"), row.find("DURATION", to="occurrences")
    if not component.value("RRULE") and not component.value("RDATE"):
        return (first,)
    reason = _unbounded(component.value("RRULE")) or ("" if context.spent < _EXPANSION_SECONDS else "trop coûteuse à dérouler")
    if not reason and first.start.year >= 1990:
        started = time.perf_counter()
        found = _expand(run.now, item, context)
        context.spent += time.perf_counter() - started
        row.find("RRULE", to="occurrences"), row.find("EXDATE", to="occurrences"), row.find("RDATE", to="occurrences")
        if found is not None:
            return found
        reason = "illisible"
    run.doubt(
        row, "RRULE", component.value("RRULE"), f"Répétition {reason or 'trop ancienne'} : seule la première date est gardée."
    )
    return (first,)


def _first_sitting(run: Run, row: Row, parsed: icalendar.Event) -> Occurrence | None:
    start = _moment(parsed, "DTSTART")
    if start is None:
        return None
    zone = str(parsed["DTSTART"].params.get("TZID", "")) if hasattr(parsed["DTSTART"], "params") else ""
    if isinstance(start, datetime) and start.tzinfo is None and zone:
        run.doubt(row, "DTSTART", zone, "Fuseau horaire inconnu : lu comme l’heure de Paris.")
    end = _moment(parsed, "DTEND") or _after(start, parsed.get("DURATION"))
    sitting = _sitting(start, start if end is None else end)
    if sitting is None:
        run.doubt(
            row,
            "DTEND",
            row.raw.get("DTEND") or row.raw.get("DURATION", ""),
            "L’événement finirait avant de commencer : sa fin est laissée de côté.",
        )
        return _sitting(start, start)
    return sitting


def _moment(parsed: icalendar.Event, name: str) -> date | datetime | None:
    value = parsed.get(name)
    moment = None if isinstance(value, vBroken) else getattr(value, "dt", None)
    return moment if isinstance(moment, date) else None  # a datetime is a date


def _after(start: date | datetime, length: object) -> date | datetime | None:
    """The end that a DURATION gives; None without one, or beyond what a calendar holds."""
    duration = None if isinstance(length, vBroken) else getattr(length, "dt", None)
    try:
        return start + duration if isinstance(duration, timedelta) else None
    except OverflowError:
        return None


def _sitting(start: date | datetime, end: date | datetime) -> Occurrence | None:
    """None when the end is before the start, or the two are beyond what a clock can tell."""
    try:
        if not isinstance(start, datetime):
            last = end.date() if isinstance(end, datetime) else end
            return whole_days(start, last) if last >= start else None
        closing = end if isinstance(end, datetime) else datetime(*end.timetuple()[:3], tzinfo=PARIS)
        begins, ends = localised(start), localised(closing)
        return Occurrence(start=begins, end=ends) if ends >= begins else None
    except (ValueError, OverflowError):
        return None


def _unbounded(rule: str) -> str:
    """Why a repetition is not unrolled; empty when it may be."""
    parts = dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)
    if rule and parts.get("FREQ") not in _FREQUENCIES:
        return "à l’heure, à la minute ou à la seconde"
    a_day = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= parts.get(name, "").count(",") + 1
    return "plusieurs fois par heure" if a_day > _MOST_A_DAY else ""


def _expand(now: datetime, item: _Item, context: _Context) -> tuple[Occurrence, ...] | None:
    """Every occurrence of the window, replaced ones at their new time, cancelled ones left out; None when the rule is no rule."""
    calendar = _calendar([item.component, *item.overrides], context)
    if calendar is None:
        return None
    try:
        found = recurring_ical_events.of(calendar).between(now - PAST, now + FUTURE)
    except _BROKEN:
        return None  # told by the caller: the first date alone is kept
    sittings = []
    for event in found:
        start, end = _moment(event, "DTSTART"), _moment(event, "DTEND")
        cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED" and "RECURRENCE-ID" in event and item.overrides
        sitting = _sitting(start, end if end is not None else start) if start is not None and not cancelled else None
        if sitting is not None:
            sittings.append(sitting)
    return tuple(sorted(sittings, key=lambda sitting: sitting.start))


def _state(run: Run, row: Row, component: Component, header: Header) -> EventState:
    status = component.value("STATUS").upper()
    row.find("STATUS", to="event_state")
    if header.properties.get("METHOD", "").upper() == "CANCEL":
        return EventState.CANCELLED
    if status not in _STATES:
        run.doubt(row, "STATUS", status, "État inconnu : l’événement est publié comme maintenu.")
    return _STATES.get(status, EventState.OPEN)


def _text(row: Row, parsed: icalendar.Event, name: str, field_name: str) -> str:
    row.find(name, to=field_name)
    value = parsed.get(name, "")
    return str(value[0] if isinstance(value, list) and value else value)


def _keywords(row: Row, parsed: icalendar.Event) -> tuple[str, ...]:
    row.find("CATEGORIES", to="pathways")
    value = parsed.get("CATEGORIES")
    groups = value if isinstance(value, list) else [value] if value is not None else []
    return tuple(word for group in groups for raw in getattr(group, "cats", ()) if (word := tidy(str(raw))[:100]))[:50]


def _point(parsed: icalendar.Event) -> tuple[float | None, float | None]:
    geo = None if isinstance(parsed.get("GEO"), vBroken) else parsed.get("GEO")
    latitude, longitude = getattr(geo, "latitude", None), getattr(geo, "longitude", None)
    return (latitude, longitude) if latitude is not None and longitude is not None else (None, None)


def _url(run: Run, row: Row) -> str:
    text = (row.find("URL", to="registration_url") or "").rpartition("VALUE=URI:")[2]
    try:
        return parse_url(text)
    except InvalidValue as error:
        run.doubt(row, "URL", text, error.public)
        return ""


def _updated(row: Row) -> date | None:
    """The day of LAST-MODIFIED (« 20261001T080000Z »); DTSTAMP is only when the file was made."""
    stamp = (row.find("LAST-MODIFIED", to="updated_at") or "")[:8]
    try:
        return parse_french_date(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}") if stamp else None
    except InvalidValue:
        return None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
