"""Place, NoSuchPlace, AmbiguousPlace and the Geocoder protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from directory.vocabulary import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of France that was understood: a commune (or an arrondissement), an address in one, a département, a region.

    Attributes:
        label: How to name it to a person: « Bondy (93140) », « Ille-et-Vilaine (35) ».
        level: ``address``, ``commune``, ``epci``, ``departement``, ``region`` or ``france``.
        code: INSEE code of the commune, or the département's or region's code.
        code_commune: INSEE code, empty above the commune.
        latitude: Degrees north; None where the referential has no point.
        longitude: Degrees east.
        precision: How well the point is known; COMMUNE means the town hall.
        reach_km: Radius within which the place's own ground lies (half the commune's extent), so that a commune never loses its
            own structures to a distance measured from its centre; 0 for an address.
        territories: Coverage tokens that contain it, the finest first, ``france`` last.
        reason: French: how the text was understood, when that is not plain (« 53 : département de la Mayenne »).
    """

    label: str
    level: str
    code: str
    code_commune: str
    code_departement: str
    code_region: str
    latitude: float | None
    longitude: float | None
    precision: Precision
    reach_km: float
    territories: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoSuchPlace:
    """The text was understood by no referential. ``suggestions`` are places whose names resemble it."""

    text: str
    suggestions: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class AmbiguousPlace:
    """Several places answer to the text, the most likely (most populous) first, and why."""

    text: str
    candidates: tuple[Place, ...]
    reason: str


class Geocoder(Protocol):
    """Finds places in a text, and places by code.

    Guarantees: never guesses among several (AmbiguousPlace); never turns an outage into NoSuchPlace (GeocodingError); answers for
    any text, however long or odd.
    """

    def find(self, text: str, *, near_departement: str = "") -> Place | AmbiguousPlace | NoSuchPlace:
        """Understand a text: INSEE or postal code, a commune as people type it, a département, a region, an address.

        Args:
            text: What was typed.
            near_departement: A département that settles an ambiguity, where the context has one.
        """
        ...

    def get_commune(self, code_commune: str) -> Place | None:
        """The commune (or arrondissement, or yesterday's commune under its code of today) of an INSEE code; None if unknown."""
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[Place, ...]:
        """Places that complete a text, the most populous first."""
        ...


@dataclass(frozen=True, slots=True)
class LyceeEntry:
    """A lycée of the education directory. ``code_commune`` is empty where its town could not be told with certainty."""

    uai: str
    name: str
    code_commune: str
    code_departement: str
    town: str = ""

    @property
    def label(self) -> str:
        """« Lycée Jean Guéhenno, Fougères (0350011X) »: its name, town and UAI."""
        return f"{', '.join(part for part in (self.name, self.town) if part)} ({self.uai})"
