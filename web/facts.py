"""A listing's record as facts that people read: a label, the values in French, and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

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


_SHOWN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "kind": ("Nature", kind_label),
    "category": ("Catégorie", category_label),
    "name": ("Nom", _plain),
    "description": ("Présentation", _plain),
    "address": ("Adresse", _plain),
    "code_postal": ("Code postal", _plain),
    "code_commune": ("Code INSEE de la commune", _plain),
    "code_departement": ("Département", _plain),
    "precision": ("Position sur la carte", _of(_PRECISIONS)),
    "coverage": ("Territoire desservi", _plain),
    "bassin_label": ("Bassin", _plain),
    "publics": ("Publics", _of(PUBLICS)),
    "age_min": ("À partir de", _years),
    "age_max": ("Jusqu’à", _years),
    "conditions": ("Conditions", _plain),
    "contacts": ("Contacts", _contact),
    "modes_mobilisation": ("Pour y aller ou être orienté", _of(MODES_MOBILISATION)),
    "mobilisable_par": ("Qui peut faire la démarche", _of(MOBILISABLE_PAR)),
    "mobilisation_details": ("Précisions sur la démarche", _plain),
    "opening_hours": ("Horaires", opening_hours),
    "hours_per_week": ("Heures par semaine", _hours),
    "weeks": ("Durée en semaines", _plain),
    "thematiques": ("Thématiques", _of(THEMATIQUES)),
    "types": ("Services", _of(SERVICE_TYPES)),
    "frais": ("Frais", _of(FRAIS)),
    "frais_details": ("Précisions sur les frais", _plain),
    "modes_accueil": ("Accueil", _of(MODES_ACCUEIL)),
    "networks": ("Réseaux", lambda code: str(networks().get(code, code))),
    "pathways": ("Propose", _of(PATHWAY_LABELS)),
    "occupations": ("Métiers", occupation_label),
    "places": ("Places", _plain),
    "siret": ("SIRET", _plain),
    "uai": ("UAI", _plain),
    "naf": ("Code NAF", _plain),
    "employees_min": ("Effectif minimal", _plain),
    "employees_max": ("Effectif maximal", _plain),
    "occurrences": ("Dates", _occurrence),
    "event_state": ("État", _of(_STATES)),
    "registration_url": ("Inscription", _plain),
    "checked_at": ("Vérifié le", _day),
    "checked_by": ("Vérifié par", _plain),
    "updated_at": ("Mis à jour par la source le", _day),
    "valid_from": ("Valable du", _day),
    "valid_until": ("Valable jusqu’au", _day),
    "source_url": ("Page de la source", _plain),
}


def field_label(field: str) -> str:
    """A field's name as it is shown; the field itself when it is never shown."""
    return _SHOWN[field][0] if field in _SHOWN else field


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
    shown = {**_SHOWN, "coverage": ("Territoire desservi", territory)}
    for field, (label, write) in shown.items():
        values = _values(listing.record, field)
        if values:
            written = tuple(write(value) for value in values[:_MANY])
            if len(values) > _MANY:
                written = (*written, f"… et {len(values) - _MANY} autres")
            facts.append(Fact(field=field, label=label, values=written, origin=origins.get(field)))
    return tuple(facts)


def _values(record: ListingRecord, field: str) -> tuple[Any, ...]:
    value = getattr(record, field)
    if field == "event_state" and not record.occurrences:
        return ()
    if isinstance(value, tuple):
        return value
    return () if value in (None, "") else (value,)
