"""Specialties of diplomas, as lycées write them, and the occupations they prepare for (``data/specialties.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rapidfuzz import fuzz

from directory.text import fold

_SURE = 92.0
"""Resemblance (of 100) above which a name that is misspelt or cut short is taken for one of the table."""
_ALONE = 88.0
"""Below this a second specialty is another one: between the two nothing is guessed."""
_LEVELS = re.compile(r"\b(?:cap|bac pro(?:fessionnel)?|baccalaureat professionnel|bp|bma|dtms|mention|specialite|option)\b")
_LINKS = frozenset("a au aux d de des du en et l la le les ou pour par un une".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty that was recognised: its official name, and ROME codes, the nearest first."""

    name: str
    occupations: tuple[str, ...]


def find_specialty(text: str) -> Specialty | None:
    """The specialty that a text names: by its name, an older name or its acronym, letters misspelt or words left out at the end.

    None when no name resembles it closely enough, or when two different specialties do: nothing is guessed.
    """
    key = _key(text)
    if not key:
        return None
    exact = _by_key().get(key)
    if exact is not None:
        return exact
    found: dict[str, tuple[float, Specialty]] = {}
    for known, specialty in _by_key().items():
        worth = _resemblance(key, known)
        if worth > found.get(specialty.name, (0.0, specialty))[0]:
            found[specialty.name] = worth, specialty
    ranked = sorted(found.values(), key=lambda each: -each[0])
    if not ranked or ranked[0][0] < _SURE or (len(ranked) > 1 and ranked[1][0] >= max(_ALONE, ranked[0][0] - 2)):
        return None
    return ranked[0][1]


def _resemblance(typed: str, known: str) -> float:
    if len(typed) < 6 or len(known) < 6:
        return 0.0  # acronyms and very short names are exact or are not
    if typed.startswith(known + " "):
        return 95.0  # « Cuisine et … », with what the lycée adds
    if known.startswith(typed + " ") and len(typed.split()) >= 2:
        return 98.0
    return fuzz.ratio(typed, known)


def _key(text: str) -> str:
    """The words of a name that tell it apart, folded."""
    words = _LEVELS.sub(" ", fold(text[:300])).split()
    return " ".join(word for word in words if word not in _LINKS)


@cache
def specialties() -> tuple[tuple[Specialty, tuple[str, ...]], ...]:
    """Every specialty of the table, with all its names."""
    table = tomllib.loads(resources.files("directory").joinpath("data", "specialties.toml").read_text(encoding="utf-8"))
    return tuple(
        (Specialty(entry["names"][0], tuple(entry["occupations"])), tuple(entry["names"])) for entry in table["specialties"]
    )


def short_names(code_rome: str) -> tuple[str, ...]:
    """The names of one word of the specialties that prepare for an occupation: « MELEC », « électricien »."""
    return _short_names().get(code_rome, ())


@cache
def _short_names() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for specialty, names in specialties():
        for code in specialty.occupations:
            found.setdefault(code, {}).update(dict.fromkeys(name for name in names if name.isalpha()))
    return {code: tuple(names) for code, names in found.items()}


@cache
def _by_key() -> Mapping[str, Specialty]:
    return {_key(name): specialty for specialty, names in specialties() for name in names}
