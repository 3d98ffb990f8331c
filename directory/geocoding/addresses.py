"""Addresses to be located: what is asked, and the key under which its answer is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.text import fold

_LONGEST = 300
# what names no place on a map: boxes of the post office, and what stands at a CEDEX
_BOXES = re.compile(r"\b(?:bp|cs|tsa|boite postale|cedex)\b(?: \d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressQuery:
    """An address of which the commune is known.

    Attributes:
        street: Number and street as written, perhaps with a building or a venue.
        code_commune: INSEE code: the answer must lie in this commune.
        code_postal: Postal code, or empty.
        commune: Name of the commune.
    """

    street: str
    code_commune: str
    code_postal: str = ""
    commune: str = ""

    @property
    def key(self) -> str:
        """The same for two ways of writing one address; empty when there is nothing to ask."""
        return address_key(self.street, self.code_commune)


def address_key(street: str, code_commune: str) -> str:
    """The key of an address, or empty when it names no place that a map could know (« BP 12 »)."""
    words = " ".join(_BOXES.sub(" ", fold(street[:_LONGEST])).split())
    return f"{code_commune} {words}" if code_commune and re.search(r"[a-z]{3}", words) else ""
