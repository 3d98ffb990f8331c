"""Yes or no, counts, degrees."""

from __future__ import annotations

import re

from directory.errors import InvalidValue
from importers.values.text import tidy

_YES = frozenset({"oui", "o", "x", "vrai", "true", "yes", "1", "✓", "✔", "ok"})
_NO = frozenset({"non", "n", "faux", "false", "no", "0", "-"})


def parse_bool(text: str) -> bool | None:
    """Yes or no as spreadsheets say it; None for an empty cell.

    Raises:
        InvalidValue: Neither.
    """
    word = tidy(text).casefold().rstrip(".")
    if not word:
        return None
    if word in _YES or word in _NO:
        return word in _YES
    raise InvalidValue("oui_non", text, "neither yes nor no", public=f"« {tidy(text)[:80]} » : ni oui ni non.")


def parse_count(text: str) -> int | None:
    """A whole number of 0 to 100,000 (« 3 », « 3.0 », « 1 200 »); None for an empty cell.

    Raises:
        InvalidValue: Not such a number.
    """
    cell = tidy(text).replace(" ", "")
    if not cell:
        return None
    match = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", cell, re.ASCII)
    if not match or int(match.group(1)) > 100_000:
        raise InvalidValue("nombre", text, "not a count", public=f"« {tidy(text)[:80]} » n’est pas un nombre entier.")
    return int(match.group(1))


def parse_degrees(text: str) -> float | None:
    """A latitude or a longitude in degrees, with a point or a comma; None for an empty cell.

    Raises:
        InvalidValue: Not a number of -180 to 180.
    """
    cell = tidy(text).replace(",", ".")
    if not cell:
        return None
    if not re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{1,20})?(?:[eE]-\d{1,2})?", cell, re.ASCII) or not -180 <= float(cell) <= 180:
        raise InvalidValue(
            "coordonnees", text, "not degrees", public=f"« {tidy(text)[:80]} » n’est pas une coordonnée en degrés."
        )
    return float(cell)
