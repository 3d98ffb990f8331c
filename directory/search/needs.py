"""What a text means as a whole: categories of listings that it names, or needs (thématiques) that it says. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from directory.search.analysis import is_grammatical, split_words, stem, synonyms
from directory.search.understood import NEED, Recognition, Understood
from directory.vocabulary import THEMATIQUES, categories

_Stems = tuple[str, ...]
_NEGATION = frozenset(("n", "ne"))


def categories_named(text: str) -> tuple[str, ...]:
    """The categories of which a text is the name, in one of its writings: « fjt », « missions locales ».

    Returns:
        Codes; empty when the text says anything else, or anything more.
    """
    return tuple(_categories_by_name().get(frozenset(_stems(text)), ()))


def says_a_need(text: str) -> bool:
    """Whether a text says a need in words that listings use: « logement », « psychologue »."""
    return bool(_said([word for word in split_words(text) if not is_grammatical(word)]))


def with_needs(understood: Understood, *, told: bool) -> Understood:
    """What a text says, with the needs that its words mean when they mean nothing else.

    A need that is said in a sentence (« ne mange pas à midi ») is searched by its name; a word that listings use (« logement »)
    stays as it is.

    Args:
        understood: As read so far.
        told: Whether a thématique was asked for elsewhere: no sentence is then read.
    """
    words = [word for word in split_words(understood.text) if not is_grammatical(word) and word not in _NEGATION]
    if not words:
        return understood
    if not told and not categories_named(understood.text) and (said := _sentence(words)):
        recognition = Recognition(NEED, understood.text, f"Besoin : {' ou '.join(THEMATIQUES[code] for code in said)}")
        recognitions = (*understood.recognitions, recognition)
        return replace(understood, text=THEMATIQUES[said[0]], needs=said, recognitions=recognitions)
    return replace(understood, needs=_said(words))


def _sentence(words: Sequence[str]) -> tuple[str, ...]:
    """The needs of which a sentence of the data file stands among words that say who has them, and nothing else."""
    for wanted, codes in _sentences().items():
        for start in range(len(words) - len(wanted) + 1):
            if tuple(words[start : start + len(wanted)]) == wanted:
                rest = {*words[:start], *words[start + len(wanted) :]}
                if rest <= _who():
                    return codes
    return ()


def _said(words: Sequence[str]) -> tuple[str, ...]:
    """The needs that every word says; empty when one says something else."""
    stems, found, position = tuple(map(stem, words)), dict[str, None](), 0
    table, longest = _needs_by_words()
    while position < len(stems):
        for size in range(min(longest, len(stems) - position), 0, -1):
            if codes := table.get(stems[position : position + size]):
                found |= dict.fromkeys(codes)
                position += size
                break
        else:
            if words[position] not in _who():
                return ()
            position += 1
    return tuple(found)


@cache
def _categories_by_name() -> Mapping[frozenset[str], Sequence[str]]:
    names: dict[frozenset[str], list[str]] = {}
    for code, category in categories().items():
        short, _, long = category.label.partition("(")
        for text in (short, long, category.plural, *category.words):
            stems = frozenset(_stems(text))
            if stems and code not in names.setdefault(stems, []):
                names[stems].append(code)
    for short, longs in synonyms()["abbreviations"].items():
        for long in longs:
            if codes := names.get(frozenset(_stems(long))):
                names.setdefault(frozenset(_stems(short)), list(codes))
    return names


@cache
def _needs_by_words() -> tuple[Mapping[_Stems, Sequence[str]], int]:
    """Words → needs, and how many words the longest have."""
    table: dict[_Stems, dict[str, None]] = {}
    for text, codes in _plain_words_of_needs():
        if stems := _stems(text):
            table.setdefault(stems, {}).update(dict.fromkeys(codes))
    known = dict(table)
    meanings = [*synonyms()["plain_words"].items(), *synonyms()["abbreviations"].items()]
    for typed, means in meanings:
        if codes := [code for meaning in means for code in known.get(_stems(meaning), ())]:
            table.setdefault(_stems(typed), {}).update(dict.fromkeys(codes))
    return {stems: tuple(codes) for stems, codes in table.items()}, max(map(len, table))


def _plain_words_of_needs() -> Iterator[tuple[str, Sequence[str]]]:
    for code, label in THEMATIQUES.items():
        yield label, (code,)
    for code, texts in synonyms()["thematiques"].items():
        for text in texts:
            yield text, (code,)
    for domain, texts in _file()["domains"].items():
        codes = [code for code in THEMATIQUES if code.startswith(f"{domain}--")]
        for text in texts:
            yield text, codes


@cache
def _sentences() -> Mapping[_Stems, tuple[str, ...]]:
    """Folded words of each sentence, the longest first → thématiques."""
    found: dict[_Stems, tuple[str, ...]] = {}
    for code, texts in _file()["needs"].items():
        for text in texts:
            words = tuple(word for word in split_words(text) if not is_grammatical(word) and word not in _NEGATION)
            found[words] = (*found.get(words, ()), code)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


@cache
def _who() -> frozenset[str]:
    return frozenset(word for text in _file()["who"] for word in split_words(text))


def _stems(text: str) -> _Stems:
    return tuple(stem(word) for word in split_words(text) if not is_grammatical(word))


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("directory").joinpath("data", "understanding.toml").read_text(encoding="utf-8"))
