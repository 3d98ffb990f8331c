"""The order of answers, on one screen: what each match of a word is worth, then nearness, freshness and the key."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from heapq import heappush, heappushpop

from rapidfuzz.distance import OSA

from directory.search.analysis import is_grammatical, joined_forms, split_words, stem
from directory.search.forms import StoredListing
from directory.search.needs import categories_named
from directory.search.stages import Word
from directory.search.types import SearchQuery
from directory.vocabulary import Competence, Kind, categories

NAME, IDENTITY, OTHER, DESCRIPTION = 1.0, 0.9, 0.6, 0.15
"""What a word found there is worth; the identity is what the category says of itself (label, acronyms, other names). A
description alone (0.15, doubled when it is here) stays under a name (1.0)."""
BEGINS = 0.1
"""What a name gains that begins with the very text typed, of several words: it is being typed."""
SAME_STEM, COMPLETED = 0.98, 0.92
COVERAGE, SAME_TEXT = 0.15, 0.05
"""How much of the name the question says; and the very same words in the same order. Where a place was given they only settle
ties, so that a shorter name far away never passes an equal match that is near."""
NEARNESS = 1.0
"""Here, words are worth twice what they are worth at the other end of the country; of equal words the nearer is first."""
NEARNESS_KM, FARTHEST_KM = 5.0, 1000.0
"""Each time the distance (and 5 km) grows by the same factor, nearness falls by the same amount; none is left at 1,000 km."""
TERRITORY_KM = 20.0
"""A listing without a point that serves the asker's territory stands as one so far away."""
TIE_BAND, TIE_KM = 0.03, 2.0
"""Companies whose scores differ by less than this share, and as near, take turns day by day: always the same first is unfair."""
NAMES_THE_PLACE = 0.1
"""What a listing gains whose name says the place that was recognised in the text: « PSAD du bassin de Vitré » has no point."""
IS_IT = 0.03
"""What a word of the name gains when it also says what the listing is: the PFMP before the allowance for it."""
NAMED, HALF_NAMED = 0.75, 0.5
"""From so much of its name said, a listing was asked for by its name; from half of it when all the rest is its commune."""
NEED, OTHER_NEED = 0.7, 0.6
"""Where the text says a need: what a listing is worth that names it among many others, up to 1.0 for one that is there for it
alone; and what is left to the words of one that says what it helps with, and not with this."""
OF_ONE_SCHOOL = 0.85
"""What is of one establishment keeps of that: the nurse of a lycée is there for its own pupils."""
SAYS_IT, ONCE = 0.05, 0.9
"""And what it gains by its words, and what an event, which is once, keeps of all that beside what is always there."""
NEARNESS_TO_A_NEED = 2.0
"""There, what is near matters more than whose name says the need."""
IS_MEANT = 0.3
"""What a listing gains whose category is what the whole text names: the Cap emploi before the meeting about it."""
CANCELLED = 0.5
"""What an event keeps of its worth that will not take place: it is shown, after those that will."""
_CLOSE_ENOUGH = 0.6
_ROUNDED = 0.0001


class Candidate:
    """What ranking knows of an answer.

    Args:
        read: What was stored of it, asked once at most: reading is what costs.
        pk: Its key.
        km: NaN without a distance.
        updated: A day's ordinal, 0 when unknown.
        serves: Whether it serves the asker's territory.
    """

    __slots__ = ("_listing", "_read", "km", "near", "pk", "updated")

    def __init__(self, read: Callable[[], StoredListing], pk: int, km: float, updated: int, serves: bool) -> None:
        self._read = read
        self._listing: StoredListing | None = None
        self.pk, self.km, self.updated = pk, km, updated
        self.near = nearness(km, serves=serves)

    @property
    def listing(self) -> StoredListing:
        """What was stored of it."""
        if self._listing is None:
            self._listing = self._read()
        return self._listing


