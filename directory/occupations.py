"""Occupations: ROME titles by code, found by what people type, and those that go with a company's NAF code."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from itertools import chain

from rapidfuzz import fuzz, process

from directory import referentials
from directory.referentials import Referential
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
# A title before a job title of another occupation: « Cuisinier » is one of the names of a chef too.
_JOB_TITLE = 0.98
_LEAST_RESEMBLANCE = 80.0
# A title that is the text, or that says one word more.
_WHOLE, _BEGINS = 100.0, 97.0
_FEW_OCCUPATIONS = 8
_SHORTEST_TRADE = 4


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation that answers a text. ``score`` is 0 to 100: how well its title answers."""

    code: str
    title: str
    score: float


def title(code_rome: str) -> str | None:
    """The title of a ROME code (« G1602 » → « Commis / Commise de cuisine »); None for an unknown one."""
    return _finder().titles.get(code_rome.strip().upper())


def trade_names(code_rome: str) -> tuple[str, ...]:
    """The words, folded, that begin the occupation's job titles and that name its trade: « plaquiste », « soudeuse ».

    A word that begins those of many occupations (« agent », « responsable ») names none of them.
    """
    return _finder().trades.get(code_rome, ())


def codes_of_domaine(domaine: str) -> tuple[str, ...]:
    """The ROME codes of a domaine, told by its three characters (« G15 ») or as the diplomas' files write it (« G1500 »)."""
    return tuple(code for code in _finder().titles if code.startswith(domaine[:3]))


def domaine_label(domaine: str) -> str:
    """A domaine with what it holds, for it has no title of its own here: « G16 (commis de cuisine, chef de cuisine…) »."""
    told = ", ".join(_short(_finder().titles[code]) for code in codes_of_domaine(domaine)[:2])
    return f"{domaine[:3]} ({told}…)" if told else domaine


def _short(title: str) -> str:
    """« Chef / Cheffe de cuisine » as « chef de cuisine »."""
    first, _, second = title.partition(" / ")
    told = " ".join([first, *second.split()[len(first.split()) :]])
    return told[:1].lower() + told[1:]


def find_occupations(text: str, limit: int = 8) -> tuple[Occupation, ...]:
    """Occupations that answer a text, the best first; quick enough to answer each key that is pressed.

    A ROME code or its beginning (« G16 ») gives those codes. Otherwise each typed word is compared with the words of the titles,
    and of the job titles (« appellations ») where ROME was imported: the same word, a word that it begins (« méca auto »), a
    misspelt one (by rapidfuzz), a kindred one (« cuisine » and « cuisinier » share their beginning). Titles that answer all the
    words come first, the shortest before the longest; those that answer fewer than half of them are left out.

    Args:
        text: What was typed; any text.
        limit: How many at most.
    """
    finder = _finder()
    key = fold(text[:_LONGEST])
    by_code = _by_code(finder, key.replace(" ", "").upper())
    if by_code or limit < 1:
        return by_code[: max(limit, 0)]
    words = [word for word in dict.fromkeys(key.split(" ")) if word and word not in _EMPTY_WORDS][:_MOST_WORDS]
    if not words:
        return ()
    scores: dict[str, float] = {}
    for rank, weights in _answered(finder, words).items():
        if 2 * len(weights) >= len(words):
            score = 100 * sum(weights) / len(words) * finder.worth(rank, len(words))
            code = finder.codes[rank]
            scores[code] = max(scores.get(code, 0.0), round(score, 1))
    found = [Occupation(code, finder.titles[code], score) for code, score in scores.items()]
    return tuple(sorted(found, key=lambda occupation: (-occupation.score, occupation.code))[:limit])


def is_named_by(text: str, best: Sequence[Occupation]) -> bool:
    """Whether a text is an occupation's whole title, or the word that begins the titles of one ROME domaine only (« plombier »).

    Args:
        text: What was typed.
        best: The first occupations that answer it, the best first.
    """
    if not best or best[0].score < _BEGINS:
        return False
    forms = {fold(form).partition(" ")[0] for form in best[0].title.split(" / ")}
    domaines = {each.code[:3] for each in best if each.score >= _BEGINS - 4}
    return best[0].score >= _WHOLE or (fold(text) in forms and len(forms) > 1 and len(domaines) == 1)


def _answered(finder: _Finder, words: list[str]) -> dict[int, list[float]]:
    """The entries that answer some of the words, with how well they answer each."""
    answered: dict[int, list[float]] = defaultdict(list)
    for word in words:
        best: dict[int, float] = {}
        for kindred, weight in _answers(finder, word):
            for rank in finder.entries_of[kindred]:
                worth = weight if kindred in finder.first[rank] else weight * _NOT_FIRST
                best[rank] = max(best.get(rank, 0.0), worth)
        for rank, weight in best.items():
            answered[rank].append(weight)
    return answered


