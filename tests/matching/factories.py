"""Invented listings, profiles and catalogues for the matcher's tests: from plain dictionaries, through the real records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from directory.catalogue import Catalogue, build_catalogue
from directory.catalogue_rows import ROW_COLUMNS
from directory.geocoding.types import Place
from directory.models.record import ListingRecord
from directory.vocabulary import Precision
from matching.types import Profile

DEFAULT_CATEGORY = {"partner": "association", "scheme": "dispositif", "company": "entreprise", "event": "salon"}

VITRE = Place(
    label="Vitré (35500)",
    level="commune",
    code="35360",
    code_commune="35360",
    code_departement="35",
    code_region="53",
    latitude=48.1234,
    longitude=-1.2094,
    precision=Precision.COMMUNE,
    reach_km=2.0,
    territories=("commune:35360", "epci:200039022", "departement:35", "academie:Rennes", "region:53", "france"),
)


def listing(listing_id: str, **fields: Any) -> tuple[str, ListingRecord]:
    """A validated record under an id; ``at_km`` places it that far north of Vitré's town hall."""
    fields.setdefault("kind", "partner")
    fields.setdefault("category", DEFAULT_CATEGORY[fields["kind"]])
    fields.setdefault("name", listing_id.replace("-", " ").capitalize())
    if (km := fields.pop("at_km", None)) is not None:
        fields |= {"latitude": 48.1234 + km / 111.195, "longitude": -1.2094}
    if isinstance(days := fields.pop("days", None), Sequence):
        fields["occurrences"] = [{"start": f"{day}T09:00:00+01:00", "end": f"{day}T17:00:00+01:00"} for day in days]
    fields["coverage"] = [_coverage(token) for token in fields.get("coverage", ())]
    return listing_id, ListingRecord.model_validate(fields)


def _coverage(token: str) -> Mapping[str, str]:
    scope, _, code = token.partition(":")
    return {"scope": scope, "code": code}


def catalogue_of(*listings: tuple[str, ListingRecord], **options: Any) -> Catalogue:
    """The catalogue of some listings, in the form in which the repository gives them."""
    rows, coverage = [], []
    for pk, (listing_id, record) in enumerate(listings, 1):
        values: dict[str, Any] = {**record.model_dump(mode="json"), "pk": pk, "id": listing_id}
        rows.append(tuple(values[name] for name in ROW_COLUMNS))
        coverage += [(pk, str(each.scope), each.code) for each in record.coverage]
    return build_catalogue(rows, coverage, **options)


def student(**fields: Any) -> Profile:
    """A student of Vitré, born on 14 May 2008, in the parcours of autumn 2026 unless told otherwise."""
    known: dict[str, Any] = {
        "place": VITRE,
        "birth_date": date(2008, 5, 14),
        "parcours_start": date(2026, 9, 1),
        "parcours_end": date(2026, 12, 31),
    }
    if "age" in fields:
        known["birth_date"] = None
    return Profile(**{**known, **fields})
