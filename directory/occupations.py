"""Occupations: ROME titles by code, found by what people type, and those that go with a company's NAF code."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz import fuzz, process

from directory.text import fold

_LONGEST = 200
_MOST_WORDS = 8
_EMPTY_WORDS = frozenset(
    "a au aux d de des du e en er et l la le les ou par pour sur un une metier metiers travail emploi secteur "  # noqa: SIM905
    "cap bac pro bp bep bts bma dtms".split()
)
# Trades whose name does not begin as the activity's does.
_TRADES = {"vente": "vendeur", "maconnerie": "macon", "conduite": "conducteur", "service": "serveur"}
# What an activity's name adds to its trade's beginning: « coiff-ure » and « coiff-eur », « menuis-erie » and « menuis-ier ».
_ACTIVITY_ENDS = ("ation", "erie", "ique", "ure", "ite", "age", "e")
# How much a title's word counts for a typed one, by how it answers it.
_EXACT, _TRADE, _BEGUN, _KIN, _MISSPELT = 1.0, 0.97, 0.92, 0.75, 0.85
# A title's first word is the trade itself: « Serveur » before « Administrateur de serveurs ».
_NOT_FIRST = 0.96
_LEAST_RESEMBLANCE = 80.0


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation that answers a text. ``score`` is 0 to 100: how well its title answers."""

    code: str
    title: str
    score: float


def title(code_rome: str) -> str | None:
    """The title of a ROME code (« G1602 » → « Commis / Commise de cuisine »); None for an unknown one."""
    return _titles().get(code_rome.strip().upper())


def find_occupations(text: str, limit: int = 8) -> tuple[Occupation, ...]:
    """Occupations that answer a text, the best first; quick enough to answer each key that is pressed.

    A ROME code or its beginning (« G16 ») gives those codes. Otherwise each typed word is compared with the titles' words: the
    same word, a word that it begins (« méca auto »), a misspelt one (by rapidfuzz), a kindred one (« cuisine » and « cuisinier »
    share their beginning). Titles that answer all the words come first, the shortest before the longest; those that answer fewer
    than half of them are left out.

    Args:
        text: What was typed; any text.
        limit: How many at most.
    """
    key = fold(text[:_LONGEST])
    by_code = _by_code(key.replace(" ", "").upper())
    if by_code or limit < 1:
        return by_code[: max(limit, 0)]
    words = [word for word in dict.fromkeys(key.split(" ")) if word and word not in _EMPTY_WORDS][:_MOST_WORDS]
    if not words:
        return ()
    answered: dict[str, list[float]] = defaultdict(list)
    for word in words:
        best: dict[str, float] = {}
        for kindred, weight in _answers(word):
            for code in _index().titles_of[kindred]:
                worth = weight if kindred in _index().first[code] else weight * _NOT_FIRST
                best[code] = max(best.get(code, 0.0), worth)
        for code, weight in best.items():
            answered[code].append(weight)
    found = [
        Occupation(code, _titles()[code], round(100 * sum(weights) / len(words) * _brevity(code, len(words)), 1))
        for code, weights in answered.items()
        if 2 * len(weights) >= len(words)
    ]
    return tuple(sorted(found, key=lambda occupation: (-occupation.score, occupation.code))[:limit])


def occupations_of_naf(code_naf: str) -> frozenset[str]:
    """ROME codes that go with the division of a NAF code (« 56.10A », « 5610A » or « 56 »); empty for an unknown one."""
    return _by_division().get(code_naf.strip()[:2], frozenset())


@dataclass(frozen=True, slots=True)
class _Index:
    """Words of the titles: the titles that hold each, the words by their first three letters, each title's own words."""

    titles_of: Mapping[str, tuple[str, ...]]
    by_beginning: Mapping[str, tuple[str, ...]]
    length: Mapping[str, int]
    first: Mapping[str, frozenset[str]]


@cache
def _titles() -> Mapping[str, str]:
    return {row["code_rome"]: row["libelle"] for row in _rows("rome.csv")}


@cache
def _by_division() -> Mapping[str, frozenset[str]]:
    codes: dict[str, set[str]] = defaultdict(set)
    for row in _rows("naf_division_rome.csv"):
        codes[row["naf_division"]].add(row["code_rome"])
    return {division: frozenset(found) for division, found in codes.items()}


@cache
def _index() -> _Index:
    titles_of: dict[str, list[str]] = defaultdict(list)
    length: dict[str, int] = {}
    first: dict[str, frozenset[str]] = {}
    for code, text in _titles().items():
        forms = [_words(form) for form in text.split(" / ")]
        length[code] = len(forms[-1])
        first[code] = frozenset(form[0] for form in forms if form)
        for word in {word for form in forms for word in form}:
            titles_of[word].append(code)
    beginnings: dict[str, list[str]] = defaultdict(list)
    for word in sorted(titles_of):
        for size in (1, 2, 3):
            if len(word) >= size:
                beginnings[word[:size]].append(word)
    return _Index(
        titles_of={word: tuple(codes) for word, codes in titles_of.items()},
        by_beginning={beginning: tuple(words) for beginning, words in beginnings.items()},
        length=length,
        first=first,
    )


def _words(text: str) -> list[str]:
    return [word for word in fold(text).split(" ") if word and word not in _EMPTY_WORDS]


def _by_code(code: str) -> tuple[Occupation, ...]:
    if not (2 <= len(code) <= 5 and code[0] in "ABCDEFGHIJKLMN" and code[1:].isdecimal()):
        return ()
    return tuple(Occupation(known, name, 100.0) for known, name in _titles().items() if known.startswith(code))


@lru_cache(maxsize=2048)
def _answers(word: str) -> tuple[tuple[str, float], ...]:
    """Words of the titles that answer a typed one, with how much each counts (0 to 1)."""
    index = _index()
    found = {known: weight for known in index.by_beginning.get(word[:3], ()) if (weight := _kinship(word, known))}
    if len(word) >= 4 and max(found.values(), default=0.0) < _BEGUN:
        close = process.extract(word, list(index.titles_of), scorer=fuzz.ratio, score_cutoff=_LEAST_RESEMBLANCE, limit=10)
        for known, score, _ in close:
            found[known] = max(found.get(known, 0.0), _MISSPELT * score / 100)
    if trade := _TRADES.get(word):
        found[trade] = _TRADE
    return tuple(found.items())


def _kinship(word: str, known: str) -> float:
    if known == word or known == word + "s" or word == known + "s":
        return _EXACT
    if _is_trade_of(known, word):
        return _TRADE
    if known.startswith(word):
        return _BEGUN
    shared = next((place for place, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    shortest = min(len(word), len(known))
    return _KIN * shared / shortest if shared >= 4 and shared >= 0.6 * shortest else 0.0


def _is_trade_of(known: str, activity: str) -> bool:
    ends = next((end for end in _ACTIVITY_ENDS if activity.endswith(end)), "")
    stem = activity.removesuffix(ends)
    return bool(ends) and len(stem) >= 5 and known.startswith(stem) and known.endswith(("ier", "eur", "en", "re", "er", "ial"))


def _brevity(code: str, typed: int) -> float:
    """A little less for each word of the title that was not typed: « Cuisinier » before « Cuisinier de collectivité »."""
    return 1 - min(0.25, 0.03 * max(0, _index().length[code] - typed))


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("directory").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
