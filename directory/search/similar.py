"""Listings that could serve in place of one: of the same category, the nearest first."""

from __future__ import annotations

from datetime import date

from directory.errors import SearchError
from directory.geocoding.types import Geocoder
from directory.models.published import PublishedListing
from directory.search.near import near_place
from directory.search.types import Hit, Near, Search, SearchQuery
from directory.vocabulary import Kind, Scope

_FAR_KM = 100.0


def find_similar(search: Search, geocoder: Geocoder, listing: PublishedListing, today: date, limit: int = 5) -> tuple[Hit, ...]:
    """Other listings of the same category near this one; for a company, those with an occupation in common.

    Without a place nor a département served there is no « near », and nothing is given; nothing either when the index is absent:
    the listing itself can be shown without it.
    """
    record = listing.record
    near = _near(geocoder, listing)
    if near is None:
        return ()
    filters: dict[str, tuple[str, ...]] = {"category": (record.category,)}
    if record.kind is Kind.COMPANY and record.occupations:
        filters["occupation"] = record.occupations
    query = SearchQuery(
        near=near,
        kinds=(record.kind,),
        filters=filters,
        after=today if record.kind is Kind.EVENT else None,
        sort="distance" if near.latitude is not None else "relevance",
        with_facets=False,
        limit=limit + 1,
    )
    try:
        hits = search.search(query).hits
    except SearchError:
        return ()
    return tuple(hit for hit in hits if hit.id != listing.id)[:limit]


def _near(geocoder: Geocoder, listing: PublishedListing) -> Near | None:
    record = listing.record
    place = geocoder.get_commune(record.code_commune) if record.code_commune else None
    if record.latitude is not None:
        territories = place.territories if place else ()
        return Near(latitude=record.latitude, longitude=record.longitude, territories=territories, radius_km=_FAR_KM)
    if place is not None:
        return near_place(place)
    inside = tuple(each.token for each in record.coverage if each.scope is Scope.DEPARTEMENT)
    return Near(territories=inside, inside=inside) if inside else None
