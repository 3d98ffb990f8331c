"""A published listing as JSON, for programs: what ``docs/api.md`` and the contracts promise. Also as a row of a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from directory.models.published import ListingLink, PublishedListing
from directory.models.record import FIELDS

INSIDE = frozenset({"visibility", "structure", "checked_by"})
"""Fields of a record that do not leave: who may see it, the carrier's key (``carried_by`` says it), and the name of a person."""
OUTSIDE = tuple(field for field in FIELDS if field not in INSIDE)
_DUMPED = set(OUTSIDE)


def listing_to_json(listing: PublishedListing) -> dict[str, Any]:
    """The listing in plain values; its contacts are those that it came with (``Repository`` leaves out what is not for all)."""
    record = listing.record.model_dump(mode="json", include=_DUMPED)
    record["contacts"] = [{name: contact[name] for name in contact if name != "visibility"} for contact in record["contacts"]]
    return {
        "id": listing.id,
        **record,
        "carried_by": link_to_json(listing.carried_by) if listing.carried_by else None,
        "revision": listing.revision,
        "first_seen": listing.first_seen.isoformat(),
        "last_changed": listing.last_changed.isoformat(),
        "closed_at": listing.closed_at.isoformat() if listing.closed_at else None,
        "closed_reason": listing.closed_reason,
    }


def link_to_json(link: ListingLink) -> dict[str, str]:
    """A link to a listing."""
    return {"id": link.id, "name": link.name, "category": link.category}


COLUMNS = (
    "id", "kind", "category", "name", "description", "address", "code_postal", "code_commune", "code_departement", "latitude",
    "longitude", "phone", "email", "url", "thematiques", "publics", "age_min", "age_max", "frais", "modes_accueil", "networks",
    "pathways", "occupations", "places", "siret", "uai", "naf", "start", "end", "event_state", "registration_url",
    "opening_hours", "updated_at", "source_url", "demonstration", "last_changed",
)  # fmt: skip
"""Columns of a table of listings."""


def listing_to_row(listing: PublishedListing) -> list[str]:
    """The texts of ``COLUMNS``; lists are joined by « | », an event shows its first sitting, a contact its first of each."""
    form = listing_to_json(listing)
    for name in ("phone", "email", "url"):
        form[name] = next((contact[name] for contact in form["contacts"] if contact[name]), "")
    first = form["occurrences"][0] if form["occurrences"] else {}
    form |= {"start": first.get("start"), "end": first.get("end")}
    return [_cell(form[name]) for name in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " | ".join(map(str, value))
    return str(value)
