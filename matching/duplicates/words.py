"""What ``data/duplicates.toml`` says of words: the short forms of the field, and what tells nothing apart."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz.distance import OSA

from directory.text import fold

_SPELT = re.compile(r"\b(?:[a-z] ){2,}[a-z]\b")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of ``data/duplicates.toml``, each in the form that ``stem`` gives it.

    Attributes:
        small: Words that are dropped.
        generic: Words that say what a thing is, and not which.
        territories: Words for a territory, which hardly tell anything beside its name.
        telling: Short words that tell, though they look like a slip in a small one.
        words: Abbreviation → the word, or the words.
        short_forms: Acronym → the words that it stands for, several.
        phrases: Words → the words they are read as.
        any_phrase: Finds any of ``phrases``, the longest first; None when there is none.
        ways: Words of addresses that say what kind of way it is.
        streets: Abbreviation → word, in addresses.
    """

    small: frozenset[str]
    generic: frozenset[str]
    territories: frozenset[str]
    telling: frozenset[str]
    words: dict[str, str]
    short_forms: tuple[tuple[str, frozenset[str]], ...]
    phrases: dict[str, str]
    any_phrase: re.Pattern[str]
    ways: frozenset[str]
    streets: dict[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    text = resources.files("matching").joinpath("data", "duplicates.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    phrases = {_stems(one): _stems(other) for one, other in data["phrases"].items()}
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return Vocabulary(
        small=frozenset(data["small"]),
        generic=frozenset(map(stem, data["generic"])),
        territories=frozenset(map(stem, data["territories"])),
        telling=frozenset(map(stem, data["telling"])),
        words={short: _stems(long) for short, long in (data["words"] | data["expanded"]).items()},
        short_forms=tuple(
            (short, frozenset(_stems(long).split())) for short, long in data["expanded"].items() if len(short) > 2 and " " in long
        ),
        phrases=phrases,
        any_phrase=re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"),
        ways=frozenset(data["ways"]),
        streets=dict(data["streets"]),
    )


def stem(word: str) -> str:
    """A word without what plural and feminine add, for comparison: ``locales`` and ``local`` both give ``local``."""
    if len(word) > 4:
        word = word[:-1] if word[-1] in "sx" else word
        if word.endswith(("lle", "nne")):
            return word[:-2]
        if word.endswith("le"):
            return word[:-1]
    return word


def read_words(text: str) -> tuple[str, ...]:
    """The words of a name that count, in one spelling, in their order.

    >>> read_words("Ctr d'information et d'orientation de St-Malo")
    ('centre', 'information', 'orientation', 'saint', 'malo')
    """
    folded = _SPELT.sub(lambda spelt: spelt[0].replace(" ", ""), fold(text))
    kept = " ".join([word for written in folded.split() if (word := _SPELLING[written])])
    phrases = vocabulary().phrases
    read = vocabulary().any_phrase.sub(lambda found: phrases[found[0]], kept)
    return tuple(dict.fromkeys(read.split()))


class _Spelling(dict[str, str]):
    """Word as written → the word or words that it is read as, empty for one that is dropped. Forgets all once it is too large."""

    def __missing__(self, word: str) -> str:
        if len(self) > 200_000:
            self.clear()
        vocabular = vocabulary()
        read = "" if word in vocabular.small else vocabular.words.get(word) or stem(word)
        self[word] = read
        return read


_SPELLING = _Spelling()


def _stems(text: str) -> str:
    return " ".join(map(stem, text.split()))


def weight(words: Iterable[str]) -> float:
    """How much these words tell one thing from another: 1 each, 0.3 for a generic word or one that is hardly a word."""
    return sum(map(weight_of, words))


@lru_cache(maxsize=65_536)
def weight_of(word: str) -> float:
    """1 for a word that tells one thing from another, 0.3 for a generic one, 0.1 for one that hardly tells anything.

    That is a word for a territory, or one that is a slip away from « de » or « la ».
    """
    vocabular = vocabulary()
    if word in vocabular.generic:
        return 0.3
    if word in vocabular.territories:
        return 0.1
    if word in vocabular.telling or word.isdigit():
        return 1.0
    hardly = len(word) <= 4 and any(OSA.distance(word, small) <= 1 for small in vocabular.small)
    return 0.1 if hardly else 1.0
