"""Two addresses of one commune, compared: the number, then the words of the street."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from directory.text import fold
from matching.duplicates.names import one_word
from matching.duplicates.words import stem, vocabulary

_NOT_A_PLACE = re.compile(r"\b(?:cedex(?: \d+)?|(?:bp|cs|tsa) ?\d+(?: \d+)*|\d{5}.*)")
_NUMBER = re.compile(r"^(\d{1,4}) ?(bis|ter|quater|[a-d](?= ))?\b")


class AddressLevel(IntEnum):
    """How two addresses of one commune agree."""

    UNKNOWN = 0
    """One of them is not given, or names no street."""
    DIFFERENT = 1
    OTHER_NUMBER = 2
    """One street, two numbers."""
    STREET = 3
    """One street; a number is missing."""
    SAME = 4


class Address(NamedTuple):
    """An address as it is compared. ``street`` holds its words without what kind of way it is, unless that is all there is."""

    number: str
    street: tuple[str, ...]


@lru_cache(maxsize=65_536)
def read_address(text: str) -> Address:
    """The number and the words of the street; both empty where the text names none."""
    vocabular = vocabulary()
    folded = _NOT_A_PLACE.sub("", fold(text)).strip()
    found = _NUMBER.match(folded)
    number = "".join(part or "" for part in found.groups()) if found else ""
    rest = folded[found.end() :] if found else folded
    words = " ".join(vocabular.streets.get(word) or vocabular.words.get(word, word) for word in rest.split()).split()
    kept = [word for word in words if word not in vocabular.small]
    street = [stem(word) for word in kept if word not in vocabular.ways] or [stem(word) for word in kept]
    return Address(number, tuple(dict.fromkeys(street)))


def compare_addresses(one: Address, other: Address) -> AddressLevel:
    """How two addresses of one commune agree. Symmetric."""
    if not one.street or not other.street:
        return AddressLevel.UNKNOWN
    if not _one_street(one.street, other.street):
        return AddressLevel.DIFFERENT
    if one.number and other.number:
        return AddressLevel.SAME if one.number == other.number else AddressLevel.OTHER_NUMBER
    return AddressLevel.STREET if one.number or other.number or one.street != other.street else AddressLevel.SAME


def _one_street(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the words of the shorter are all in the longer, slips apart, and one of them is a word that tells."""
    short, long = sorted((one, other), key=lambda words: (len(words), words))
    found = [word for word in short if word in long or any(one_word(word, candidate) for candidate in long)]
    return len(found) == len(short) and any(len(word) > 2 or word.isdigit() for word in found)
