"""From an event to what is published: is it of the field, is it in time, where is it."""

from __future__ import annotations

from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_code_postal
from directory.models.record import Coverage, SourcedRecord
from directory.territory import city_of
from directory.text import fold
from directory.vocabulary import Kind, Scope
from importers.addresses import Address, place_address
from importers.building import build_record
from importers.places import checked_point, departement_of_commune
from importers.row import Row
from importers.run import Run
from importers.sources.calendars.event import FUTURE, Event, within
from importers.sources.calendars.relevance import category_of, judge, pathways_of
from importers.values import tidy

OFF_TOPIC, OVER = ("calendrier", "hors du champ"), ("calendrier", "terminé")
"""What is kept out, in a run's tally."""


def tell_kept_out(run: Run) -> None:
    """Note how many events were kept out, once the files are read."""
    if count := run.tally[OFF_TOPIC]:
        run.note("titre", str(count), f"Événements hors du champ, gardés à part : {count}. Les voir : « relais events aside ».")
    if count := run.tally[OVER]:
        run.note("dates", str(count), f"Événements terminés depuis plus d’un an, non publiés : {count}.")


def publish(run: Run, row: Row, event: Event) -> SourcedRecord | None:
    """The event as a record; None when it is kept out or refused, which is then told."""
    if not _is_of_the_field(run, row, event):
        return None
    sittings = within(event.sittings, run.now)
    if not sittings:
        _tell_out_of_time(run, row, event)
        return None
    category = category_of(event.form, event.title)
    fields: dict[str, Any] = {
        "kind": Kind.EVENT,
        "category": category,
        "name": event.title[:300],
        "description": event.description[:20_000],
        "occurrences": sittings,
        "event_state": event.state,
        "modes_accueil": _modes(event),
        "pathways": pathways_of(category, event.title, event.keywords),
        "occupations": event.occupations,
        "places": event.places,
        "age_min": event.age_min,
        "age_max": event.age_max,
        "registration_url": event.registration_url,
        "source_url": event.source_url,
        "updated_at": event.updated_at,
        "contacts": event.contacts,
        "uai": event.uai,
        "frais": event.frais,
        "frais_details": event.frais_details[:1000],
        "conditions": event.conditions[:2000],
    }
    return build_record(run, row, event.key[:300], fields | _place(run, row, event))


def _is_of_the_field(run: Run, row: Row, event: Event) -> bool:
    if event.admitted or event.key[:300] in run.admitted:
        return True
    relevance = judge(event.title, keywords=event.keywords, description=event.description, organiser=event.organiser)
    if relevance.admitted:
        return True
    run.tally[OFF_TOPIC] += 1
    why = f"{relevance.points} sur {relevance.threshold}" + (f" ; {relevance.explained}" if relevance.found else "")
    message = f"{'Écarté de peu, à regarder' if relevance.borderline else 'Hors du champ'} ({why})."
    run.aside(row, "titre", event.title, message, record_id=event.key[:300])
    return False


def _tell_out_of_time(run: Run, row: Row, event: Event) -> None:
    last = max((sitting.start for sitting in event.sittings), default=None)
    if last is not None and last > run.now + FUTURE:
        run.refuse(
            row, "dates", last.date().isoformat(), "Date à plus de deux ans : une faute de frappe ?", record_id=event.key[:300]
        )
    elif last is None:
        run.refuse(row, "dates", "", "La répétition ne donne aucune date proche.", record_id=event.key[:300])
    else:
        run.drop(row)
        run.tally[OVER] += 1


def _modes(event: Event) -> tuple[str, ...]:
    modes = (("en-presentiel", event.on_site), ("a-distance", event.remote))
    return tuple(mode for mode, held in modes if held)


def _place(run: Run, row: Row, event: Event) -> dict[str, Any]:
    """Place fields: the commune that name and postal code agree on, and a point that lies near it."""
    coverage = (Coverage(scope=Scope.REMOTE),) if event.remote else ()
    if not event.on_site:
        return {"coverage": coverage}
    address = _address(run, event)
    stated = run.geocoder.get_commune(event.code_commune) if event.code_commune else None
    code = address.code_commune
    if stated is not None and not code:
        code = stated.code_commune
    elif stated is not None and not _same_ground(stated.code_commune, code):
        run.doubt(
            row,
            "code INSEE",
            event.code_commune,
            f"Le code INSEE ({stated.label}) contredit « {event.code_postal} {event.commune} », qui est suivi.",
        )
    if not code and (event.commune or event.address):
        where = event.commune or event.address
        run.doubt(row, "lieu", where, f"Commune non reconnue avec certitude : « {tidy(where)[:120]} ».")
    venue = event.venue if fold(event.venue) not in fold(address.street) else ""
    street = ", ".join(part for part in (venue, address.street) if part)
    fields: dict[str, Any] = {
        "address": street[:500],
        "code_postal": event.code_postal if _is_postal(event.code_postal) else address.code_postal or None,
        "code_commune": code or None,
        "code_departement": departement_of_commune(code) if code else None,
        "coverage": coverage,
    }
    return fields | checked_point(run, row, code, (event.latitude, event.longitude), event.key[:300])


def _address(run: Run, event: Event) -> Address:
    text = (
        event.address
        if event.code_postal in event.address or not event.commune
        else f"{event.address}, {event.code_postal} {event.commune}"
    )
    return place_address(text, run.geocoder, commune=event.commune)


def _same_ground(one: str, other: str) -> bool:
    """Whether two communes are the same, an arrondissement being its city's (75056 and 75115)."""
    return (city_of(one) or one) == (city_of(other) or other)


def _is_postal(text: str) -> bool:
    try:
        return bool(text) and parse_code_postal(text) == text
    except InvalidValue:
        return False
