"""A French address written in one string: its street, postal code and commune, and the INSEE code where that is certain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from directory.errors import InvalidValue
from directory.identifiers import parse_code_postal
from importers.values import tidy, tidy_lines

_LONGEST = 1000  # beyond, it is not an address
# The last five digits that a word follows: « BP 92116 56321 LORIENT CEDEX » holds two, and the second is the postal code.
_POSTAL = re.compile(r"(?<![\d/])(?<!BP )(?<!CS )(?<!TSA )(?:(?<!\w)F[\s-]?)?(\d{5})(?!\d)[\s,;:\-–]*(?=[^\W\d_])", re.IGNORECASE)
_LAST_WORD = re.compile(r"(?<![\d/])(?<!BP )(?<!CS )(?<!TSA )(\d{5})\s*$", re.IGNORECASE)
# A commune's name, « Paris 13e », « LYON 9EME »; what stands after a comma, a line's end, a bracket or a dash is something else.
_COMMUNE = re.compile(
    r"(?:paris|lyon|marseille)\s*\d{1,2}\s*(?:er|e|è|ème|eme)?\b|[^\d,;\n(/–—|]+?(?=\s+-\s|[\d,;\n(/–—|]|$)", re.IGNORECASE
)
_CEDEX = re.compile(r"\bcedex\b(?:\s*\d{1,2}\b)?.*", re.IGNORECASE | re.DOTALL)
# not the end of « Tremblay en France »
_COUNTRY = re.compile(r"(?:[,;\n(]\s*|(?<![ -]en)(?<![ -]de)[^\S\n])france[\s).]*$", re.IGNORECASE)
_EDGES = " ,;:-–—|/"


class CommuneFinder(Protocol):
    """What of the gazetteer is needed here."""

    def find_commune(self, name: str, code_postal: str = "", departement: str = "") -> str | None:
        """The INSEE code of a commune, when it is certain; else None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address taken apart.

    Attributes:
        street: What comes before the postal code, on one line (number and street, BP, lieu-dit, building).
        code_postal: Five digits, or empty; a CEDEX code stays as it is.
        commune: The commune as written, without CEDEX; empty when none could be told apart.
        cedex: Whether the postal code is a CEDEX one, which belongs to no commune.
        code_commune: INSEE code, empty when it is not certain.
    """

    street: str
    code_postal: str = ""
    commune: str = ""
    cedex: bool = False
    code_commune: str = ""


def split_address(text: str) -> Address:
    """Take an address apart by its form alone. Without a postal code, all of it is the street."""
    lines = _COUNTRY.sub("", tidy_lines(text[:_LONGEST]))
    found = list(_POSTAL.finditer(lines))
    if not found:
        return _without_commune(lines)
    match = found[-1]
    code_postal = _valid_postal(match.group(1))
    if not code_postal:
        return Address(street=_one_line(lines))
    tail = lines[match.end() :]
    named = _CEDEX.sub("", tail)
    name = _COMMUNE.match(named)
    before = _one_line(lines[: match.start()])
    after = "" if name is None or before else _one_line(named[name.end() :])
    return Address(
        street=before or after,
        code_postal=code_postal,
        commune=_one_line(name.group()) if name else "",
        cedex=named != tail,
    )


def place_address(text: str, finder: CommuneFinder, *, commune: str = "", departement: str = "") -> Address:
    """Take an address apart and find its commune.

    Args:
        text: The address as written.
        finder: The gazetteer.
        commune: The commune, where the source also gives it apart; it stands in for a missing one.
        departement: The département, where the source gives it apart.
    """
    address = split_address(text)
    if not address.code_postal and not address.commune and not commune:
        return _place_without_postal(address, finder, departement)
    code = ""
    for name in dict.fromkeys(filter(None, (address.commune, commune))):
        code = code or _find(finder, name, address, departement)
    return Address(
        street=address.street,
        code_postal=address.code_postal,
        commune=address.commune or tidy(commune),
        cedex=address.cedex,
        code_commune=code,
    )


def departement_of_postal(code_postal: str) -> str:
    """The département that a postal code begins with (« 20137 » → 2A, « 97420 » → 974). A few communes border another's."""
    if code_postal.startswith("20"):
        return "2A" if code_postal < "20200" else "2B"
    return code_postal[:3] if code_postal.startswith(("97", "98")) else code_postal[:2]


def _find(finder: CommuneFinder, name: str, address: Address, departement: str) -> str:
    if address.cedex or not address.code_postal:
        within = departement or departement_of_postal(address.code_postal)
        return finder.find_commune(name, departement=within) or ""
    found = finder.find_commune(name, address.code_postal)
    return found or (departement and finder.find_commune(name, departement=departement)) or ""


def _place_without_postal(address: Address, finder: CommuneFinder, departement: str) -> Address:
    head, _, last = address.street.rpartition(",")
    name = last.strip(_EDGES)
    code = finder.find_commune(name, departement=departement) if name and not re.search(r"\d", name) else None
    return Address(street=head.strip(_EDGES), commune=name, code_commune=code) if code else address


def _without_commune(lines: str) -> Address:
    last = _LAST_WORD.search(lines)
    code_postal = _valid_postal(last.group(1)) if last else ""
    street = lines[: last.start()] if last and code_postal else lines
    return Address(street=_one_line(street), code_postal=code_postal)


def _valid_postal(digits: str) -> str:
    try:
        return parse_code_postal(digits)
    except InvalidValue:
        return ""


def _one_line(text: str) -> str:
    return ", ".join(part for line in text.splitlines() if (part := line.strip(_EDGES)))
