"""A hit, from what an engine stored of a listing: the same for every engine."""

from __future__ import annotations

import math
from datetime import date

from directory.search.forms import StoredListing
from directory.search.highlights import Marker
from directory.search.types import Hit


def make_hit(marker: Marker, score: float, listing: StoredListing, km: float) -> Hit:
    """The hit of a listing.

    Args:
        marker: Marks the question's words.
        score: As ``ranking`` gave it, 0 for an order of its own.
        listing: What the engine stored.
        km: Distance, NaN without one.
    """
    marked = {"name": marker.mark(listing.name), "description": marker.mark(listing.description, whole=False)}
    return Hit(
        id=listing.id,
        kind=listing.kind,
        category=listing.category,
        name=listing.name,
        commune=listing.commune,
        code_commune=listing.code_commune,
        distance_km=None if math.isnan(km) else round(km, 3),
        score=score,
        structure=listing.structure,
        demonstration=listing.demonstration,
        cancelled=listing.cancelled,
        last_day=date.fromisoformat(listing.last_day) if listing.last_day else None,
        highlights={field: text for field, text in marked.items() if text},
    )
