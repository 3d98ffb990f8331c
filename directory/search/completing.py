"""What completes a text being typed in the search box: places, occupations, names of listings. The same for every engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from directory.geocoding.types import Place
from directory.occupations import find_occupations
from directory.search.types import Search
from directory.text import fold

PLACE, OCCUPATION, LISTING = "lieu", "metier", "fiche"

_READ_CHARACTERS = 100
_SHORTEST = 2
_SHORTEST_AFTER_OTHERS = 3
"""Letters of the end of a longer text: two say nothing of a place or a trade."""
_MOST_WORDS_OF_AN_END = 4
_SAYS_ALL = 70.0
"""How well an occupation answers, of 100, when it answers each word and not the half of them."""
_NAMES_THE_TRADE = 90.0
"""How well it answers when its name begins so: after other words, less is chance (« mission loc », « en locomotion »)."""

SuggestPlaces = Callable[[str, int], tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to complete the text.

    Attributes:
        what: ``lieu``, ``metier`` or ``fiche``.
        text: What the box then holds: all of what was typed, completed.
        label: What is proposed: « Bondy (93140) », « Cuisinier / Cuisinière », a listing's name.
        code: The commune's INSEE code, the ROME code; empty for a listing, and for a place above the commune.
    """

    what: str
    text: str
    label: str
    code: str = ""


def complete(search: Search, text: str, suggest_places: SuggestPlaces, limit: int = 8) -> tuple[Suggestion, ...]:
    """What completes a text: places, occupations, names of public listings; each text once.

    A place or an occupation may complete the last words alone: « stage cuisine bond » gives « stage cuisine Bondy (93140) »,
    « stage cuis » gives « stage cuisinier ». Places come first, but those that complete the last words alone come last:
    « mission loc » is a mission locale before it is a mission in Loches.

    Args:
        search: The engine, for the names of listings.
        text: What is in the box; any text, of which 100 characters are read.
        suggest_places: Completes the beginning of a place's name (``Gazetteer.suggest``).
        limit: How many at most.

    Raises:
        IndexUnavailable: There is no usable index.
    """
    typed = text[:_READ_CHARACTERS].strip()
    if limit < 1 or len(typed) < _SHORTEST:
        return ()
    at, places = _places(typed, suggest_places, limit)
    groups = [
        list(_occupations(typed, limit)),
        [Suggestion(LISTING, name, name) for name in search.suggest(typed, limit)],
    ]
    groups.insert(len(groups) if at else 0, places)
    share = max(1, limit // len(groups))  # before the sorts that have more fill what is left
    first = [group[:share] for group in groups]
    free = limit - sum(map(len, first))
    for rank, group in enumerate(groups):
        more = group[share:][: max(0, free)]
        first[rank] += more
        free -= len(more)
    return _each_once(chain.from_iterable(first))[:limit]


def _places(typed: str, suggest_places: SuggestPlaces, limit: int) -> tuple[int, list[Suggestion]]:
    """Where the longest end of the text that begins a place's name starts, and those places."""
    for start in _ends(typed):
        head, end = typed[:start], typed[start:]
        if found := suggest_places(end, limit):
            return start, [Suggestion(PLACE, head + place.label, place.label, place.code_commune) for place in found]
    return 0, []


def _occupations(typed: str, limit: int) -> Iterator[Suggestion]:
    """Occupations that the longest end of the text names, written after other words as one would type them."""
    for start in _ends(typed):
        head, end = typed[:start], typed[start:]
        if found := [job for job in find_occupations(end, limit) if job.score >= (_NAMES_THE_TRADE if head else _SAYS_ALL)]:
            for job in found:
                name = job.title.split(" / ")[0].lower() if head else job.title
                yield Suggestion(OCCUPATION, head + name, job.title, job.code)
            return


def _ends(typed: str) -> Iterator[int]:
    """Where the ends of a text start, at a word's beginning, the longest first; too short ones are left out."""
    starts = [match.start() for match in re.finditer(r"\S+", typed)][-_MOST_WORDS_OF_AN_END:]
    for start in dict.fromkeys((0, *starts)):
        if not start or len(typed) - start >= _SHORTEST_AFTER_OTHERS:
            yield start


def _each_once(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    unique: dict[str, Suggestion] = {}
    for each in suggestions:
        unique.setdefault(fold(each.text), each)
    return tuple(unique.values())
