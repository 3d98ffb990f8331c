"""A listing as programs read it: JSON-LD (schema.org) for those that index pages, iCalendar for agendas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar, Event

from directory.models.published import PublishedListing
from directory.models.record import ListingRecord, Occurrence
from directory.vocabulary import EventState, Kind

_TYPES = {Kind.PARTNER: "Organization", Kind.SCHEME: "Service", Kind.COMPANY: "Organization", Kind.EVENT: "Event"}
_STATES = {
    EventState.OPEN: "https://schema.org/EventScheduled",
    EventState.FULL: "https://schema.org/EventScheduled",
    EventState.POSTPONED: "https://schema.org/EventRescheduled",
    EventState.CANCELLED: "https://schema.org/EventCancelled",
}
_STATUSES = {EventState.CANCELLED: "CANCELLED", EventState.POSTPONED: "TENTATIVE"}
_PLAIN_HOURS = re.compile(r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)[-,]?)+ (?:\d{2}:\d{2}-\d{2}:\d{2},?)+")


def json_ld(listing: PublishedListing, address: str, town: str, dates: Iterable[Occurrence]) -> dict[str, Any]:
    """The listing as schema.org describes things. Only what its page shows: contacts above the public's view are not in it.

    Args:
        listing: As the public may see it.
        address: Of its page.
        town: The commune's name.
        dates: Of an event, those to come.
    """
    record = listing.record
    place = _place(record, town)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES[record.kind],
        "@id": address,
        "name": record.name,
        "description": record.description[:500],
    }
    phones, emails, urls = ([value for value in values if value] for values in zip(*_ways(record), strict=True))
    if record.kind is Kind.EVENT:
        data |= {"eventStatus": _STATES[record.event_state], "location": place, "url": record.registration_url}
        sittings = list(dates)
        if sittings:
            data |= {"startDate": sittings[0].start.isoformat(), "endDate": sittings[0].end.isoformat()}
    elif record.kind is Kind.SCHEME:
        data |= {"url": next(iter(urls), ""), "serviceType": record.category}
    else:
        data |= {"telephone": phones, "email": emails, "url": urls, "address": place.get("address")}
        data |= {
            "openingHours": [rule.strip() for rule in record.opening_hours.split(";") if _PLAIN_HOURS.fullmatch(rule.strip())]
        }
        data |= {"location": place if "geo" in place else None}
    return {name: value for name, value in data.items() if value}


def _ways(record: ListingRecord) -> list[tuple[str, str, str]]:
    return [(contact.phone, contact.email, contact.url) for contact in record.contacts] or [("", "", "")]


def _place(record: ListingRecord, town: str) -> dict[str, Any]:
    address = {"streetAddress": record.address, "postalCode": record.code_postal, "addressLocality": town}
    known = {name: value for name, value in address.items() if value}
    place: dict[str, Any] = {"@type": "Place"}
    if known:
        place["address"] = {"@type": "PostalAddress", **known, "addressCountry": "FR"}
    if record.latitude is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": record.latitude, "longitude": record.longitude}
    return place


def calendar_file(
    listings: Iterable[PublishedListing],
    address: Callable[[PublishedListing], str],
    town: Callable[[PublishedListing], str],
    now: datetime,
) -> bytes:
    """The sittings of events, past ones too, as an iCalendar file.

    Args:
        listings: The events, as the asker may see them.
        address: Of a listing's page.
        town: The name of a listing's commune.
        now: When the file is made.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Relais//Annuaire//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for listing in listings:
        for sitting in listing.record.occurrences:
            event = event_of(listing, sitting, address(listing), town(listing))
            event.add("dtstamp", now.astimezone(UTC))
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def title_of(record: ListingRecord) -> str:
    """The name of a listing where nothing else tells that it is invented."""
    return f"[Démonstration] {record.name}" if record.demonstration else record.name


def event_of(listing: PublishedListing, sitting: Occurrence, address: str, town: str) -> Event:
    """A sitting as calendars write it, in UTC, without the moment when it is told (``dtstamp``).

    Args:
        listing: The event.
        sitting: One of its dates.
        address: Of the listing's page.
        town: The name of its commune.
    """
    record, event = listing.record, Event()
    event.add("uid", f"{listing.id}@{sitting.start.astimezone(UTC):%Y%m%dT%H%M}.relais")
    event.add("dtstart", sitting.start.astimezone(UTC))
    event.add("dtend", sitting.end.astimezone(UTC))
    event.add("summary", title_of(record))
    if where := ", ".join(filter(None, (record.address, f"{record.code_postal} {town}".strip()))):
        event.add("location", where)
    event.add("description", "\n".join(filter(None, (record.description[:1000], record.registration_url, address))))
    event.add("url", address)
    event.add("last-modified", listing.last_changed.astimezone(UTC))
    event.add("status", _STATUSES.get(record.event_state, "CONFIRMED"))
    return event
