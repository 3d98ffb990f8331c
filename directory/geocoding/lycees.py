"""Lycées found by their name and town, as people type them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from directory.geocoding.lookup import Lookup
from directory.text import fold

_EVERYWHERE = frozenset(
    {"lycee", "professionnel", "polyvalent", "general", "technologique", "de", "des", "du", "la", "le", "les", "a"}
)


class Lycees:
    """Every lycée of the store (some five thousand), read at the first question and kept."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    @cached_property
    def _rows(self) -> list[tuple[str, frozenset[str], int]]:
        rows = self._lookup.lycees()
        return [(uai, frozenset(fold(f"{name} {town} {code}").split()), len(name)) for uai, name, town, code in rows]

    def matching(self, text: str, limit: int) -> Sequence[str]:
        """UAIs of the lycées that have every word typed (the last may be unfinished), the shortest names first."""
        words = [word for word in fold(text).split() if word not in _EVERYWHERE]
        if not words:
            return ()
        *whole, last = words
        found = [
            (length, uai)
            for uai, own, length in self._rows
            if own.issuperset(whole) and any(word.startswith(last) for word in own)
        ]
        return [uai for _, uai in sorted(found)[:limit]]
