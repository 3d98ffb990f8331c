"""A listing's record as facts that people read: a label, the values in French, and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.field_labels import field_label
from directory.models.published import FactOrigin, PublishedListing
from directory.models.record import Contact, Coverage, ListingRecord, Occurrence
from directory.vocabulary import (
    FRAIS,
    MOBILISABLE_PAR,
    MODES_ACCUEIL,
    MODES_MOBILISATION,
    PATHWAY_LABELS,
    PUBLICS,
    SERVICE_TYPES,
    THEMATIQUES,
    EventState,
    Precision,
    networks,
)
from web.wording import category_label, day, kind_label, moment, occupation_label, opening_hours, phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One published fact. ``values`` are French sentences or words; ``origin`` is None when no source row is kept for it."""

    field: str
    label: str
    values: tuple[str, ...]
    origin: FactOrigin | None


_STATES = {
    EventState.OPEN: "Ouvert",
    EventState.FULL: "Complet",
    EventState.POSTPONED: "Reporté",
    EventState.CANCELLED: "Annulé",
}
_PRECISIONS = {
    Precision.POINT: "point relevé sur place",
    Precision.ADDRESS: "à l’adresse",
    Precision.STREET: "dans la rue",
    Precision.COMMUNE: "au centre de la commune",
    Precision.NAME: "d’après la commune lue dans le nom",
    Precision.DEPARTEMENT: "département seul",
}
_MANY = 12


def _plain(value: Any) -> str:
    return str(value)


def _of(labels: Any) -> Callable[[Any], str]:
    return lambda code: str(labels.get(code, code))


def _hours(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _years(value: int) -> str:
    return f"{value} ans"


def _occurrence(value: Occurrence) -> str:
    return moment(value.start, value.end)


def _day(value: date) -> str:
    return day(value)


def _contact(value: Contact) -> str:
    return ", ".join(part for part in (value.label, value.name, phone(value.phone), value.email, value.url) if part)


_SHOWN: dict[str, Callable[[Any], str]] = {
    "kind": kind_label,
    "category": category_label,
    "name": _plain,
    "description": _plain,
    "address": _plain,
    "code_postal": _plain,
    "code_commune": _plain,
    "code_departement": _plain,
    "precision": _of(_PRECISIONS),
    "coverage": _plain,
    "bassin_label": _plain,
    "publics": _of(PUBLICS),
    "age_min": _years,
    "age_max": _years,
    "conditions": _plain,
    "contacts": _contact,
    "modes_mobilisation": _of(MODES_MOBILISATION),
    "mobilisable_par": _of(MOBILISABLE_PAR),
    "mobilisation_details": _plain,
    "opening_hours": opening_hours,
    "hours_per_week": _hours,
    "weeks": _plain,
    "thematiques": _of(THEMATIQUES),
    "types": _of(SERVICE_TYPES),
    "frais": _of(FRAIS),
    "frais_details": _plain,
    "modes_accueil": _of(MODES_ACCUEIL),
    "networks": lambda code: str(networks().get(code, code)),
    "pathways": _of(PATHWAY_LABELS),
    "occupations": occupation_label,
    "places": _plain,
    "siret": _plain,
    "uai": _plain,
    "naf": _plain,
    "employees_min": _plain,
    "employees_max": _plain,
    "occurrences": _occurrence,
    "event_state": _of(_STATES),
    "registration_url": _plain,
    "checked_at": _day,
    "checked_by": _plain,
    "updated_at": _day,
    "valid_from": _day,
    "valid_until": _day,
    "source_url": _plain,
}


def list_facts(
    listing: PublishedListing, origins: dict[str, FactOrigin], territory: Callable[[Coverage], str]
) -> tuple[Fact, ...]:
    """The facts that a listing holds, in the order of the record; empty fields are left out.

    Args:
        listing: As the asker may see it.
        origins: Field → where it comes from.
        territory: Names a territory served.
    """
    facts = []
    for field, write in ({**_SHOWN, "coverage": territory}).items():
        values = _values(listing.record, field)
        if values:
            written = tuple(write(value) for value in values[:_MANY])
            if len(values) > _MANY:
                written = (*written, f"… et {len(values) - _MANY} autres")
            facts.append(Fact(field=field, label=field_label(field), values=written, origin=origins.get(field)))
    return tuple(facts)


def write_plain(field: str, value: Any, territory: Callable[[Coverage], str]) -> tuple[str, ...]:
    """The plain JSON value of a field, as statements and the life of a listing keep it, in French; nothing when it is empty."""
    parse = _PARSED.get(field)
    write = territory if field == "coverage" else _SHOWN.get(field, _day if field == "closed_at" else _plain)
    if isinstance(value, list):
        return tuple(write(parse(each) if parse else each) for each in value)
    return () if value in (None, "") else (write(parse(value) if parse else value),)


_PARSED: dict[str, Callable[[Any], Any]] = {
    "contacts": lambda value: Contact.model_construct(**value),
    "occurrences": lambda value: Occurrence(**value),
    "coverage": lambda value: Coverage(scope=value[0], code=value[1]),
    **dict.fromkeys(("checked_at", "updated_at", "valid_from", "valid_until"), date.fromisoformat),
    "closed_at": lambda value: datetime.fromisoformat(value).date(),
    "closed": lambda value: "fermée" if value else "ouverte",
}


def _values(record: ListingRecord, field: str) -> tuple[Any, ...]:
    value = getattr(record, field)
    if field == "event_state" and not record.occurrences:
        return ()
    if isinstance(value, tuple):
        return value
    return () if value in (None, "") else (value,)
