"""What the values of a column are, told by their form and by the referentials, whatever the column is called."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources

from directory.errors import InvalidValue
from directory.identifiers import parse_code_naf, parse_code_rome, parse_siren, parse_uai
from directory.territory import departements
from directory.text import fold, fold_place
from importers.sources.tableur.words import find_pathway, find_thematiques
from importers.structures import guess_category
from importers.values import parse_ages, parse_count, parse_email, parse_french_date, parse_phones, read_siret, tidy

_LOOKED_AT = 200
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Values:
    """A sample of a column's values.

    Attributes:
        texts: Those that are not empty, at most 200, tidied.
        filled: Share (0 to 1) of the cells looked at that are not empty.
        distinct: Share of the texts that differ from one another.
    """

    texts: tuple[str, ...]
    filled: float
    distinct: float

    @classmethod
    def of(cls, cells: Sequence[str]) -> Values:
        """Sample a column."""
        texts = tuple(text for cell in cells if (text := tidy(cell[:_LONGEST])))
        distinct = len(set(texts)) / len(texts) if texts else 0.0
        return cls(texts[:_LOOKED_AT], len(texts) / max(1, len(cells)), distinct)

    @property
    def length(self) -> float:
        """Mean length of the texts, in characters."""
        return sum(map(len, self.texts)) / max(1, len(self.texts))

    def share(self, name: str) -> float:
        """Share of the texts that are of a nature (a key of RECOGNISERS)."""
        is_one = RECOGNISERS[name]
        return sum(map(is_one, self.texts)) / max(1, len(self.texts))


def _accepts(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        with suppress(InvalidValue, ValueError):
            return bool(parse(text))
        return False

    return is_one


def _is_siret(text: str) -> bool:
    # « 2,12101E+13 »: what a spreadsheet makes of one
    return _accepts(lambda cell: read_siret(cell).value)(text) or re.fullmatch(r"\d[.,]\d+E\+1[23]", text) is not None


_PHONE = re.compile(r"(?:\+|00)\s*\d{2,3}[\s.]*\(?\d|(?<!\d)0\s*[1-9](?:[\s.\-/]*\d{2}){4}(?!\d)")


def _is_phone(text: str) -> bool:
    return _PHONE.search(text) is not None and _accepts(parse_phones)(text)


def _is_bare_phone(text: str) -> bool:
    """A number whose leading zero a spreadsheet took: any nine digits, so it takes a header to believe it."""
    return _is_phone(text) or re.fullmatch(r"[1-9](?:[\s.]?\d){8}(?:\.0)?", text) is not None


_SITE = re.compile(
    r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)*\.(?:fr|com|org|net|eu|info|bzh|alsace|re|paris)(?:/\S*)?", re.IGNORECASE
)
_STREET = re.compile(
    r"\b(?:rue|avenue|av|boulevard|bd|bld|place|pl|chemin|che|route|rte|impasse|all[ée]es?|quai|cours|square|zone|za|zi|zac|bp|"
    r"lieu[ -]dit|faubourg|esplanade|passage|rond[ -]point|mail|parvis|domaine|r[ée]sidence|b[âa]timent|parc)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{1,4}\s?(?:bis|ter|quater|[a-d])?[ ,]+[^\W\d]{2,}", re.IGNORECASE)


def _is_address(text: str) -> bool:
    street = _STREET.search(text) or _NUMBERED.match(text)
    return 6 <= len(text) <= 250 and bool(street) and bool(re.search(r"[^\W\d]{3}", text))


@cache
def _communes() -> Mapping[str, frozenset[str]]:
    """The INSEE codes, postal codes and folded names of every commune."""
    text = resources.files("directory").joinpath("data", "communes.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {
        "insee": frozenset(row["code_insee"] for row in rows),
        "postal": frozenset(code for row in rows for code in row["codes_postaux"].split(";")),
        "names": frozenset(fold_place(row["nom"]) for row in rows),
    }


def _code(text: str) -> str:
    return text.removesuffix(".0").replace(" ", "").upper().zfill(5)


def _is_postal(text: str) -> bool:
    if re.match(r"\d{5}\s+cedex", text, re.IGNORECASE):
        return True
    return re.fullmatch(r"\d{5}(?:\.0)?|\d\d \d{3}", text) is not None and _code(text) in _communes()["postal"]


def _is_bare_postal(text: str) -> bool:
    """A postal code, or a CEDEX one, or one whose leading zero a spreadsheet took: any four or five digits."""
    return _is_postal(text) or re.fullmatch(r"\d{4,5}(?:\.0)?", text) is not None


def _is_insee(text: str) -> bool:
    return re.fullmatch(r"(?:\d{4,5}|2[ABab]\d{3})(?:\.0)?", text) is not None and _code(text) in _communes()["insee"]


_ABOUT_COMMUNE = re.compile(r"^\d{5}\s+|\bcedex\b.*|\s+\d{1,2}\s?(?:e|er|ème|eme)?(?:\s+arr\w*)?$|\(.*\)$", re.IGNORECASE)


def _is_commune(text: str) -> bool:
    name = _ABOUT_COMMUNE.sub("", text).strip()
    return 1 < len(name) <= 50 and fold_place(name) in _communes()["names"]


@cache
def _departement_names() -> frozenset[str]:
    return frozenset(fold(entry.name) for entry in departements().values())


@cache
def _larger_names() -> frozenset[str]:
    places = departements().values()
    return frozenset({fold(entry.region_name) for entry in places} | {fold(entry.academie) for entry in places if entry.academie})


def _is_departement(text: str) -> bool:
    code = text.removesuffix(".0").upper().lstrip("0").zfill(2)
    return code in departements() or fold(text) in _departement_names()


def _is_degrees(low: float, high: float) -> Callable[[str], bool]:
    def is_one(text: str) -> bool:
        number = text.replace(",", ".")
        return re.fullmatch(r"[+-]?\d{1,3}\.\d{2,20}", number) is not None and low <= float(number) <= high

    return is_one


_DAY = re.compile(r"\d{4}-\d\d?-\d\d?|\d\d?[/.]\d\d?[/.]\d{2,4}|\b\d{1,2}(?:er)?\s+[^\W\d]{3,9}\.?\s+\d{4}")


def _is_day(text: str) -> bool:
    return len(text) <= 60 and _DAY.search(text) is not None and _accepts(parse_french_date)(text)


_AGES = re.compile(r"\bans?\b|\d{1,2}\s*(?:-|/|à)\s*\d{1,2}", re.IGNORECASE)


def _is_ages(text: str) -> bool:
    return (
        len(text) <= 80
        and _AGES.search(text) is not None
        and not _DAY.search(text)
        and any(bound is not None for bound in (_parsed(parse_ages, text) or ()))
    )


def _parsed(parse: Callable[[str], tuple[int | None, int | None]], text: str) -> tuple[int | None, int | None] | None:
    with suppress(InvalidValue):
        return parse(text)
    return None


_TITLE = re.compile(r"(?:m\.?|mme|mlle|mr|monsieur|madame|dr)\s+[^\W\d]", re.IGNORECASE)
_PERSON = re.compile(r"(?:[^\W\d_][^\W\d_'’-]+[ ]){1,3}[^\W\d_][^\W\d_'’-]+")


def _is_person(text: str) -> bool:
    """A name of a person: « Mme Fictive », « Sacha FICTIVE »; words of which some are capitalised, none that a structure has."""
    if _TITLE.match(text):
        return len(text) <= 80
    words = text.split()
    capital = all(word[0].isupper() for word in words)
    return (
        capital
        and len(text) <= 50
        and _PERSON.fullmatch(text) is not None
        and guess_category(text) is None
        and not _STREET.search(text)
    )


_HOURS = re.compile(r"\d{1,2}\s*(?:h|:)\s*(?:\d{2})?\s*(?:-|–|à|/|a)\s*\d{1,2}\s*(?:h|:)|24h?/24", re.IGNORECASE)


def _is_naf(text: str) -> bool:
    return re.fullmatch(r"\d{2}\.?\d{2}\s?[A-Z]", text) is not None and _accepts(parse_code_naf)(text)


def _is_count(text: str) -> bool:
    with suppress(InvalidValue):
        return parse_count(text) is not None
    return False


RECOGNISERS: Mapping[str, Callable[[str], bool]] = {
    "siret": _is_siret,
    "siren": lambda text: len(re.sub(r"\s", "", text)) == 9 and _accepts(parse_siren)(text),
    "uai": _accepts(parse_uai),
    "courriel": lambda text: "@" in text and _accepts(parse_email)(text),
    "site": lambda text: "@" not in text and _SITE.fullmatch(text) is not None,
    "telephone": _is_phone,
    "telephone sans zéro": _is_bare_phone,
    "code_postal": _is_postal,
    "code_postal sans zéro": _is_bare_postal,
    "code_insee": _is_insee,
    "commune": _is_commune,
    "departement": _is_departement,
    "region": lambda text: fold(text) in _larger_names(),
    "adresse": _is_address,
    "latitude": _is_degrees(41.0, 51.6),
    "longitude": _is_degrees(-5.6, 9.8),
    "jour": _is_day,
    "heures": lambda text: len(text) <= 40 and _HOURS.search(text) is not None,
    "ages": _is_ages,
    "horaires": lambda text: _HOURS.search(text) is not None,
    "code_naf": _is_naf,
    "rome": _accepts(lambda text: [parse_code_rome(part) for part in re.split(r"[;,|/\s]+", text) if part]),
    "contact": _is_person,
    "structure": lambda text: "[" not in text and guess_category(text) is not None,
    "thematiques": lambda text: all(find_thematiques(part) for part in re.split(r"[;|,]", text)),
    "propose": lambda text: all(find_pathway(part) for part in re.split(r"[;|,/]", text)),
    "nombre": _is_count,
}
"""Nature → whether a text is of it. ``siren``, ``region`` and ``nombre`` are natures that no field keeps, or that say little."""
