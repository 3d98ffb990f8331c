"""What a typed text was understood to say: recognitions, each of which can be taken back, and the choices left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from directory.geocoding.types import Place
from directory.vocabulary import Kind

PLACE, PERIOD, KIND, TRADE, FREE, REMOTE, NEED = RECOGNISED = ("lieu", "date", "genre", "metier", "gratuit", "distance", "besoin")
"""What may be recognised, as an address names it to take it back."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """One thing that was recognised.

    Attributes:
        what: One of ``RECOGNISED``.
        words: The words that said it, as they were typed.
        label: How to show it: « Lieu : Bondy (93140) ».
    """

    what: str
    words: str
    label: str


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A name that several places bear, searched as words until one of them is chosen.

    Attributes:
        words: The words, as they were typed.
        text: The text without them.
        places: The likeliest first.
    """

    words: str
    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a text says. ``text`` is what is left to search; ``filters`` and ``needs`` are those of a SearchQuery."""

    text: str
    recognitions: tuple[Recognition, ...] = ()
    place: Place | None = None
    choice: PlaceChoice | None = None
    kinds: tuple[Kind, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: date | None = None
    before: date | None = None
    needs: tuple[str, ...] = ()

    def without(self, taken_back: Recognition) -> Understood:
        """The same without what one thing asked for. Its words are not searched: none would be found in a listing."""
        changed: dict[str, dict[str, Any]] = {
            TRADE: {"filters": {name: values for name, values in self.filters.items() if name != "occupation"}},
            PERIOD: {"after": None, "before": None},
            KIND: {"kinds": ()},
            FREE: {"filters": {name: values for name, values in self.filters.items() if name != "frais"}},
            REMOTE: {"filters": {name: values for name, values in self.filters.items() if name != "mode_accueil"}},
        }
        left = tuple(each for each in self.recognitions if each != taken_back)
        return replace(self, recognitions=left, **changed[taken_back.what])
