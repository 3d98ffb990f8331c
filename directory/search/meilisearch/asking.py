"""The ways to read a question, in the server's terms: the same stages as the embedded index, and the same sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from directory.search.analysis import clean, joined_forms, keep_meaningful, sound, split_words, stem
from directory.search.meilisearch.documents import BODY, NAME, OTHERS, PLAIN, SOUND, TITLE, marked
from directory.search.stages import (
    COMPLETED,
    MISSPELT,
    READ_CHARACTERS,
    Word,
    allowed_edits,
    fewer_words,
    numbers_of_words,
    parts_of,
)

MOST_WORDS = 10
"""The server reads no more words of a question."""

_CORE, _EVERYTHING, _SPELT = (NAME, OTHERS), (NAME, OTHERS, BODY), (TITLE, PLAIN)
_SHORTEST_PREFIX = 2
_MOST_WORDS_DROPPED_FROM = 8
"""Beyond so many words only these are tried without one of them: the choices would be too many."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to read the question: ``ask`` is its part of the server's query."""

    ask: dict[str, Any]
    widened: str | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """The words typed, before anything is known of them."""

    words: tuple[str, ...]
    compounds: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Typed:
        """Read a text; articles are left out."""
        text = clean(text[:READ_CHARACTERS])
        return cls(tuple(keep_meaningful(split_words(text))[:MOST_WORDS]), tuple(dict.fromkeys(joined_forms(text))))

    def questions(self) -> list[dict[str, Any]]:
        """What to ask to know how many documents hold each word, and each compound in one word: two questions each."""
        asked = (*self.words, *self.compounds)
        return [_exactly([word], among) | {"limit": 0} for word in asked for among in (_CORE, _EVERYTHING)]

    def read(self, counts: Sequence[int]) -> tuple[Word, ...]:
        """The words, with what is known of them; a compound that the index only knows in one word is joined."""
        known = {
            word: Word(word, stem(word), counts[2 * rank], bool(counts[2 * rank + 1]))
            for rank, word in enumerate((*self.words, *self.compounds))
        }
        words = list(self.words)
        for joined in self.compounds:
            parts = parts_of(words, joined)
            if parts and known[joined].frequency and not all(known[part].frequency for part in parts):
                start = words.index(parts[0])
                words[start : start + len(parts)] = [joined]
        return tuple(known[word] for word in words)


def exact(words: Sequence[str]) -> Stage:
    """Documents that hold every word as it was written."""
    return Stage(_exactly(words, _EVERYTHING))


def in_core(words: Sequence[str]) -> dict[str, Any]:
    """Documents that hold every word in their name, other words or commune."""
    return _exactly(words, _CORE)


def looser(words: tuple[Word, ...]) -> Iterator[Stage]:
    """The next ways, the strictest first: completed, misspelt, sounding alike."""
    *head, last = words
    if len(last.text) >= _SHORTEST_PREFIX:
        begun = _phrases(word.stem for word in head)
        attributes = [*_EVERYTHING, *_SPELT]
        yield Stage(_ask(f"{begun} {_spelt(last.text)}", attributes), COMPLETED, loose=True)
    unknown = [word for word in words if not word.known]
    if unknown:
        yield Stage(_ask(_corrected(map(_as_known, words), alone=not head), [*_EVERYTHING, *_SPELT]), MISSPELT, loose=True)
        keys = [sound(word.text) for word in unknown]
        if all(keys):
            said = _phrases([*keys, *(word.stem for word in words if word.known)])
            yield Stage(_ask(said, [*_EVERYTHING, SOUND]), MISSPELT, loose=True)
    if any(allowed_edits(word.text) for word in words):
        spelt = (_spelt(word.text) for word in words)
        yield Stage(_ask(_corrected(spelt, alone=not head), _SPELT), MISSPELT, loose=True)


@dataclass(frozen=True, slots=True)
class Fewer:
    """Some of the words only: each choice of them is a question, and their answers are united.

    Attributes:
        last_resort: Whether a word found in a description alone is enough.
    """

    widened: str
    choices: tuple[dict[str, Any], ...]
    last_resort: bool


def fewer(words: tuple[Word, ...]) -> Iterator[Fewer]:
    """The last ways, the strictest first."""
    kept = sorted(words, key=lambda word: word.frequency or 1)[:_MOST_WORDS_DROPPED_FROM]
    for anywhere in (False, True):
        among = [*(_EVERYTHING if anywhere else _CORE), *_SPELT]
        for wanted in numbers_of_words(len(kept)):
            # half of the words or fewer say too little by their spelling, and the server's forgives two letters
            counted = kept if 2 * wanted > len(kept) else [word for word in kept if word.known]
            choices = tuple(
                _ask(_corrected(map(_as_known, some), alone=wanted == 1 or words[-1] not in some), among)
                for some in combinations(counted, wanted)
            )
            yield Fewer(fewer_words(wanted, len(words)), choices, anywhere)


def _corrected(words: Iterable[str], *, alone: bool) -> str:
    """Words that the server may correct. It completes the last one too, « alone » apart: « test » would be « rest-aurant »."""
    return " ".join(words) + (" " if alone else "")


def _as_known(word: Word) -> str:
    return f'"{word.stem}"' if word.known else _spelt(word.text)


def _spelt(word: str) -> str:
    """A word that the server may correct and complete; one that mixes letters and digits (« 3eme ») never is."""
    mixed = not word.isdecimal() and any(letter.isdecimal() for letter in word)
    return f'"{marked(word)}"' if mixed else marked(word)


def _exactly(words: Sequence[str], among: Sequence[str]) -> dict[str, Any]:
    return _ask(_phrases(map(stem, words)), among)


def _phrases(words: Any) -> str:
    # a word between quotes is neither completed nor corrected; folded words hold no quote of their own
    return " ".join(f'"{word}"' for word in words)


def _ask(text: str, among: Sequence[str]) -> dict[str, Any]:
    return {"q": text, "attributesToSearchOn": list(among), "matchingStrategy": "all"}
