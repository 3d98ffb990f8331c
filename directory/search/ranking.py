"""The order of answers, on one screen: what each match of a word is worth, then nearness, freshness and the key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.search.analysis import is_grammatical, stem
from directory.search.forms import StoredListing
from directory.search.stages import Word

NAME, OTHER, DESCRIPTION = 1.0, 0.6, 0.15
"""What a word found there is worth. A description alone (0.15 and all the bonuses below) stays under a name (1.0)."""
SAME_STEM, COMPLETED = 0.98, 0.92
COVERAGE, SAME_TEXT = 0.15, 0.05
"""How much of the name the question says; and the very same words in the same order."""
NEARNESS, NEARNESS_KM = 0.15, 25.0
TERRITORY = 0.12
"""A listing without a point that serves the asker's territory stands as one about 6 km away."""
_CLOSE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """What ranking knows of an answer. ``km`` is NaN without a distance; ``updated`` a day's ordinal, 0 when unknown."""

    listing: StoredListing
    pk: int
    km: float
    updated: int
    serves: bool = False


class Relevance:
    """Scores candidates for the words of one question.

    Args:
        words: The question's words.
        total: Documents of the index, for how rare a word is.
        loose: Whether words may match by beginning or by resemblance.
    """

    def __init__(self, words: Sequence[Word], total: int, *, loose: bool) -> None:
        self._words = words
        self._loose = loose
        # a word that nobody uses is a misspelt one: it weighs as a fairly rare one
        rarities = [math.log(1.0 + total / (word.frequency or max(1.0, total / 1000))) + 0.1 for word in words]
        self._weights = [rarity / sum(rarities) for rarity in rarities]
        self._text = " ".join(word.text for word in words)

    def order(self, candidates: Iterable[Candidate]) -> list[tuple[float, Candidate]]:
        """Candidates with their scores, best first. The order is total: score, distance, freshness, key."""
        scored = [(self.score(candidate), candidate) for candidate in candidates]
        return sorted(scored, key=lambda pair: (-pair[0], _or_far(pair[1].km), -pair[1].updated, pair[1].pk))

    def score(self, candidate: Candidate) -> float:
        """From 0 to about 1.3: the words found, how much of the name they say, and how near it is."""
        listing = candidate.listing
        said: set[str] = set()
        name_stems = {stem(word): word for word in listing.name_words}
        found = sum(
            weight * self._worth(word, listing, name_stems, said) for word, weight in zip(self._words, self._weights, strict=True)
        )
        meaningful = [word for word in listing.name_words if not is_grammatical(word)] or list(listing.name_words)
        coverage = sum(word in said for word in meaningful) / len(meaningful)
        same = SAME_TEXT if self._text == " ".join(meaningful) else 0.0
        return round(found + COVERAGE * coverage + same + nearness(candidate), 4)

    def _worth(self, word: Word, listing: StoredListing, name_stems: dict[str, str], said: set[str]) -> float:
        if word.text in listing.name_words:
            said.add(word.text)
            return NAME
        if word.stem in name_stems:
            said.add(name_stems[word.stem])
            return NAME * SAME_STEM * (0.9 + 0.1 * OSA.normalized_similarity(word.text, name_stems[word.stem]))
        others = OTHER if word.text in listing.other_words or word.stem in map(stem, listing.other_words) else 0.0
        if not self._loose:
            return others or DESCRIPTION
        closeness, like = resemblance(word.text, listing.name_words)
        if NAME * closeness > others:
            said.add(like)
            return NAME * closeness
        return max(others, OTHER * resemblance(word.text, listing.other_words)[0], DESCRIPTION if word.known else 0.0)


def says_all(words: Sequence[Word], listing: StoredListing) -> bool:
    """Whether a listing's name, other words or commune hold every word."""
    stems = {stem(word) for word in (*listing.name_words, *listing.other_words)}
    return all(word.stem in stems for word in words)


def resemblance(word: str, words: Sequence[str]) -> tuple[float, str]:
    """How close the closest of some folded words is, 0 to 0.92, and which."""
    for other in words:
        if len(word) >= 2 and other.startswith(word):
            return COMPLETED * (0.7 + 0.3 * len(word) / len(other)), other
    best = process.extractOne(word, words, scorer=OSA.normalized_similarity, score_cutoff=_CLOSE_ENOUGH)
    return (COMPLETED * best[1], best[0]) if best else (0.0, "")


def nearness(candidate: Candidate) -> float:
    """From 0 (far, or no place known) to 0.15 (here)."""
    if not math.isnan(candidate.km):
        return NEARNESS * math.exp(-candidate.km / NEARNESS_KM)
    return TERRITORY if candidate.serves else 0.0


def _or_far(km: float) -> float:
    return math.inf if math.isnan(km) else km
