"""The words of the training centres' lists (lookups.csv): natures, networks, states, and names that tell what a body is."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of the lists stands for; empty where it says nothing of it."""

    category: str
    networks: tuple[str, ...]
    text: str


_NOTHING = Meaning("", (), "")


@cache
def meanings(field: str) -> Mapping[str, Meaning]:
    """The known words of a field (``nature``, ``reseau``, ``etat``, ``nom``), in the file's order."""
    text = resources.files("importers.sources.cfa").joinpath("lookups.csv").read_text(encoding="utf-8")
    return {
        row["value"]: Meaning(row["category"], tuple(row["networks"].split()), row["text"])
        for row in csv.DictReader(text.splitlines())
        if row["field"] == field
    }


def meaning_of_name(folded: str) -> Meaning:
    """What a folded name says of its body: the first category that it tells, and every network."""
    found = [meaning for pattern, meaning in meanings("nom").items() if re.search(pattern, folded)]
    if not found:
        return _NOTHING
    category = next((meaning.category for meaning in found if meaning.category), "")
    return Meaning(category, tuple(name for meaning in found for name in meaning.networks), "")
