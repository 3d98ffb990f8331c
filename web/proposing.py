"""What helps to add a listing: companies known here or by the register, and what a pasted e-mail fills in of the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from directory.adding import company_identity
from directory.company_register import REGISTER, SHORTEST_NAME, RegisterAnswer, RegisterUnavailable
from directory.curation_form import write_topic
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.types import Place
from directory.identifiers import parse_siret
from directory.message import MessageReading
from directory.models.curation import Topic
from directory.models.published import PublishedListing
from directory.models.record import ListingRecord
from directory.search.types import Near, SearchQuery
from directory.services import Services
from directory.text import fold
from directory.vocabulary import EventState, Kind, Visibility

_MOST, _RADIUS_KM = 10, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the directory holds of a name.

    Attributes:
        listings: Companies that bear it, the nearest to it first.
        loaded: Whether a register of companies was ever imported, or is asked.
    """

    listings: tuple[PublishedListing, ...]
    loaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the register holds of a name or of a number.

    Attributes:
        found: Its establishments, those of the commune or département asked first; with the listing that is here already, if any.
        left_out: How many are closed, or not to be diffused.
        error: Why it gave none, French.
    """

    found: tuple[tuple[ListingRecord, str | None], ...] = ()
    left_out: int = 0
    error: str = ""


def find_known(core: Services, name: str, town: str, departement: str) -> Known:
    """The companies that bear a name: around a commune where one is told, else in a département, else anywhere."""
    code = core.gazetteer.find_commune(town) if town else None
    place = core.gazetteer.get_commune(code) if code else None
    within = {"departement": (departement,)} if departement and place is None else {}
    query = SearchQuery(text=name, kinds=(Kind.COMPANY,), near=_around(place), filters=within, with_facets=False, limit=_MOST)
    hits = core.index.search(query).hits
    found = core.repository.list_listings([hit.id for hit in hits])
    return Known(listings=tuple(found), loaded=core.register is not None or bool(core.repository.list_runs(REGISTER, 1)))


def ask_register(
    core: Services, viewer: Visibility, *, name: str = "", town: str = "", departement: str = "", siret: str = ""
) -> Registered | None:
    """What the register says of a number, else of a name in a commune or a département; None where none is asked."""
    if core.register is None:
        return None
    if not siret and len(fold(name).replace(" ", "")) < SHORTEST_NAME:
        return Registered(error=f"Écrivez {SHORTEST_NAME} lettres au moins pour chercher au répertoire.")
    code = (core.gazetteer.find_commune(town) if town else None) or ""
    try:
        if siret:
            one = core.register.find(parse_siret(siret))
            answer = RegisterAnswer(records=(one,) if one else ())
        else:
            answer = core.register.search(name, code_commune=code, departement="" if code else departement)
    except RegisterUnavailable as error:
        return Registered(error=error.public)
    records = [each.record for each in answer.records]
    # the head office of a company comes with its establishments, wherever it is
    records.sort(key=lambda each: bool(code) and each.code_commune != code)
    here = [core.repository.curation.find_listing(company_identity(each.siret or ""), viewer) for each in records[:_MOST]]
    return Registered(found=tuple(zip(records, here, strict=False)), left_out=answer.left_out)


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
