"""What completes a text being typed in the search box: places, occupations, names of listings. The same for every engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
"""Letters of a place's beginning: two say nothing at the end of a longer text."""
_MOST_WORDS_OF_A_PLACE = 4
_SAYS_ALL = 70.0
"""How well an occupation answers, of 100, when it answers each word and not the half of them."""

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
    """What completes a text, places first, then occupations, then names of public listings; each text once.

    A place may complete the last words alone: « stage cuisine bond » gives « stage cuisine Bondy (93140) ».

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
    jobs = [job for job in find_occupations(typed, limit) if job.score >= _SAYS_ALL]
    groups = [
        list(_places(typed, suggest_places, limit)),
        [Suggestion(OCCUPATION, job.title, job.title, job.code) for job in jobs],
        [Suggestion(LISTING, name, name) for name in search.suggest(typed, limit)],
    ]
    share = max(1, limit // len(groups))  # before the sorts that have more fill what is left
    first = [group[:share] for group in groups]
    free = limit - sum(map(len, first))
    for rank, group in enumerate(groups):
        more = group[share:][: max(0, free)]
        first[rank] += more
        free -= len(more)
    return _each_once(chain.from_iterable(first))[:limit]


def _places(typed: str, suggest_places: SuggestPlaces, limit: int) -> Iterable[Suggestion]:
    """Places that the longest end of the text begins, at a word's beginning."""
    starts = [match.start() for match in re.finditer(r"\S+", typed)][-_MOST_WORDS_OF_A_PLACE:]
    for start in dict.fromkeys((0, *starts)):
        head, end = typed[:start], typed[start:]
        if head and len(end) < _SHORTEST_AFTER_OTHERS:
            break
        if found := suggest_places(end, limit):
            return [Suggestion(PLACE, head + place.label, place.label, place.code_commune) for place in found]
    return ()


def _each_once(suggestions: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    unique: dict[str, Suggestion] = {}
    for each in suggestions:
        unique.setdefault(fold(each.text), each)
    return tuple(unique.values())
