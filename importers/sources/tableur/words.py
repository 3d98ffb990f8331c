"""Thématiques and kinds of welcome in plain words: « logement », « permis de conduire », « stage »."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from directory.text import fold
from directory.vocabulary import THEMATIQUES, Pathway
from importers.lookups import find_lookup
from matching.needs import needs


def find_thematiques(word: str) -> tuple[str, ...]:
    """The thématiques that a word says: a code, a label, or a need as référents name it (matching/data/needs.toml); else none."""
    return (word.strip(),) if word.strip() in THEMATIQUES else _words().get(fold(word), ())


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for need in needs().values():
        for word in (need.key, need.label, *need.words):
            found.setdefault(fold(word), need.first)
    for code, label in THEMATIQUES.items():
        found[fold(label)] = (code,)
    return found


def find_pathway(word: str) -> Pathway | None:
    """What a company offers, as people write it (``entreprises/lookups.csv``); None for another word."""
    entry = find_lookup("entreprises", "propose", word.strip())
    return Pathway(entry["pathway"]) if entry is not None else None
