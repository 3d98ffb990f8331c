"""How two records agree, fact by fact: each a level among few, so that what decides can be read in one table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from matching.duplicates.addresses import AddressLevel, compare_addresses
from matching.duplicates.entry import BY_UAI, TRAINING, VAGUE, Entry
from matching.duplicates.names import NameLevel, compare_words

UNLIKE = 60.0
"""Below this ``token_set_ratio`` two names are different: no pair of one thing among 15,000 was (bench/duplicates.py)."""
_KM_PER_DEGREE = 111.2
_NEAR_KM, _WALK_KM, _TOWN_KM = 0.3, 1.0, 5.0


class Agreement(NamedTuple):
    """The level of each fact, as ``data/duplicates_weights.toml`` names it."""

    name: str
    place: str
    address: str
    distance: str
    phone: str
    email: str
    page: str
    siret: str
    uai: str
    category: str
    days: str
    forbidden: str
    """Why they cannot be one thing, French; empty when they may."""


def agree(one: Entry, other: Entry) -> Agreement:
    """How two records agree. Symmetric."""
    place = _place(one, other)
    return Agreement(
        name=_name(one, other, apart=place in {"same", "departement"}).name.lower(),
        place=place,
        address=(AddressLevel.UNKNOWN if place == "other" else compare_addresses(one.address, other.address)).name.lower(),
        distance=_distance(one, other),
        phone=_shared(one.phones, other.phones),
        email=_shared(one.emails, other.emails),
        page=_shared(one.pages, other.pages),
        siret=_siret(one.siret, other.siret),
        uai=_equal(one.uai, other.uai),
        category=_category(one.category, other.category),
        days=_shared(one.days, other.days),
        forbidden=forbid(one, other),
    )


def forbid(one: Entry, other: Entry) -> str:
    """Why two records cannot be one thing, French; empty when they may. Symmetric."""
    if one.kind != other.kind:
        return "deux types de fiches différents"
    if one.visibility != other.visibility:
        return "l’une est publique, l’autre non"
    if why := _forbid_categories(one, other):
        return why
    if one.part_of != other.part_of:
        return "services de structures différentes" if one.part_of and other.part_of else "un service et une structure"
    if _shared(one.days, other.days) == "different":
        return "dates différentes"
    return ""


def _forbid_categories(one: Entry, other: Entry) -> str:
    if one.category == other.category in BY_UAI and _equal(one.uai, other.uai) == "different":
        return "deux UAI : deux établissements, même à une adresse"
    if any(lycee.category == "lycee" and body.category in TRAINING for lycee, body in ((one, other), (other, one))):
        return "un lycée sert ses élèves ; la formation qu’il donne est ouverte à d’autres"
    return ""


def _category(one: str, other: str) -> str:
    if one == other:
        return "same"
    return "vague" if one in VAGUE or other in VAGUE else "other"


_NAMES: dict[tuple[tuple[str, ...], tuple[str, ...]], NameLevel] = {}


def _name(one: Entry, other: Entry, *, apart: bool) -> NameLevel:
    # within a commune its name tells nothing; between two it does
    if one.text != other.text and not fuzz.token_set_ratio(one.text, other.text, score_cutoff=UNLIKE):
        return NameLevel.DIFFERENT
    left, right = (one.name, other.name) if apart else (one.whole, other.whole)
    key = (left, right) if left <= right else (right, left)
    level = _NAMES.get(key)
    if level is None:
        if len(_NAMES) > 200_000:
            _NAMES.clear()
        level = _NAMES[key] = compare_words(*key)
    return level


def _place(one: Entry, other: Entry) -> str:
    if one.code_commune and other.code_commune:
        if one.code_commune == other.code_commune:
            return "same"
        return "same_postal" if one.code_postal and one.code_postal == other.code_postal else "other"
    if one.code_postal and other.code_postal:
        return "same_postal" if one.code_postal == other.code_postal else "other"
    if one.code_departement and other.code_departement:
        return "departement" if one.code_departement == other.code_departement else "other"
    return "unknown"


def _distance(one: Entry, other: Entry) -> str:
    if one.point is None or other.point is None:
        return "unknown"
    km = rough_km(one.point, other.point)
    if km <= _NEAR_KM:
        return "near"
    return "walk" if km <= _WALK_KM else "town" if km <= _TOWN_KM else "far"


def rough_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance in km, on a plane: good to a percent or so up to some tens of km, which is where it is asked."""
    across = (one[1] - other[1]) * math.cos(math.radians((one[0] + other[0]) / 2))
    return _KM_PER_DEGREE * math.hypot(one[0] - other[0], across)


def _equal(one: str, other: str) -> str:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "different"


def _shared(one: Sequence[str], other: Sequence[str]) -> str:
    if not one or not other:
        return "unknown"
    return "same" if any(value in other for value in one) else "different"


def _siret(one: str, other: str) -> str:
    level = _equal(one, other)
    return "same_siren" if level == "different" and one[:9] == other[:9] else level
