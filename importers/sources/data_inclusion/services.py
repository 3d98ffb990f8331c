"""A service of data·inclusion as a listing of its structure."""

from __future__ import annotations

from typing import Any

from directory.data_inclusion import IDENTITY
from directory.models.record import Contact
from directory.text import fold
from directory.vocabulary import (
    FRAIS,
    MOBILISABLE_PAR,
    MODES_ACCUEIL,
    MODES_MOBILISATION,
    PUBLICS,
    SERVICE_TYPES,
    THEMATIQUES,
    Kind,
    Pathway,
    Visibility,
)
from importers.sources.data_inclusion.item import Item
from importers.sources.data_inclusion.places import Territories

_PATHWAYS = {
    "accompagnement": (Pathway.SUPPORT,),
    "atelier": (Pathway.WORKSHOP,),
    "formation": (Pathway.TRAINING,),
}
_ALL = ("tous-publics",)


def read_service(item: Item, territories: Territories) -> dict[str, Any]:
    """The fields of the record of a service."""
    kind = item.choice("type", SERVICE_TYPES, "types de service")
    return {
        "kind": Kind.PARTNER,
        "category": "service",
        "name": item.text("nom"),
        "description": item.lines("description", 20_000),
        **territories.place(item),
        "coverage": territories.coverage(item),
        "publics": _publics(item),
        "conditions": _conditions(item),
        "contacts": _contacts(item),
        "modes_mobilisation": item.choices("modes_mobilisation", MODES_MOBILISATION, "modes de mobilisation"),
        "mobilisable_par": item.choices("mobilisable_par", MOBILISABLE_PAR, "personnes mobilisatrices"),
        "mobilisation_details": item.lines("mobilisation_precisions", 2000),
        "registration_url": item.url("lien_mobilisation"),
        "opening_hours": item.text("horaires_accueil"),
        "structure": f"{IDENTITY}{item.text('structure_id')}",
        "thematiques": item.choices("thematiques", THEMATIQUES, "thématiques"),
        "types": (kind,) if kind else (),
        "frais": item.choice("frais", FRAIS, "frais"),
        "frais_details": item.lines("frais_precisions", 1000),
        "modes_accueil": item.choices("modes_accueil", MODES_ACCUEIL, "modes d’accueil"),
        "pathways": _PATHWAYS.get(kind or "", ()),
        "hours_per_week": item.number("volume_horaire_hebdomadaire"),
        "weeks": _weeks(item),
        "updated_at": item.day("date_maj"),
        "source_url": item.url("lien_source"),
    }


def _publics(item: Item) -> tuple[str, ...]:
    publics = item.choices("publics", PUBLICS, "publics")
    if len(publics) > 1 and "tous-publics" in publics:
        item.doubt("publics", ", ".join(publics), "« tous-publics » avec d’autres publics : tous sont admis.")
        return _ALL
    return publics


def _conditions(item: Item) -> str:
    parts = (item.lines("publics_precisions", 2000), item.lines("conditions_acces", 2000))
    return "\n".join(filter(None, dict.fromkeys(parts)))[:2000]


def _contacts(item: Item) -> tuple[Contact, ...]:
    """The service's own phone and mail; with a person's name beside them, a mail that holds the name is that person's."""
    phones, email = item.phones("telephone"), item.email("courriel")
    person = item.text("contact_nom_prenom")[:200]
    if not person:
        return item.reach(phones, email)
    own = bool(set(fold(person).split()) & set(fold(email.partition("@")[0]).split()))
    named = Contact(label="Contact", name=person, email=email if own else "", visibility=Visibility.BASSIN)
    return (*item.reach(phones, "" if own else email), named)


def _weeks(item: Item) -> int | None:
    weeks = item.number("nombre_semaines")
    if weeks is None:
        return None
    if weeks != int(weeks):
        item.doubt("nombre_semaines", item.raw["nombre_semaines"], "Ce n’est pas un nombre entier de semaines.")
        return None
    return int(weeks)
