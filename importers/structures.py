"""What a structure is, told from its name: « CIO de Fougères » is a CIO."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from directory.text import fold


def guess_category(name: str) -> str | None:
    """The category that a structure's own name states (importers/structures.csv); None when it states none.

    The first words found in the name decide, the longest of them: « CIO, lycée Jean-Moulin » is a CIO.
    """
    key = f" {fold(name)} "
    found = [(key.index(words), -len(words), category) for words, category in _words() if words in key]
    return min(found)[2] if found else None


@cache
def _words() -> tuple[tuple[str, str], ...]:
    text = resources.files("importers").joinpath("structures.csv").read_text(encoding="utf-8")
    return tuple((f" {fold(row['words'])} ", row["category"]) for row in csv.DictReader(text.splitlines()))
