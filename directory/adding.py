"""A listing that a curator adds: a record of a source of its own, merged with what others publish of the same thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from directory.curation_form import Typed, one, parse_topic
from directory.errors import InvalidValue
from directory.field_labels import field_label
from directory.geocoding.gazetteer import Gazetteer
from directory.identifiers import parse_siret
from directory.models.changes import ADDED
from directory.models.curation import Topic
from directory.models.record import ListingRecord, SourcedRecord
from directory.vocabulary import Kind, categories

ADDABLE = (Kind.COMPANY, Kind.PARTNER, Kind.EVENT)
"""What a curator adds; schemes are national, and loaded."""
TO_CONFIRM = "À confirmer : dates reprises de l’édition précédente."
"""What stands in the conditions of an edition that was renewed, until someone confirms it."""
_BLANK_PLACE = dict.fromkeys(("code_postal", "code_commune", "code_departement", "latitude", "longitude", "precision"))


def parse_addition(kind: Kind, typed: Typed, nonce: str, gazetteer: Gazetteer) -> SourcedRecord:
    """The record that a form states.

    Args:
        kind: One of ``ADDABLE``.
        typed: The form: ``nom``, ``categorie``, ``siret``, ``presentation``, ``conditions``, ``metiers``, ``propose``, and the
            fields of the topics of place, contacts and dates.
        nonce: The form's own: sent twice, it adds once.
        gazetteer: Knows the communes.

    Raises:
        InvalidValue: Something typed cannot be understood; its ``public`` says what.
    """
    category = "entreprise" if kind is Kind.COMPANY else one(typed, "categorie")
    if category not in categories() or kind not in categories()[category].kinds:
        raise InvalidValue("categorie", category[:80], "unknown", public="Choisissez ce que c’est dans la liste.")
    siret = parse_siret(one(typed, "siret")) if kind is Kind.COMPANY and one(typed, "siret") else None
    values: dict[str, Any] = {"kind": kind, "category": category, "siret": siret}
    name = {"valeur": [one(typed, "nom")]}
    values |= parse_topic(Topic.NAME, name, {}, gazetteer)
    values |= parse_topic(Topic.DESCRIPTION, {"valeur": [one(typed, "presentation")]}, {}, gazetteer)
    values |= parse_topic(Topic.CONDITIONS, {"valeur": [one(typed, "conditions")]}, {}, gazetteer)
    values |= parse_topic(Topic.PLACE, typed, {"address": "", **_BLANK_PLACE}, gazetteer)
    values |= parse_topic(Topic.CONTACTS, typed, {}, gazetteer)
    if kind is Kind.COMPANY:
        values |= parse_topic(Topic.OFFER, {"valeur": list(typed.get("propose", []))}, {}, gazetteer)
        values |= parse_topic(Topic.OCCUPATIONS, {"valeur": [one(typed, "metiers")]}, {}, gazetteer)
    if kind is Kind.EVENT:
        values |= parse_topic(Topic.DATES, typed, {}, gazetteer)
    try:
        record = ListingRecord.model_validate(values)
    except ValidationError as error:
        raise InvalidValue("", "…", "cannot be read", public="Ce qui est écrit ne forme pas une fiche.") from error
    return SourcedRecord(
        source=ADDED,
        record_id=nonce,
        record=record,
        identities=(company_identity(siret),) if siret else (),
        raw=_as_typed(values),
        origins={field: (field_label(field),) for field in ("name", "address", "description", "siret") if values.get(field)},
    )


def company_identity(siret: str) -> str:
    """The key by which every source names the company of a SIRET."""
    return f"company:siret:{siret}"


def _as_typed(values: Mapping[str, Any]) -> dict[str, str]:
    return {field_label(field): str(values[field]) for field in ("name", "address", "description", "siret") if values.get(field)}