class Relevance:
    """Scores candidates for the words of one question.

    Args:
        words: The question's words.
        total: Documents of the index, for how rare a word is.
        loose: Whether words may match by beginning or by resemblance.
        asked: The question, for its place and its day; None when only the words count.
    """

    def __init__(self, words: Sequence[Word], total: int, *, loose: bool, asked: SearchQuery | None = None) -> None:
        self._words = words
        self._loose = loose
        self._placed = bool(asked and asked.near and asked.near.latitude is not None)
        self._today = asked.today if asked else None
        self._place = frozenset(split_words(asked.place_words)) if asked else frozenset()
        self._stems = frozenset(word.stem for word in words)
        self._meant = frozenset(categories_named(asked.text)) if asked else frozenset()
        self._needs = frozenset(asked.needs) if asked else frozenset()
        self._domains = frozenset(map(_domain, self._needs))
        self._nearness = NEARNESS_TO_A_NEED if self._needs else NEARNESS
        self._identities: dict[str, frozenset[str]] = {}
        # a word that nobody uses is a misspelt one: it weighs as a fairly rare one
        rarities = [math.log(1.0 + total / (word.frequency or max(1.0, total / 1000))) + 0.1 for word in words]
        self._weighted = [(word, rarity / sum(rarities)) for word, rarity in zip(words, rarities, strict=True)]
        self._text = " ".join(word.text for word in words)
        self._typed = " ".join(split_words(asked.text)) if asked and len(words) > 1 else ""
        self._typed_first = self._typed.partition(" ")[0]
        self._alike = {word.text: Likeness(word.text) for word in words} if loose else {}

    def order(self, candidates: Sequence[Candidate], wanted: int | None = None) -> list[tuple[float, Candidate]]:
        """Candidates with their scores, best first. The order is total: score, distance, name said, freshness, key.

        Args:
            candidates: Each once.
            wanted: How many of the first are wanted, None for all: those that are too far to be among them are left out, unread.
        """
        if wanted is None or not self._placed or len(candidates) <= wanted:
            scored = [(*self._score(candidate), candidate) for candidate in candidates]
        else:
            scored = list(self._near_enough(candidates, wanted))
        scored.sort(key=lambda each: (-each[0], _or_far(each[2].km), -each[1], -each[2].updated, each[2].pk))
        return take_turns([(score, candidate) for score, _, candidate in scored], self._today)

    def _near_enough(self, candidates: Iterable[Candidate], wanted: int) -> Iterator[tuple[float, float, Candidate]]:
        """The nearest candidates, up to where the best words are not worth the least of those that are wanted."""
        best: list[float] = []  # the best scores, as many as are wanted; a heap
        for candidate in sorted(candidates, key=lambda each: -each.near):
            # nor can a company of less take the turn of one that is wanted
            if len(best) == wanted and self._at_most(candidate) < best[0] * (1.0 - TIE_BAND):
                return
            score, bonus = self._score(candidate)
            (heappush if len(best) < wanted else heappushpop)(best, score)
            yield score, bonus, candidate

    def _at_most(self, candidate: Candidate) -> float:
        """No less than what a candidate can be worth."""
        words = NAME + IS_IT
        found = max(words, 1.0 + SAYS_IT * words) if self._needs else words
        found += IS_MEANT if self._meant else 0.0
        return found * (1.0 + self._nearness * candidate.near) + (NAMES_THE_PLACE if self._place else 0.0) + _ROUNDED

    def names(self, listing: StoredListing) -> bool:
        """Whether the question says the listing's name, or most of it and its commune: who asks so wants that one."""
        coverage = self._match(listing)[1]
        if coverage >= NAMED:
            return True
        commune = {*split_words(listing.commune), *joined_forms(listing.commune)}
        said = {word.text for word in self._words}
        return coverage >= HALF_NAMED and bool(said & commune) and said <= commune.union(listing.name_words)

    def _score(self, candidate: Candidate) -> tuple[float, float]:
        """From 0 to about 2 (4 for a need): what was found is worth, and how near it is; then how much of the name is said."""
        listing = candidate.listing
        found, coverage, same = self._match(listing)
        if self._needs:
            found = self._for_the_need(listing, found)
        if listing.category in self._meant:
            found += IS_MEANT
        if listing.cancelled:
            found *= CANCELLED
        begins = listing.name_words[0] == self._typed_first and self._begins(listing)
        bonus = COVERAGE * coverage + SAME_TEXT * same + BEGINS * begins
        score = found * (1.0 + self._nearness * candidate.near) if self._placed else found + bonus
        if self._place and self._place <= set(listing.name_words):
            score += NAMES_THE_PLACE
        return round(score, 4), bonus

    def _begins(self, listing: StoredListing) -> bool:
        return " ".join(listing.name_words).startswith(self._typed)

    def _for_the_need(self, listing: StoredListing, found: float) -> float:
        """What a listing is worth by what it helps with: its own thématiques, else those of its category."""
        category = categories().get(listing.category)
        own = listing.thematiques.split() or (category.thematiques if category else ())
        if not own:
            return found
        if self._needs.isdisjoint(own):
            return found * OTHER_NEED
        share = sum((code in self._needs) + 2 * (_domain(code) in self._domains) for code in own) / (3 * len(own))
        worth = max(min(found, 1.0), NEED + (1.0 - NEED) * share) + SAYS_IT * found
        if category and category.competence is Competence.ESTABLISHMENT:
            worth *= OF_ONE_SCHOOL
        return worth * ONCE if listing.kind is Kind.EVENT else worth

    def _match(self, listing: StoredListing) -> tuple[float, float, bool]:
        """What the words found are worth; the share of the name that they say; whether they are the name."""
        said: set[str] = set()
        found = 0.0
        for word, weight in self._weighted:
            found += weight * (self._in_name(word, listing, said) or self._elsewhere(word, listing, said))
        if not said:
            return found, 0.0, False
        meaningful = [word for word in listing.name_words if not is_grammatical(word)] or list(listing.name_words)
        coverage = sum(word in said for word in meaningful) / len(meaningful)
        return found, coverage, coverage == 1.0 and self._text == " ".join(meaningful)

    def _in_name(self, word: Word, listing: StoredListing, said: set[str]) -> float:
        names = listing.name_words
        if word.text in names:
            said.add(word.text)
            return NAME + (IS_IT if word.stem in self._identity(listing.category) else 0.0)
        stems = tuple(map(stem, names))
        if word.stem not in stems:
            return 0.0
        other = names[len(stems) - 1 - stems[::-1].index(word.stem)]  # the last of them
        said.add(other)
        return NAME * SAME_STEM * (0.9 + 0.1 * OSA.normalized_similarity(word.text, other))

    def _elsewhere(self, word: Word, listing: StoredListing, said: set[str]) -> float:
        """What a word is worth that the name does not hold as such: by what the listing is, its other words, or resemblance."""
        found = OTHER if _is_among(word, listing.others) else 0.0
        if word.stem in self._identity(listing.category):
            found = IDENTITY
        if not self._loose:
            return found or DESCRIPTION
        alike = self._alike[word.text]
        closeness, like = alike.best(listing.name_words)
        if NAME * closeness > found:
            said.add(like)
            return NAME * closeness
        found = max(found, DESCRIPTION if word.known else 0.0)
        # words that could at best be worth less than what was found are not compared
        if found < IDENTITY * COMPLETED:
            found = max(found, IDENTITY * alike.best(_label_words(listing.category))[0])
        return max(found, OTHER * alike.best(listing.other_words)[0]) if found < OTHER * COMPLETED else found

    def _identity(self, category: str) -> frozenset[str]:
        """The words that say what such a listing is: those of its label, and of the other names that the question says whole."""
        known = self._identities.get(category)
        if known is None:
            label, others = _own_words(category)
            known = label.union(*(name for name in others if name <= self._stems))
            self._identities[category] = known
        return known


