"""What helps to add a listing: companies that bear a name already, and what a pasted e-mail fills in of the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from directory.curation_form import write_topic
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.types import Place
from directory.message import MessageReading
from directory.models.curation import Topic
from directory.models.published import PublishedListing
from directory.search.types import Near, SearchQuery
from directory.services import Services
from directory.vocabulary import EventState, Kind

REGISTER = "entreprises"
"""The source of the companies that are loaded from Sirene or from the company-search API."""
_MOST, _RADIUS_KM = 10, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the directory holds of a name.

    Attributes:
        listings: Companies that bear it, the nearest to it first.
        loaded: Whether a register of companies was ever imported.
    """

    listings: tuple[PublishedListing, ...]
    loaded: bool


def find_known(core: Services, name: str, town: str, departement: str) -> Known:
    """The companies that bear a name: around a commune where one is told, else in a département, else anywhere."""
    code = core.gazetteer.find_commune(town) if town else None
    place = core.gazetteer.get_commune(code) if code else None
    within = {"departement": (departement,)} if departement and place is None else {}
    query = SearchQuery(text=name, kinds=(Kind.COMPANY,), near=_around(place), filters=within, with_facets=False, limit=_MOST)
    hits = core.index.search(query).hits
    found = core.repository.list_listings([hit.id for hit in hits])
    return Known(listings=tuple(found), loaded=bool(core.repository.list_runs(REGISTER, 1)))


def _around(place: Place | None) -> Near | None:
    if place is None or place.latitude is None:
        return None
    return Near(latitude=place.latitude, longitude=place.longitude, territories=place.territories, radius_km=_RADIUS_KM)


def form_of(reading: MessageReading, kind: Kind, gazetteer: Gazetteer) -> dict[str, list[str]]:
    """The form of adding, filled in with what a message proposes."""
    place = {"address": reading.address, "code_postal": reading.code_postal, "code_commune": reading.code_commune}
    contacts = {"contacts": [contact.model_dump(mode="json") for contact in reading.contacts]}
    typed = {"nom": [reading.name]}
    typed |= write_topic(Topic.PLACE, place, gazetteer) | write_topic(Topic.CONTACTS, contacts, gazetteer)
    if kind is Kind.EVENT:
        sittings = [each.model_dump(mode="json") for each in reading.occurrences]
        typed |= write_topic(Topic.DATES, {"occurrences": sittings, "event_state": EventState.OPEN}, gazetteer)
        typed |= {"categorie": [reading.category]}
        typed |= {"conditions": [f"À confirmer : {reading.to_confirm}."]} if reading.to_confirm else {}
    return typed


def told_of(reading: MessageReading, kind: Kind, gazetteer: Gazetteer) -> Iterator[str]:
    """What was read, and what was left out; French."""
    if kind is Kind.EVENT:
        days = reading.occurrences
        timed = all(each.end - each.start < timedelta(hours=23) for each in days)
        yield f"{len(days)} date{_s(days)}{'' if timed else ', sans heure'}." if days else "Aucune date n’est lisible."
        if reading.to_confirm:
            yield f"Dates à confirmer : {reading.to_confirm}."
    town = gazetteer.commune_name(reading.code_commune) if reading.code_commune else ""
    yield f"Lieu : {town}." if town else "Aucune commune n’est certaine."
    people = reading.contacts
    yield f"{len(people)} contact{_s(people)}." if people else "Aucun contact n’est lisible."
    yield from reading.doubts[:5]


def _s(many: Any) -> str:
    return "s" if len(many) > 1 else ""
