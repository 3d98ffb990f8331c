"""Phone numbers of a cell: each in E.164, with the words that say what it is for, and what cannot be completed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from directory.errors import InvalidValue
from directory.text import fold
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy, visible

MOST_PHONES = 20
# Overseas numbers are dialled as 0262 … at home, and have a country code of their own (ARCEP's numbering plan).
_OVERSEAS = {
    "590": ("590", "690", "691"),
    "594": ("594", "694"),
    "596": ("596", "696", "697"),
    "262": ("262", "263", "269", "639", "692", "693"),
}
_PREFIXES = {prefix: country for country, prefixes in _OVERSEAS.items() for prefix in prefixes}
_LATER_OVERSEAS = ("709",)  # one block of 07 that ARCEP shares between départements: the library knows which
_REGIONS = ("GP", "GF", "MQ", "RE", "YT")

_NATIONAL = re.compile(
    r"(?<![\d+])(?:\(?(?:\+|00)[\s.]*33\)?[\s.\-]*(?:\(0\)[\s.\-]*|0(?=[\s.]*[1-9]))?|\(0\)[\s.\-]*|0[\s.\-]*)"
    r"([1-9](?:[\s.\-/_]*\d){8})(?!\d)"
)
_GLUED = re.compile(r"(?<!\d)(?:0[1-9]\d{8}){2,4}(?!\d)")
_INTERNATIONAL = re.compile(r"(?<![\d+])(?:\+|00)[\s.]*([1-9](?:[\s.\-()]*\d){6,14})(?!\d)")
_RUN = re.compile(r"(?<![\d+])\d(?:[\s.\-]?\d)*(?:[.,]0(?!\d))?(?!\d)")
_BARE = re.compile(r"(?:33)?([1-9]\d{8})")
_SHORT = re.compile(r"1\d{2}|3\d{3}|10\d{2}|11[68]\d{3}")
_LETTER_O = re.compile(r"(?<![A-Za-z])[oO](?=[\s.\-]?[1-9](?:[\s.\-]*\d){8}(?!\d))")
_AREA = re.compile(r"\((0[1-9])\)")  # « (02) 61 91 12 34 »
_EXPONENT = re.compile(r"\d(?:[.,]\d+)?\s?E\s?\+?\s?\d{1,2}\b", re.IGNORECASE)
_SHORTENED = re.compile(r"^\s*(?:/|-|–|à|ou|et|,)\s*(\d{1,2}(?:[\s.]\d{2})?)(?![\d\s.]*\d|\s*(?:h\b|h\d|:|ans\b))")
_EXTENSION = re.compile(r"^[\s,;:(\-]*(?:postes?|p\.|ext(?:ension)?\.?|#)\s*:?\s*(\d{1,6})\b\)?", re.IGNORECASE)
_LEFT_DIGITS = re.compile(r"\d[\d\s.\-/]{2,}\d")
_BOUNDARY = re.compile(r"[;|\n\r]|\s/\s|,|\s[-–]\s|\bou\b|\bet\b")
_BRACKETED = re.compile(r"^\s*\(([^()\d]{2,60})\)")

# Words that only say « this is a phone number ».
_PLAIN = frozenset(
    (
        "tel", "tels", "telephone", "telephones", "phone", "n", "no", "num", "numero", "numeros", "au", "le", "la", "les",
        "ou", "et", "a", "contact", "appeler", "appelez", "joindre", "par", "via", "du", "de", "l", "des", "coordonnees",
        "infos", "info", "ligne", "t",
    )
)  # fmt: skip
_LABELS = {
    "std": "Standard", "standard": "Standard", "port": "Portable", "portable": "Portable", "mob": "Portable",
    "mobile": "Portable", "gsm": "Portable", "p": "Portable", "m": "Portable", "fixe": "Fixe", "f": "Fixe", "bureau": "Bureau",
    "bur": "Bureau", "sec": "Secrétariat", "secr": "Secrétariat", "secretariat": "Secrétariat", "ld": "Ligne directe",
    "ligne directe": "Ligne directe", "direct": "Ligne directe", "accueil": "Accueil", "pro": "Professionnel",
}  # fmt: skip
_FAX = frozenset({"fax", "telecopie", "telecopieur", "telec", "fx"})
# What a label speaks of when it names no person: functions and places.
_PUBLIC_WORDS = frozenset(
    (
        "accueil", "agence", "antenne", "apprentissage", "atelier", "bureau", "campus", "cap", "centre", "cfa", "cio",
        "clee", "college", "coordination", "direction", "emploi", "entreprises", "espace", "fixe", "formation", "france",
        "gratuit", "greta", "inscription", "inscriptions", "internat", "jeunes", "jeunesse", "local", "locale", "lycee",
        "maison", "mairie", "mission", "mlds", "numero", "orientation", "permanence", "plateforme", "point", "pole",
        "professionnel", "psad", "renseignement", "renseignements", "rendez", "scolarite", "secretariat", "section",
        "service", "siege", "site", "social", "standard", "urgence", "urgences", "vert",
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "matin", "heures",
    )
)  # fmt: skip
_CIVILITY = re.compile(r"(?:^|\s)(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|dr)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number of a cell.

    Attributes:
        number: E.164 (``+33199000123``), or a short national number (``3114``).
        label: What it is for, French (« Standard », « Portable, poste 12 »); empty when the cell does not say.
        personal: Whether the words beside it may name a person, so that it is not for everyone (domain, privacy).
    """

    number: str
    label: str = ""
    personal: bool = False


