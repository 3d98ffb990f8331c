"""Reading a place as people type it: codes, CEDEX, arrondissements, « Rennes 35 », « Bondy, Seine-Saint-Denis »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from directory.geocoding.names import typed_key
from directory.territory import departements

LONGEST = 300
"""Characters beyond which a text is no place that anybody typed."""

_CODE = re.compile(r"(?<![0-9a-z])(\d{5}|2[ab]\d{3})(?![0-9a-z])")
_SPACED_CODE = re.compile(r"^(\d{2}) (\d{3})(?= [a-z]|$)")
_CEDEX = re.compile(r" cedex(?P<number> \d{1,2})?(?: .*)?$")
_CITIES = {"paris": ("75056", "751", 20), "lyon": ("69123", "6938", 9), "marseille": ("13055", "132", 16)}
_ORDINAL = r"(?: ?(?:e|er|ere|eme|ieme|de|nd|nde))?"
_WORD = r"(?:arrondissement|arrondissements|arrond|arrdt|arrt|arr)"
_AFTER = re.compile(rf"^(?P<city>paris|lyon|marseille) (?P<number>\d{{1,2}}|[ivx]+)(?P<rest>{_ORDINAL}(?: {_WORD})?)$")
_BEFORE = re.compile(rf"^(?:le )?(?P<number>\d{{1,2}}|[ivx]+){_ORDINAL} {_WORD}(?: de)? (?P<city>paris|lyon|marseille)$")
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ROMANS = {tens + unit: value for value, (tens, unit) in enumerate(((t, u) for t in ("", "x") for u in _NUMERALS), start=1)}


# Saint-Barthélemy and Saint-Martin keep the 971 of Guadeloupe; CEDEX codes of La Réunion begin with 977 and 978 too (La Poste)
_OVERSEAS = {
    "971": frozenset({"971", "977", "978"}),
    "977": frozenset({"974", "977"}),
    "978": frozenset({"974", "978"}),
}


@dataclass(frozen=True, slots=True)
class WithCode:
    """A text with a five-character code in it: what stands before, the code, what stands after (both folded)."""

    before: str
    code: str
    after: str


@dataclass(frozen=True, slots=True)
class Arrondissement:
    """An arrondissement that was named. ``sure`` is False for « Marseille 13 », which may mean the département."""

    code: str
    city: str
    sure: bool


def read_code(key: str) -> WithCode | None:
    """Find the postal or INSEE code in a folded text, the last one if several (an address ends with it); None without one."""
    matches = list(_CODE.finditer(key))
    if matches:
        last = matches[-1]
        return WithCode(_without_country_letter(key[: last.start()].strip()), last[1].upper(), key[last.end() :].strip())
    if spaced := _SPACED_CODE.match(key):  # « 35 000 Rennes »
        return WithCode("", spaced[1] + spaced[2], key[spaced.end() :].strip())
    return None


def _without_country_letter(before: str) -> str:
    return "" if before in {"f", "fr", "france"} else before.removesuffix(" f").removesuffix(" fr")


def read_cedex(key: str) -> tuple[str, bool]:
    """Take « CEDEX 13 » off a folded name, keeping an arrondissement's number. The name, and whether CEDEX was there."""
    found = _CEDEX.search(" " + key)
    if not found:
        return key, False
    name = (" " + key)[: found.start()].strip()
    number = (found["number"] or "").strip()
    numbered = f"{name} {int(number)}e" if number and name in _CITIES else name
    return (numbered if read_arrondissement(numbered) else name), True


def read_arrondissement(key: str) -> Arrondissement | None:
    """« paris 13e », « paris xiii », « 13e arrondissement de paris »; None if the city has none so numbered."""
    found = _AFTER.match(key) or _BEFORE.match(key)
    if not found:
        return None
    digits = found["number"].isdecimal()
    number = int(found["number"]) if digits else _ROMANS.get(found["number"], 0)
    city, prefix, highest = _CITIES[found["city"]]
    if not 1 <= number <= highest:
        return None
    code = prefix + str(number).zfill(5 - len(prefix))
    marked = not digits or bool(found.groupdict().get("rest", "arrondissement"))
    return Arrondissement(code, city, sure=marked or str(number) != city[:2])


def departements_of(code: str) -> frozenset[str]:
    """The départements that a postal (or CEDEX) code may stand for, from its first digits: « 20… » is both of Corsica."""
    if code.startswith("20"):
        return frozenset({"2A", "2B"})
    if code.startswith(("97", "98")):
        return _OVERSEAS.get(code[:3], frozenset({code[:3]})) & departements().keys()
    return frozenset({code[:2]}) & departements().keys()


def parts_of(text: str) -> list[str]:
    """The parts of a text between commas, line ends, brackets and spaced dashes, folded; empty ones left out, « France » too."""
    pieces = (typed_key(piece) for piece in re.split(r"[,;\n\r\t|()\[\]]| [-–—/] ", text))
    return [piece for piece in pieces if piece and piece != "france"]


def splits_of(key: str) -> Iterator[tuple[str, str]]:
    """Every way to part a folded text into a name and what may qualify it, the shortest name first: (name, qualifier).

    A département's code may also come first (« 35 Rennes »).
    """
    words = key.split(" ")
    if len(words) > 12:
        return
    for cut in range(1, len(words)):
        yield " ".join(words[:cut]), " ".join(words[cut:])
    if words[0].upper() in departements():
        yield " ".join(words[1:]), words[0]
