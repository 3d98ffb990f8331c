"""How a text becomes words: folded, then stemmed, with their joined, abbreviated and phonetic forms. One way for all texts."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from tantivy import Filter, Index, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from directory.text import fold

SPACES = "relais_spaces"
"""The index's tokenizer, under our own name (the engine's ``fr_stem`` does not fold, and is taken silently). Texts come folded
and stemmed by us, so it only cuts at spaces: one analysis for what is stored and what is asked."""

LONGEST_WORD = 40
_SHORTEST_STEM = 5
_COMPOUND = re.compile(r"[^\W_]+(?:[-’'‐‑][^\W_]+)+")
_DOTTED = re.compile(r"\b(?:[^\W_]\.){2,}[^\W_]?")

# Articles, prepositions, « je suis », « je cherche », once folded: a question does without them when it holds anything else. No
# noun may stand here (« été », « est », « pas », « son » are words that people search).
_GRAMMATICAL = frozenset(
    ("a ai au aux avec cherche chez d dans de des du en et j je l la le les ou par pour suis sur un une veut veux").split(" ")  # noqa: SIM905
)

# What sounds the same in French, on folded letters, applied in order: a coarse key, used only where spelling found nothing.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"e?aux?|ault?$|ots?$", "o"),
        (r"[st]ch|sh|ch", "k"),
        (r"qu|q|ck|k", "k"),
        (r"ss|sc(?=[eiy])|c(?=[eiy])|t(?=ion|iel|ieu)|z", "s"),
        (r"c", "k"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[eiy])", "j"),
        (r"gn", "n"),
        (r"h", ""),
        (r"w", "v"),
        (r"x(?=.)", "ks"),
        (r"y", "i"),
        (r"(?:ai|ei|i)[nm](?![aeiounm])", "1"),
        (r"[ae][nm](?![aeiounm])", "2"),
        (r"ai|ei|oe", "e"),
        (r"ill?", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=...)[estdxp]+$", ""),
    )
)


def clean(text: str) -> str:
    """The text without what no engine stores: lone surrogates dropped, letters and their accents composed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))


def split_words(text: str) -> list[str]:
    """The folded words of a text, in order, each of at most 40 characters; « E.2.C. » is one word."""
    if "." in text:
        text = _DOTTED.sub(lambda match: match.group().replace(".", ""), text)
    return [word[:LONGEST_WORD] for word in fold(text).split()]


def joined_forms(text: str) -> list[str]:
    """Compounds written in one word, folded: « Saint-Michel » gives « saintmichel », « L'Étape » gives « letape »."""
    return ["".join(split_words(match.group()))[:LONGEST_WORD] for match in _COMPOUND.finditer(text)]


def keep_meaningful(words: Iterable[str]) -> list[str]:
    """The words without articles and prepositions, unless nothing would be left; each once, in order."""
    unique = list(dict.fromkeys(words))
    return [word for word in unique if word not in _GRAMMATICAL] or unique


def is_grammatical(word: str) -> bool:
    """Whether a folded word is an article or a preposition."""
    return word in _GRAMMATICAL


_Writings = Mapping[tuple[str, ...], tuple[str, ...]]


@cache
def synonyms() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The data file: ``abbreviations``, ``plain_words``, ``thematiques``."""
    return tomllib.loads(resources.files("directory").joinpath("data", "synonyms.toml").read_text(encoding="utf-8"))


@cache
def writings() -> _Writings:
    """Words → other words of the same thing (``directory/data/synonyms.toml``): what a listing with the first is found by.

    Abbreviations hold both ways; a plain word finds the listings that hold one of its meanings, not the other way round.
    """
    table = synonyms()
    forms: dict[tuple[str, ...], dict[str, None]] = {}
    pairs = [(short, long) for short, longs in table["abbreviations"].items() for long in longs]
    pairs += [(long, short) for short, long in pairs]
    pairs += [(meaning, typed) for typed, meanings in table["plain_words"].items() for meaning in meanings]
    for said, also in pairs:
        words = tuple(word for word in split_words(said) if word not in _GRAMMATICAL)
        forms.setdefault(words, {}).update(dict.fromkeys(keep_meaningful(split_words(also))))
    return {words: tuple(others) for words, others in forms.items()}


@cache
def _by_first_stem() -> Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for words, others in writings().items():
        stems = tuple(map(stem, words))
        by_first.setdefault(stems[0], []).append((stems, others))
    return {first: tuple(entries) for first, entries in by_first.items()}


def other_writings(words: Sequence[str]) -> list[str]:
    """What else finds a text: « Asso St Michel » gives association, saint; articles aside, plurals alike."""
    if not any(map(_may_begin, words)):
        return []
    stems = [stem(word) for word in words if word not in _GRAMMATICAL]
    table, others = _by_first_stem(), dict[str, None]()
    for position, first in enumerate(stems):
        for wanted, found in table.get(first, ()):
            if tuple(stems[position : position + len(wanted)]) == wanted:
                others |= dict.fromkeys(found)
    return list(others)


@lru_cache(maxsize=100_000)
def _may_begin(word: str) -> bool:
    return stem(word) in _by_first_stem()


@cache
def _stemmer() -> TextAnalyzer:
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("french")).build()


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The French stem of a folded word. Folding comes first: the other order disagrees on 15 % of accented words.

    A stem of fewer than five letters says too little (« vente » and « vent », « garde » and « Gard » would be one word): there,
    only the plural is taken off.
    """
    found = _stemmer().analyze(word)
    if found and len(found[0]) >= _SHORTEST_STEM:
        return found[0]
    return word[:-1] if len(word) > _SHORTEST_STEM - 1 and word.endswith(("s", "eaux")) else word


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """One word of an original text, folded."""
    return fold(word).replace(" ", "")[:LONGEST_WORD]


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """A coarse phonetic key of a folded word (« psicologue » and « psychologue » share it); empty for short words and numbers."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return ""
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return word if len(word) >= 3 else ""


def register(index: Index) -> None:
    """Give an open index our tokenizer; each instance needs it, readers included."""
    index.register_tokenizer(SPACES, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