def parse_phones(text: str) -> tuple[str, ...]:
    """Every phone number of a cell in E.164, or a short national number (``3114``); none for an empty cell.

    Raises:
        InvalidValue: There is a text, and no number in it.
    """
    return tuple(dict.fromkeys(phone.number for phone in read_phones(text).value))


def read_phones(text: str) -> Reading[tuple[Phone, ...]]:
    """Every phone number of a cell with its label; none for an empty cell, or one that says « néant ».

    Understands the shapes that spreadsheets hold: dots, dashes, slashes, « +33 (0)2 », a letter O, a leading zero that was lost, numbers
    run together, several in one cell, words around them, extensions, overseas numbers. A fax number is left out, and told. What cannot be completed
    with certainty (« 02 99 00 00 01 / 02 », a digit missing or too many) is a doubt.

    Raises:
        InvalidValue: There is a text, and no number in it; or a spreadsheet destroyed it (« 2,99E+08 »).
    """  # noqa: E501
    cell = _AREA.sub(r" \1 ", _LETTER_O.sub("0", visible(text).strip()[:2000]))
    if not cell:
        return Reading(())
    if says_nothing(cell):
        return Reading((), notes=("La cellule dit qu’il n’y a pas de numéro.",))
    if whole := _NATIONAL.fullmatch(cell):
        return Reading((Phone(_national(whole)[0]),))
    found = sorted(_numbers(cell), key=lambda item: item.start)
    doubts = _doubts(cell, found)
    if not found:
        reason = doubts[0] if doubts else f"« {tidy(text)[:80]} » n’est pas un numéro de téléphone."
        raise InvalidValue("telephone", text, "no phone number", public=reason)
    phones, faxes = _labelled(cell, found)
    notes = ("Numéro de télécopie laissé de côté.",) if faxes else ()
    return Reading(tuple(phones)[:MOST_PHONES], tuple(doubts), notes)


@dataclass(frozen=True, slots=True)
class _Found:
    number: str
    start: int
    end: int


def _numbers(cell: str) -> Iterator[_Found]:
    """The numbers and where they stand; each way of writing one is looked for in what the surer ones left."""
    rest = cell
    for pattern, read in ((_GLUED, _glued), (_NATIONAL, _national), (_INTERNATIONAL, _foreign)):
        for match in pattern.finditer(rest):
            yield from (_Found(number, match.start(), match.end()) for number in read(match))
        rest = pattern.sub(lambda match: " " * len(match.group()), rest)
    surer = rest != cell
    for match in () if _EXPONENT.search(rest) else _RUN.finditer(rest):
        number = _bare(match.group(), beside=surer)
        if number:
            yield _Found(number, match.start(), match.end())


def _bare(run: str, *, beside: bool) -> str:
    """A number written without its leading zero, or a short one; empty when a run of digits is neither."""
    digits = re.sub(r"\D", "", re.sub(r"[.,]0$", "", run))
    if bare := _BARE.fullmatch(digits):
        return _e164(bare.group(1))
    # beside a whole number, three digits are an extension or what is left of another number
    return digits if _SHORT.fullmatch(digits) and not (beside and len(digits) < 4) else ""


def _glued(match: re.Match[str]) -> list[str]:
    digits = match.group()
    return [_e164(digits[start + 1 : start + 10]) for start in range(0, len(digits), 10)]


def _national(match: re.Match[str]) -> list[str]:
    return [_e164(re.sub(r"\D", "", match.group(1)))]


