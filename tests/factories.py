"""Small real records: every test says only what it is about."""

from __future__ import annotations

from typing import Any

from directory.models.record import ListingRecord, SourcedRecord

LISTING: dict[str, Any] = {
    "kind": "partner",
    "category": "mission_locale",
    "name": "Mission locale du Pays de Fougères",
    "code_commune": "35115",
    "contacts": ({"label": "Accueil", "phone": "+33261910001"},),
    "coverage": ({"scope": "departement", "code": "35"},),
}


def listing(**changes: Any) -> ListingRecord:
    """A valid record, with some fields changed."""
    return ListingRecord(**{**LISTING, **changes})


def sourced(
    record_id: str = "1",
    source: str = "missions_locales",
    *,
    identities: tuple[str, ...] = (),
    raw: dict[str, str] | None = None,
    origins: dict[str, tuple[str, ...]] | None = None,
    **changes: Any,
) -> SourcedRecord:
    """A record with its source; ``changes`` are fields of its listing."""
    return SourcedRecord(
        source=source,
        record_id=record_id,
        record=listing(**changes),
        identities=identities,
        raw={"Nom": changes.get("name", LISTING["name"])} if raw is None else raw,
        origins={"name": ("Nom",)} if origins is None else origins,
    )
