"""Names that resemble a misspelt one, compared by rapidfuzz: what NoSuchPlace suggests and nothing ever accepts silently."""

from __future__ import annotations

import math
from functools import cached_property

from rapidfuzz import fuzz, process

from directory.geocoding.lookup import Candidate, Lookup
from directory.geocoding.names import without_article

_LEAST = 70.0
_CONSIDERED = 30


class Resemblance:
    """Compares with every name. The names are read from the store at the first question, then kept (a few megabytes)."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    @cached_property
    def _names(self) -> tuple[list[str], list[tuple[str, str]]]:
        rows = self._lookup.names()
        return [without_article(key) for key, _, _ in rows], [(level, code) for _, level, code in rows]

    def resembling(self, key: str, departements: frozenset[str] = frozenset(), limit: int = 5) -> list[Candidate]:
        """Places whose names resemble a folded text, the likeliest first: resemblance, then population.

        Args:
            key: The folded name.
            departements: Keep those of these départements, where the context names some; empty for all.
            limit: How many at most.
        """
        words = " ".join(word for word in without_article(key).split(" ") if not word.isdecimal())[:80]
        if len(words) < 3:
            return []
        keys, targets = self._names
        scored: dict[Candidate, float] = {}
        for _, score, index in process.extract(words, keys, scorer=fuzz.ratio, score_cutoff=_LEAST, limit=_CONSIDERED):
            candidate = self._candidate(*targets[index])
            if candidate and (not departements or candidate.departement in departements):
                # ten times the inhabitants weigh as much as two points of resemblance in a hundred
                scored[candidate] = max(scored.get(candidate, 0.0), score + 2 * math.log10(candidate.population + 1))
        return sorted(scored, key=lambda candidate: -scored[candidate])[:limit]

    def _candidate(self, level: str, code: str) -> Candidate | None:
        return self._lookup.commune(code) if level == "commune" else self._lookup.territory(level, code)
