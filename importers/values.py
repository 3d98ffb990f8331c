"""Values of a published cell: phones, addresses of the network, yes or no, ages, French dates, text without markup.

Every ``parse_`` answers an empty value for an empty text, and raises InvalidValue (with a French reason) for a text that it does
not understand, so that an importer can say it: ``Run.read`` turns the refusal into a doubt.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

import nh3
import phonenumbers

from directory.errors import InvalidValue

T = TypeVar("T")


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same parser, which answers None for an empty text (the identifiers' parsers refuse it)."""
    return lambda text: parse(text) if text.strip() else None


_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def tidy(text: str) -> str:
    """The text on one line: NFC, single spaces (non-breaking ones kept out), neither control nor invisible characters."""
    return " ".join(_visible(text).split())


def tidy_lines(text: str) -> str:
    """The text with its lines kept, each tidied, and at most one empty line in a row."""
    lines = "\n".join(" ".join(line.split()) for line in _visible(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _visible(text: str) -> str:
    return _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]{0,200}>", re.IGNORECASE)


def clean_html(text: str) -> str:
    """Plain text of an HTML fragment: no tag, no script, entities read (twice encoded ones too), paragraphs as lines."""
    marked = _BREAKS.sub("\n", text)
    plain = html.unescape(nh3.clean(marked, tags=set(), clean_content_tags={"script", "style"}))
    if re.search(r"&(?:[a-z]{2,8}|#\d{1,6});", plain):
        plain = html.unescape(plain)
    return tidy_lines(plain)


# ---------------------------------------------------------------- phones
# Overseas numbers are dialled as 0262 … at home, and have a country code of their own (ARCEP's numbering plan).
_OVERSEAS = {
    "590": ("590", "690", "691"),
    "594": ("594", "694"),
    "596": ("596", "696", "697"),
    "262": ("262", "263", "269", "639", "692", "693"),
}
_PREFIXES = {prefix: country for country, prefixes in _OVERSEAS.items() for prefix in prefixes}
_NATIONAL = re.compile(
    r"(?<![\d+])(?:(?:\+|00)[\s.]*33[\s.\-]*(?:\(0\)[\s.\-]*|0(?=[1-9]))?|\(0\)[\s.\-]*|0[\s.\-]*)([1-9](?:[\s.\-/_]*\d){8})(?!\d)"
)
_INTERNATIONAL = re.compile(r"\+[\s.]*([1-9](?:[\s.\-()]*\d){6,14})(?!\d)")
_BARE = re.compile(r"(?:33)?([1-9]\d{8})(?:[.,]0)?")
_SHORT = re.compile(r"1\d{2}|3\d{3}|10\d{2}|116\d{3}|118\d{3}")
_MOST_PHONES = 20


def parse_phones(text: str) -> tuple[str, ...]:
    """Every phone number of a cell in E.164 (``+33199000123``), or a short national number (``3114``); none for an empty cell.

    Understands the shapes that spreadsheets hold: dots, dashes, slashes, « +33 (0)2 », a leading zero that was lost, several
    numbers in one cell, words around them, overseas numbers.

    Raises:
        InvalidValue: There is a text, and no number in it.
    """
    cell = _visible(text).strip()
    if not cell:
        return ()
    found = [_e164(re.sub(r"\D", "", match.group(1))) for match in _NATIONAL.finditer(cell)]
    rest = _NATIONAL.sub(" ", cell)
    found += [number for match in _INTERNATIONAL.finditer(rest) if (number := _foreign(match.group(1)))]
    if not found:
        found = _bare_numbers(rest)
    if not found:
        raise InvalidValue(
            "telephone", text, "no phone number", public=f"« {tidy(text)[:80]} » n’est pas un numéro de téléphone."
        )
    return tuple(dict.fromkeys(found))[:_MOST_PHONES]


def _e164(nine: str) -> str:
    # 06 39 98 is the mobile range that ARCEP reserves for fiction, inside Mayotte's 06 39
    country = "33" if nine.startswith("63998") else _PREFIXES.get(nine[:3], "33")
    return f"+{country}{nine}"


def _foreign(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return f"+{digits}" if phonenumbers.is_possible_number(number) else None


def _bare_numbers(text: str) -> list[str]:
    found = []
    for chunk in re.split(r"[;,/|\n]|\bou\b|\bet\b", text):
        digits = re.sub(r"[\s.\-_()]|[A-Za-zÀ-ÿ:°’']", "", re.sub(r"[.,]0$", "", chunk.strip()))
        bare = _BARE.fullmatch(digits)
        if bare:
            found.append(_e164(bare.group(1)))
        elif _SHORT.fullmatch(digits):
            found.append(digits)
    return found


# ---------------------------------------------------------------- addresses of the network
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}", re.IGNORECASE)


def parse_email(text: str) -> str:
    """The first e-mail address of a cell (« mailto: » and words around it forgiven), its domain in lower case.

    Raises:
        InvalidValue: There is a text, and no address in it.
    """
    cell = tidy(text)
    if not cell:
        return ""
    match = _EMAIL.search(cell.removeprefix("mailto:"))
    if not match or len(match.group()) > 254:
        raise InvalidValue("courriel", text, "no e-mail address", public=f"« {cell[:80]} » n’est pas une adresse de courriel.")
    local, _, domain = match.group().rpartition("@")
    return f"{local}@{domain.lower().rstrip('-')}"


def parse_url(text: str) -> str:
    """A web address, ``https://`` added where the cell left it out.

    Raises:
        InvalidValue: Not a web address (another scheme, no host, a space inside).
    """
    cell = tidy(text)
    if not cell:
        return ""
    has_scheme = _SCHEME.match(cell) and not _HOST.fullmatch(cell.partition(":")[0])
    url = cell if has_scheme else f"https://{cell}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if " " in cell or not _HOST.fullmatch(_ascii_host(host)) or parts.scheme.lower() not in {"http", "https"} or len(url) > 2000:
        raise InvalidValue("site", text, "not a web address", public=f"« {cell[:80]} » n’est pas une adresse de site.")
    return f"{parts.scheme.lower()}{url[len(parts.scheme) :]}"


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


# ---------------------------------------------------------------- yes or no, numbers, ages
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
    if not re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{1,20})?", cell, re.ASCII) or not -180 <= float(cell) <= 180:
        raise InvalidValue(
            "coordonnees", text, "not degrees", public=f"« {tidy(text)[:80]} » n’est pas une coordonnée en degrés."
        )
    return float(cell)


