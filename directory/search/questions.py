"""Checks a SearchQuery before any engine sees it: what is not acceptable is refused by name, the same by every engine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from rapidfuzz import fuzz

from directory.errors import InvalidQuery
from directory.search.types import Near, SearchQuery
from directory.territory import departements
from directory.vocabulary import ACCESSIBILITY, FRAIS, MODES_ACCUEIL, PATHWAY_LABELS, PUBLICS, THEMATIQUES, categories, networks

FILTERS: tuple[str, ...] = (
    "category",
    "thematique",
    "public",
    "departement",
    "network",
    "pathway",
    "frais",
    "mode_accueil",
    "accessibility",
    "occupation",
    "demonstration",
)
SORTS: tuple[str, ...] = ("relevance", "distance", "date")
LARGEST_LIMIT = 100
LARGEST_RADIUS_KM = 20_000.0
"""Half the Earth's circumference: beyond, a radius means nothing."""
_MOST_VALUES = 500
_OCCUPATION = re.compile(r"[A-N]\d{4}", re.ASCII)
_SHOWN = 8
"""Values proposed at most in place of an unknown one."""
_RESEMBLES = 70.0
"""How much of 100 a proposed value resembles what was given, at least."""


@cache
def vocabularies() -> Mapping[str, Mapping[str, str]]:
    """Filter → the values that it may have, each with its French label. Occupations are the one open filter (any ROME code)."""
    domains = {code.partition("--")[0]: code.partition("--")[0].replace("-", " ") for code in THEMATIQUES}
    return {
        "category": {code: category.label for code, category in categories().items()},
        "thematique": {**THEMATIQUES, **domains},
        "public": PUBLICS,
        "departement": {code: entry.name for code, entry in departements().items()},
        "network": networks(),
        "pathway": {pathway.value: label for pathway, label in PATHWAY_LABELS.items()},
        "frais": FRAIS,
        "mode_accueil": MODES_ACCUEIL,
        "accessibility": ACCESSIBILITY,
        "demonstration": {"true": "oui", "false": "non"},
    }


def check(query: SearchQuery) -> None:
    """Refuse a question that no engine can answer.

    Raises:
        InvalidQuery: Its field says which part.
    """
    if not 0 <= query.limit <= LARGEST_LIMIT:
        raise InvalidQuery("limit", str(query.limit), public=f"Le nombre de résultats doit être entre 0 et {LARGEST_LIMIT}.")
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
        for value in values:
            _check_value(name, value)


def _check_value(name: str, value: str) -> None:
    """A value that no listing can have would silently find nothing: it is refused, with those that resemble it."""
    if name == "occupation":
        if not _OCCUPATION.fullmatch(value):
            raise InvalidQuery(name, repr(value[:80]), public="Le filtre « occupation » est un code ROME, par exemple G1602.")
        return
    known = vocabularies()[name]
    if value in known:
        return
    proposed = _resembling(value, known)
    hint = f"Vouliez-vous dire : {proposed} ?" if proposed else f"Valeurs possibles : {_listed(known)}."
    raise InvalidQuery(
        name, f"unknown value {value[:80]!r}", public=f"Le filtre « {name} » n’a pas de valeur « {value[:80]} ». {hint}"
    )


def _resembling(value: str, known: Mapping[str, str]) -> str:
    """The values whose code or label resembles a text."""
    texts = {code: f"{code} {label}" for code, label in known.items()}
    scored = {
        code: max(fuzz.ratio(value.casefold()[:80], code), fuzz.WRatio(value.casefold()[:80], text.casefold()) - 10)
        for code, text in texts.items()
    }
    best = sorted((code for code, score in scored.items() if score >= _RESEMBLES), key=lambda code: (-scored[code], code))
    return ", ".join(best[:_SHOWN])


def _listed(known: Mapping[str, str]) -> str:
    return ", ".join(list(known)[:_SHOWN]) + (f"… ({len(known)} en tout)" if len(known) > _SHOWN else "")


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