def occupations_of_naf(code_naf: str) -> frozenset[str]:
    """ROME codes that go with the division of a NAF code (« 56.10A », « 5610A » or « 56 »); empty for an unknown one."""
    return _by_division().get(code_naf.strip()[:2], frozenset())


class _Finder:
    """ROME made ready to be asked: its titles and job titles by their words.

    Attributes:
        titles: Code → title.
        codes: The code of each entry: the titles first, then the job titles.
        first: The first words of each entry.
        entries_of: Word → the entries that hold it.
        by_beginning: The words by their first three letters.
        trades: Code → the first words of its titles that few occupations share.
    """

    def __init__(self, titles: Mapping[str, str], job_titles: Iterable[tuple[str, str]] = ()) -> None:
        self.titles = titles
        self.codes: list[str] = []
        self.first: list[frozenset[str]] = []
        self.entries_of: dict[str, list[int]] = defaultdict(list)
        self._lengths: list[int] = []
        for code, text in chain(titles.items(), job_titles):
            self._add(code, text)
        self.words = sorted(self.entries_of)
        self.by_beginning: dict[str, list[str]] = defaultdict(list)
        for word in self.words:
            for size in (1, 2, 3):
                if len(word) >= size:
                    self.by_beginning[word[:size]].append(word)

    @cached_property
    def trades(self) -> Mapping[str, tuple[str, ...]]:
        codes_of: dict[str, set[str]] = defaultdict(set)
        for code, words in zip(self.codes, self.first, strict=True):
            for word in sorted(words):
                codes_of[word].add(code)
        found: dict[str, list[str]] = defaultdict(list)
        for word, codes in codes_of.items():
            if len(codes) <= _FEW_OCCUPATIONS and len(word) >= _SHORTEST_TRADE:
                for code in codes:
                    found[code].append(word)
        return {code: tuple(words) for code, words in found.items()}

    def _add(self, code: str, text: str) -> None:
        forms = [_words(form) for form in text.split(" / ")]
        for word in {word for form in forms for word in form}:
            self.entries_of[word].append(len(self.codes))
        self.codes.append(code)
        self.first.append(frozenset(form[0] for form in forms if form))
        self._lengths.append(len(forms[-1]))

    def worth(self, rank: int, typed: int) -> float:
        """How much an entry counts (0 to 1): a little less for a job title than for a title, and for each word not typed.

        « Cuisinier » comes before « Cuisinier de collectivité ».
        """
        whole = 1 - min(0.25, 0.03 * max(0, self._lengths[rank] - typed))
        return whole if rank < len(self.titles) else whole * _JOB_TITLE


def _finder() -> _Finder:
    return _build(referentials.get("rome"), referentials.get("appellations"))


@lru_cache(maxsize=2)
def _build(rome: Referential, appellations: Referential) -> _Finder:
    titles = _shipped_titles() | {code: entry["label"] for code, entry in rome.entries.items()}
    named = ((entry["rome"], entry["label"]) for entry in appellations.entries.values())
    return _Finder(titles, ((code, label) for code, label in named if code in titles and label != titles[code]))


@cache
def _shipped_titles() -> dict[str, str]:
    return {row["code_rome"]: row["libelle"] for row in _rows("rome.csv")}


@cache
def _by_division() -> Mapping[str, frozenset[str]]:
    codes: dict[str, set[str]] = defaultdict(set)
    for row in _rows("naf_division_rome.csv"):
        codes[row["naf_division"]].add(row["code_rome"])
    return {division: frozenset(found) for division, found in codes.items()}


def _words(text: str) -> list[str]:
    return [word for word in fold(text).split(" ") if word and word not in _EMPTY_WORDS]


def _by_code(finder: _Finder, code: str) -> tuple[Occupation, ...]:
    if not (2 <= len(code) <= 5 and code[0] in "ABCDEFGHIJKLMN" and code[1:].isdecimal()):
        return ()
    return tuple(Occupation(known, name, 100.0) for known, name in finder.titles.items() if known.startswith(code))


@lru_cache(maxsize=2048)
def _answers(finder: _Finder, word: str) -> tuple[tuple[str, float], ...]:
    """Words of the titles that answer a typed one, with how much each counts (0 to 1)."""
    found = {known: weight for known in finder.by_beginning.get(word[:3], ()) if (weight := _kinship(word, known))}
    if len(word) >= 4 and max(found.values(), default=0.0) < _BEGUN:
        close = process.extract(word, finder.words, scorer=fuzz.ratio, score_cutoff=_LEAST_RESEMBLANCE, limit=10)
        for known, score, _ in close:
            found[known] = max(found.get(known, 0.0), _MISSPELT * score / 100)
    if (trade := _TRADES.get(word)) and trade in finder.entries_of:
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


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("directory").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