_EVERYONE = re.compile(r"tou[st]\b.*\b(?:âge|age|public)s?|sans (?:limite|condition) d['’](?:âge|age)", re.IGNORECASE)
_RANGE = re.compile(r"\b(\d{1,3})\s*(?:ans)?\s*(?:-|–|—|/|à|a|et|au)\s*(moins de\s*)?(\d{1,3})\b", re.IGNORECASE)
_UNDER = re.compile(r"(?:moins de|-\s?de|<)\s*(\d{1,3})", re.IGNORECASE)
_UP_TO = re.compile(r"(?:jusqu['’]\s?(?:à|a)|≤|<=|maximum|max\.?)\s*(\d{1,3})", re.IGNORECASE)
_OVER = re.compile(
    r"(?:plus de|à partir de|a partir de|dès|des|≥|>=?|minimum|min\.?)\s*(\d{1,3})|\b(\d{1,3})\s*(?:ans)?\s*(?:\+|et plus)",
    re.IGNORECASE,
)


def parse_ages(text: str) -> tuple[int | None, int | None]:
    """Youngest and oldest age, in years, inclusive (« 16-25 ans », « moins de 26 ans », « à partir de 16 ans »).

    Raises:
        InvalidValue: There is a text, and no age in it, or ages above 120 or in the wrong order.
    """
    cell = tidy(text)
    if not cell or _EVERYONE.search(cell):
        return None, None
    bounds = _bounds(cell)
    if bounds is None or not (bounds[0] or 0) <= (120 if bounds[1] is None else bounds[1]) <= 120:
        raise InvalidValue("ages", text, "no ages", public=f"« {cell[:80]} » : âges non compris (ex. « 16-25 ans »).")
    return bounds


def _bounds(cell: str) -> tuple[int | None, int | None] | None:
    if match := _RANGE.search(cell):
        return int(match.group(1)), int(match.group(3)) - bool(match.group(2))
    over = _OVER.search(cell)
    youngest = int(over.group(1) or over.group(2)) if over else None
    if match := _UP_TO.search(cell):
        return youngest, int(match.group(1))
    if match := _UNDER.search(cell):
        return youngest, int(match.group(1)) - 1
    if over:
        return youngest, None
    exact = re.fullmatch(r"(\d{1,3})\s*ans?", cell)
    return (int(exact.group(1)), int(exact.group(1))) if exact else None


# ---------------------------------------------------------------- dates
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv"), ("fevrier", "fevr", "fev"), ("mars",), ("avril", "avr"), ("mai",), ("juin",),
            ("juillet", "juil"), ("aout",), ("septembre", "sept"), ("octobre", "oct"), ("novembre", "nov"), ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?!\d)")
_SLASHED = re.compile(r"\b(\d{1,2})\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{4}|\d{2})\b")
_WORDS = re.compile(r"\b(\d{1,2})(?:er)?\s+([a-z]{3,9})\.?\s+(\d{4})\b")


def parse_french_date(text: str) -> date | None:
    """The first day named in a text: ISO, « 05/04/2025 », « Le samedi 5 avril 2025 », « 1er sept. 2026 »; None when empty.

    Raises:
        InvalidValue: No date, or an impossible one, or a year outside 1990 to 2100.
    """
    cell = tidy(text)
    if not cell:
        return None
    folded = "".join(c for c in unicodedata.normalize("NFD", cell.casefold()) if not unicodedata.combining(c))
    parts = _date_parts(folded)
    try:
        day = date(*parts) if parts else None
    except ValueError:
        day = None
    if day is None or not 1990 <= day.year <= 2100:
        raise InvalidValue("date", text, "not a date", public=f"« {cell[:80]} » n’est pas une date possible.")
    return day


def _date_parts(folded: str) -> tuple[int, int, int] | None:
    if match := _ISO.search(folded):
        return int(match.group(1)), int(match.group(2)), int(match.group(3))
    if match := _SLASHED.search(folded):
        year = int(match.group(3))
        return (year + 2000 if year < 100 else year), int(match.group(2)), int(match.group(1))
    match = _WORDS.search(folded)
    if match and match.group(2) in _MONTHS:
        return int(match.group(3)), _MONTHS[match.group(2)], int(match.group(1))
    return None
