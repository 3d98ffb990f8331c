"""Folding French texts and place names for comparison. A folded text is a key: never stored as a fact, never shown."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORDS = bytes(code if chr(code).isalnum() and not chr(code).isupper() and code < 128 else 32 for code in range(256))
"""Each byte of a folded text: itself when a word may hold it, else a space."""
_MARKS = re.compile(r"[\u0300-\u036f]+")
# What Unicode does not decompose into a base letter and a mark.
_SPELT_OUT = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "&": " et "}
_LIGATURES = re.compile(f"[{''.join(_SPELT_OUT)}]")
_SHORTENED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_CEDEX = re.compile(r"\bcedex\b.*$")
_TRAILING_NUMBERS = re.compile(r"(?: \d+)+$")


def fold(text: str) -> str:
    """The words of a text, for comparison: « L’Haÿ-les-Roses » and « l'hay les roses » both give ``l hay les roses``.

    Lower case without accents; œ and æ spelt out, & read « et »; whatever is neither a letter nor a digit becomes one space.
    Letters of other scripts are dropped, so the result holds nothing but ``a-z``, ``0-9`` and single spaces.
    """
    lowered = text.casefold()
    if not lowered.isascii():
        # a pattern is twenty times faster here than str.translate, which looks at each letter
        lowered = _MARKS.sub("", unicodedata.normalize("NFKD", _spell_ligatures(lowered)))
    elif "&" in lowered:
        lowered = _spell_ligatures(lowered)
    # bytes are cut three times faster than a pattern would; what is no ASCII becomes « ? », which is no word either
    return b" ".join(lowered.encode("ascii", "replace").translate(_WORDS).split()).decode("ascii")


def _spell_ligatures(text: str) -> str:
    return _LIGATURES.sub(lambda found: _SPELT_OUT[found[0]], text)


def spell_out(words: str) -> str:
    """A folded name with St, Ste and their plurals spelt out: ``st denis`` → ``saint denis``."""
    return " ".join(_SHORTENED.get(word, word) for word in words.split(" ")) if "st" in words else words


@lru_cache(maxsize=16_384)  # a file names its communes again and again
def fold_place(text: str) -> str:
    """The name of a place, for comparison: folded, St and Ste spelt out, « s/ » read « sur », CEDEX and trailing numbers dropped.

    Articles are kept: « Le Mans » and « Mans » are two names. « RENNES CEDEX 7 » gives ``rennes``, « Paris 13 » gives ``paris``.
    """
    words = _CEDEX.sub("", spell_out(fold(read_slashes(text)))).rstrip()
    return _TRAILING_NUMBERS.sub("", words)


def read_slashes(text: str) -> str:
    """« Chalon s/ Saône » → « Chalon sur Saône »; other texts unchanged."""
    return re.sub(r"\bs/\s*", "sur ", text, flags=re.IGNORECASE) if "/" in text else text
