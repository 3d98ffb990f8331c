"""What makes a French text easy to read (level A2), as far as a program can tell; it knows neither sense nor vocabulary.

A reading ease, by the formula of Flesch for French (Kandel and Moles, 1958): 207 - 1.015 x words a sentence - 73.6 x syllables a
word; 80 and above is « easy ». And rules that the European guide « L'information pour tous » (Inclusion Europe, 2009) gives for
texts that are easy to read and understand: short sentences, one idea each, the active voice, no abbreviation unless explained, no
learned words, no heavy tenses. What a person at level A2 really understands, only such a person can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 14
"""Words of a sentence that someone at level A2 reads in one go."""
EASY, HARD = 80, 60
"""The least reading ease of a whole text, and of one sentence of six words or more."""

_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_BE = r"(?:est|sont|es|suis|sommes|êtes|sera|seront|était|étaient|soit|été|être)"
_PASSIVE = re.compile(
    rf"\b{_BE}\s+(?:pas\s+|plus\s+|déjà\s+)?(?!arrivé|allé|venu|né|passé|resté|entré|parti|gratuit)"
    r"\w+(?:é|ée|és|ées|ie|ies|is|ise|ises|ue|us|ues|uit|uite|uits|uites)\b"
)
_HEAVY = re.compile(
    r"\b(?:afin|lequel|laquelle|lesquels|desquels|duquel|dont|notamment|ainsi que|dans le cadre|en vue|auprès|bénéfici\w+"
    r"|dispositif\w*|effectu\w+|préalable\w*|ultérieur\w*|susceptible\w*|conformément|nonobstant|modalités?|mobilis\w+|sollicit\w+"
    r"|soit que|quoique|toutefois|néanmoins|cependant|hormis|ledit|contractualis\w+|accompagnement\w*|insertion|problématiques?"
    r"|\w+(?:assions|assiez|assent|issent|eussent|ussent))\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\b[A-Z]{2}[A-Z0-9]*\b")
_KNOWN = frozenset({"CV", "CAP"})
"""What every student of a lycée professionnel has met."""


def sentences(text: str) -> list[str]:
    """The sentences of a text; what stands after a colon is one of its own."""
    return [each.strip() for each in re.split(r"(?<=[.?!:…])[\s\u00a0»]+|\n+", text) if _WORD.search(each)]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """The syllables of a word as they are said: groups of vowels, without the mute « e » of the end; at least one."""
    bare = re.sub(r"(?<=[^aeiouyéèà])(?:e|es|ent)$", "", word.lower()) if len(word) > 3 else word.lower()
    return sum(max(1, len(_VOWELS.findall(part))) for part in re.split(r"[-’']", bare) if len(part) > 1) or 1


def ease(text: str) -> float:
    """Reading ease of a text: 100 for a child's, under 30 for a decree's."""
    parts, said = sentences(text), words(text)
    return 207 - 1.015 * len(said) / len(parts) - 73.6 * sum(map(syllables, said)) / len(said)


def faults(text: str, explained: Iterable[str] = ()) -> list[str]:
    """What is hard in a text, said with the words that make it so.

    Args:
        text: The text.
        explained: The abbreviations that are explained beside it.
    """
    found: list[str] = []
    told = _KNOWN | {part for word in explained for part in word.split("-")}
    for sentence in sentences(text):
        number = len(words(sentence))
        if number > LONGEST:
            found.append(f"{number} words: {sentence}")
        if number >= 6 and ease(sentence) < HARD:
            found.append(f"ease {ease(sentence):.0f}: {sentence}")
        found += [f"passive: {match.group(0)}" for match in _PASSIVE.finditer(sentence)]
        found += [f"heavy: {match.group(0)}" for match in _HEAVY.finditer(sentence)]
        found += [f"abbreviation: {each}" for each in _ACRONYM.findall(sentence) if each not in told]
        found += [f"two ideas: {sentence}"] * (sentence.count(",") > 3 or ";" in sentence or "(" in sentence)
    return found
