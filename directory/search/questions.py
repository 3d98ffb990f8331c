"""Checks a SearchQuery before any engine sees it: what is not acceptable is refused by name, the same by every engine."""

from __future__ import annotations

import math

from directory.errors import InvalidQuery
from directory.search.types import Near, SearchQuery

FILTERS: tuple[str, ...] = (
    "category",
    "thematique",
    "public",
    "departement",
    "network",
    "pathway",
    "frais",
    "mode_accueil",
    "occupation",
    "demonstration",
)
SORTS: tuple[str, ...] = ("relevance", "distance", "date")
LARGEST_LIMIT = 100
LARGEST_RADIUS_KM = 20_000.0
"""Half the Earth's circumference: beyond, a radius means nothing."""
_MOST_VALUES = 500


def check(query: SearchQuery) -> None:
    """Refuse a question that no engine can answer.

    Raises:
        InvalidQuery: Its field says which part.
    """
    if not 1 <= query.limit <= LARGEST_LIMIT:
        raise InvalidQuery("limit", str(query.limit), public=f"Le nombre de résultats doit être entre 1 et {LARGEST_LIMIT}.")
    if query.sort not in SORTS:
        raise InvalidQuery("sort", query.sort, public=f"Tri inconnu. Tris possibles : {', '.join(SORTS)}.")
    if query.age is not None and not 0 <= query.age <= 120:
        raise InvalidQuery("age", str(query.age), public="L’âge doit être entre 0 et 120 ans.")
    if query.after and query.before and query.after > query.before:
        raise InvalidQuery("before", "before < after", public="La date de fin précède la date de début.")
    _check_filters(query)
    if query.near is not None:
        _check_near(query.near)


def _check_filters(query: SearchQuery) -> None:
    for name, values in query.filters.items():
        if name not in FILTERS:
            raise InvalidQuery(name, "unknown filter", public=f"Filtre inconnu : « {name} ». Filtres : {', '.join(FILTERS)}.")
        if len(values) > _MOST_VALUES:
            raise InvalidQuery(name, f"{len(values)} values", public=f"Trop de valeurs pour le filtre « {name} ».")
    for value in query.filters.get("demonstration", ()):
        if value not in {"true", "false"}:
            raise InvalidQuery("demonstration", value, public="Le filtre « demonstration » vaut « true » ou « false ».")


def _check_near(near: Near) -> None:
    if (near.latitude is None) != (near.longitude is None):
        raise InvalidQuery("near", "half a point", public="La latitude et la longitude vont ensemble.")
    # written so that NaN fails too
    if not (abs(near.latitude or 0.0) <= 90.0 and abs(near.longitude or 0.0) <= 180.0):
        raise InvalidQuery("near", f"{near.latitude}, {near.longitude}", public="Coordonnées impossibles.")
    radius = near.radius_km
    if radius is not None and not (math.isfinite(radius) and 0.0 < radius <= LARGEST_RADIUS_KM):
        raise InvalidQuery(
            "radius", str(radius), public=f"Le rayon doit être un nombre de kilomètres entre 0 et {LARGEST_RADIUS_KM:.0f}."
        )
