"""data·inclusion's schema v1 as columns: which a structure and a service have, and what kind of value each holds."""

from __future__ import annotations

import json
from typing import Any

from data_inclusion.schema import v1

STRUCTURE = frozenset(v1.Structure.model_fields)
SERVICE = frozenset(v1.Service.model_fields)
LISTS = frozenset(
    {
        "reseaux_porteurs", "thematiques", "publics", "modes_accueil", "zone_eligibilite", "modes_mobilisation",
        "mobilisable_par",
    }
)  # fmt: skip
DECIMALS = frozenset({"longitude", "latitude", "volume_horaire_hebdomadaire"})
WHOLES = frozenset({"nombre_semaines"})

SOURCE = "data_inclusion"
"""Name of the source that reads it, which keeps each object as it was published."""

IDENTITY = "di:"
"""Begins the identity of a structure (``di:dora--123``), by which its services, and its records elsewhere, name it."""

SERVICE_PREFIX = "service:"
"""Begins the record id of a service: a publisher may give one number to a structure and to a service."""

Object = dict[str, Any]
"""A structure or a service: column → value."""


def read_raw(raw: dict[str, str], columns: frozenset[str]) -> Object:
    """An object from the texts that its record keeps; None where a text is empty, or is not what its column holds."""
    return {column: _value(column, raw.get(column, "")) for column in columns}


def _value(column: str, text: str) -> Any:
    if not text:
        return None
    try:
        if column in LISTS:
            found = json.loads(text)
            return found if isinstance(found, list) else None
        if column in DECIMALS:
            return float(text)
        return int(float(text)) if column in WHOLES else text
    except (ValueError, OverflowError, RecursionError):
        return None