def _e164(nine: str) -> str:
    # 06 39 98 is the mobile range that ARCEP reserves for fiction, inside Mayotte's 06 39
    if nine.startswith("63998"):
        return f"+33{nine}"
    if nine.startswith(_LATER_OVERSEAS):
        for region in _REGIONS:
            number = phonenumbers.parse("0" + nine, region)
            if phonenumbers.is_valid_number_for_region(number, region):
                return f"+{number.country_code}{nine}"
    return f"+{_PREFIXES.get(nine[:3], '33')}{nine}"


def _foreign(match: re.Match[str]) -> list[str]:
    digits = re.sub(r"\D", "", match.group(1))
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return []
    return [f"+{digits}"] if phonenumbers.is_possible_number(number) else []


def _doubts(cell: str, found: list[_Found]) -> list[str]:
    """What of the cell looks like a number and is none."""
    if match := _EXPONENT.search(cell):
        return [f"Numéro perdu par un tableur (« {match.group()[:40]} »), à ressaisir."]
    rest, doubts = cell, []
    for item in found:
        short = _SHORTENED.match(cell[item.end :]) if len(item.number) > 6 else None
        reached = item.end + short.end() if short else 0
        another = any(item.end <= other.start < reached for other in found)
        if short and not another and not _EXTENSION.match(cell[item.end :]):
            end = re.sub(r"\D", "", short.group(1))
            likely = _spaced("0" + item.number[-9:][: 9 - len(end)] + end) if item.number.startswith("+33") else ""
            doubts.append(
                f"« {tidy(short.group())} » : numéro raccourci{f' (sans doute {likely})' if likely else ''}, à compléter."
            )
            rest = rest[: item.end] + " " * short.end() + rest[item.end + short.end() :]
        rest = rest[: item.start] + " " * (item.end - item.start) + rest[item.end :]
    for match in _LEFT_DIGITS.finditer(rest):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= 5 and not _EXTENSION.search(rest[max(0, match.start() - 12) : match.end()]):
            what = "trop long" if len(digits) > 10 else "incomplet ou raccourci"
            doubts.append(f"« {tidy(match.group())[:40]} » : numéro {what} ({len(digits)} chiffres), à vérifier.")
    return doubts


def _spaced(digits: str) -> str:
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))


def _labelled(cell: str, found: list[_Found]) -> tuple[list[Phone], int]:
    """The phones with the words beside them, one number once, and how many were faxes."""
    phones: dict[str, Phone] = {}
    faxes = previous = 0
    told = set(fold(cell).split())
    fax_words = _FAX | ({"f"} if "t" in told else set())  # « T … F … »; alone, F is for « fixe »
    for rank, item in enumerate(found):
        limit = found[rank + 1].start if rank + 1 < len(found) else len(cell)
        before, after = _BOUNDARY.split(cell[previous : item.start])[-1], cell[item.end : limit]
        extension = _EXTENSION.match(after)
        taken = extension.end() if extension else 0
        bracketed = _BRACKETED.match(after[taken:])
        taken += bracketed.end() if bracketed else 0
        words = bracketed.group(1) if bracketed and not _words(before) else before
        # words that follow the last number, to the next boundary, when none stand before it
        if (
            not _words(words)
            and not bracketed
            and (rest := _BOUNDARY.split(after[taken:], maxsplit=1)[0]).lstrip()[:1] in {"(", ":", ","}
        ):
            words = rest
        previous = item.end + taken
        if fax_words & set(fold(words).split()):
            faxes += 1
            continue
        label, personal = _label(words)
        if extension:
            label = f"{label}, poste {extension.group(1)}" if label else f"Poste {extension.group(1)}"
        phones.setdefault(item.number, Phone(item.number, label[:200], personal))
    return list(phones.values()), faxes


def _words(text: str) -> str:
    return " ".join(word for word in fold(text).split() if word not in _PLAIN and not word.isdecimal())


def _label(text: str) -> tuple[str, bool]:
    """A label as it is shown, and whether it may name a person."""
    words = _words(text)
    if words in _LABELS:
        return _LABELS[words], False
    if not words or len(words) > 80:
        return "", False
    shown = tidy(re.sub(r"^[\s:;,.()/\-–]+|[\s:;,.()/\-–]+$", "", tidy(text)))
    shown = re.sub(r"\s*(?:\b(?:tél|tel|téléphone)\b\.?|n°|☎|📞)?\s*:?\s*$", "", shown, flags=re.IGNORECASE)
    kind = [_LABELS.get(word, "") for word in words.split()]
    personal = bool(_CIVILITY.search(f" {fold(text)} ")) or not (set(words.split()) & _PUBLIC_WORDS or all(kind))
    return shown[:1].upper() + shown[1:], personal
