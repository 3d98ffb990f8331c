"""The calendar file of a student's sheet: appointments, fairs and the end of the parcours. It names no need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from directory.vocabulary import Kind
from web.choices import Choices
from web.sheets import Call
from web.wording import PARIS, phone

_UTC = ZoneInfo("UTC")
_MEETING = timedelta(hours=1)


def calendar_of(calls: tuple[Call, ...], choices: Choices, end_of_parcours: date | None, now: datetime) -> bytes:
    """The file, in UTC (a TZID without its definition is refused by some calendars).

    A partner is called by its number on the sheet, never by its name: « CSAPA » in a shared calendar would tell a need.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Relais//fiche//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for event in _events(calls, choices, end_of_parcours):
        event.add("dtstamp", now.astimezone(_UTC))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(calls: tuple[Call, ...], choices: Choices, end_of_parcours: date | None) -> Iterator[Event]:
    for rank, call in enumerate(calls, start=1):
        if meeting := choices.meetings.get(call.match.id):
            whole_day = call.match.id in choices.whole_days
            yield _event(f"Rendez-vous (n° {rank} de ma fiche)", meeting, None if whole_day else meeting + _MEETING, call)
        if call.match.kind is Kind.EVENT:
            for sitting in call.coming:
                yield _event(call.match.name, sitting.start, sitting.end, call)
    if end_of_parcours:
        yield _event("Fin du parcours au lycée", datetime.combine(end_of_parcours, datetime.min.time(), PARIS), None)


def _event(summary: str, start: datetime, end: datetime | None, call: Call | None = None) -> Event:
    """An event; of a whole day without an end."""
    event = Event()
    event.add("uid", f"{uuid5(NAMESPACE_URL, f'{summary} {start.isoformat()}')}@relais")
    event.add("summary", summary)
    event.add("dtstart", start.astimezone(_UTC) if end else start.date())
    if end:
        event.add("dtend", end.astimezone(_UTC))
    if call and call.address:
        event.add("location", call.address)
    called = next((contact.phone for contact in call.contacts if contact.phone), "") if call else ""
    if called:
        event.add("description", phone(called).replace("\u00a0", " "))
    return event