def says_all(words: Sequence[Word], listing: StoredListing) -> bool:
    """Whether a listing's name, other words or commune hold every word."""
    stems = {stem(word) for word in (*listing.name_words, *listing.other_words)}
    return all(word.stem in stems for word in words)


class Likeness:
    """How close folded words are to one that was typed. The words of listings come again and again: each is compared once."""

    def __init__(self, word: str) -> None:
        self._known = _Compared(word)

    def best(self, words: Sequence[str]) -> tuple[float, str]:
        """How close the closest of some words is, 0 to 0.92, and which."""
        scores = list(map(self._known.__getitem__, words))
        best = max(scores, default=0.0)
        return (best, words[scores.index(best)]) if best else (0.0, "")


class _Compared(dict[str, float]):
    """Folded word → how close it is to one that was typed."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def __missing__(self, other: str) -> float:
        if len(self._word) >= 2 and other.startswith(self._word):
            closeness = COMPLETED * (0.7 + 0.3 * len(self._word) / len(other))
        else:
            closeness = COMPLETED * OSA.normalized_similarity(self._word, other, score_cutoff=_CLOSE_ENOUGH)
        self[other] = closeness
        return closeness


def _is_among(word: Word, others: str) -> bool:
    """Whether some words between spaces hold a word, or one of its stem."""
    among = f" {others} "
    if f" {word.text} " in among or f" {word.stem} " in among:
        return True
    # a stem begins as its word does: most of the time nothing begins so, and nothing is to be stemmed
    return f" {word.stem[:3]}" in among and any(stem(other) in (word.stem, word.text) for other in others.split(" "))


def nearness(km: float, *, serves: bool) -> float:
    """From 0 (at the other end of the country, or no place known) to 1 (here)."""
    if math.isnan(km):
        km = TERRITORY_KM if serves else FARTHEST_KM
    return max(0.0, 1.0 - math.log1p(km / NEARNESS_KM) / math.log1p(FARTHEST_KM / NEARNESS_KM))


def take_turns(ordered: list[tuple[float, Candidate]], today: date | None) -> list[tuple[float, Candidate]]:
    """Companies that follow one another with nearly the same score, in another order each day, the same for everyone that day.

    Partners, schemes and events keep their rank, and so does a company whose score differs.
    """
    if today is None:
        return ordered
    turned: list[tuple[float, Candidate]] = []
    band: list[tuple[float, Candidate]] = []
    for pair in ordered:
        if band and not _equals(band[0], pair):
            turned += sorted(band, key=lambda each: _turn(today, each[1]))
            band = []
        (band if pair[1].listing.kind is Kind.COMPANY else turned).append(pair)
    return turned + sorted(band, key=lambda each: _turn(today, each[1]))


def _equals(first: tuple[float, Candidate], other: tuple[float, Candidate]) -> bool:
    """Whether a company may take the turn of another: nearly the same score, and as near."""
    if other[1].listing.kind is not Kind.COMPANY or other[0] < first[0] * (1.0 - TIE_BAND):
        return False
    return math.isnan(first[1].km) == math.isnan(other[1].km) and not abs(first[1].km - other[1].km) > TIE_KM


def _turn(today: date, candidate: Candidate) -> bytes:
    return hashlib.blake2b(f"{today.isoformat()} {candidate.listing.id}".encode(), digest_size=8).digest()


@cache
def _label_words(category: str) -> tuple[str, ...]:
    found = categories().get(category)
    return tuple(split_words(f"{found.label} {found.plural}")) if found else ()


@cache
def _own_words(category: str) -> tuple[frozenset[str], tuple[frozenset[str], ...]]:
    """What a category says of itself, as stems: the words of its label, and each of its other names."""
    found = categories().get(category)
    if found is None:
        return frozenset(), ()
    label, *others = (
        frozenset(stem(word) for word in split_words(text) if not is_grammatical(word))
        for text in (f"{found.label} {found.plural}", *found.words)
    )
    return label, tuple(others)


def _domain(thematique: str) -> str:
    return thematique.partition("--")[0]


def _or_far(km: float) -> float:
    return math.inf if math.isnan(km) else km
