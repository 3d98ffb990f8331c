"""Identifiers as spreadsheets leave them: zeros lost, numbers in scientific notation, a number of another kind in the cell."""

from __future__ import annotations

import re
from functools import lru_cache

from directory.errors import InvalidValue
from directory.identifiers import parse_code_postal, parse_siren, parse_siret, parse_uai
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy

_LOST = re.compile(r"\d+(?:[.,]\d+)?\s?E\s?\+?\s?\d{1,2}", re.IGNORECASE)
_LABEL = re.compile(r"^(?:n[°o]?\s*)?(?:siret|siren|uai|rne|cp|code postal)\s*(?:n[°o]\s*)?:?\s*", re.IGNORECASE)
_POSTAL = re.compile(r"(?:F-?\s?)?(\d{2}[ .]?\d{3}|\d{4})(?:[.,]0+)?(?:\s*[^\W\d_].*)?", re.IGNORECASE)


def read_siret(text: str) -> Reading[str | None]:
    """A SIRET; None for an empty cell. Zeros that a spreadsheet took are given back where that is certain, and doubted.

    Certain is: one or two zeros lack, and the key of the whole number and that of its SIREN both hold (one number in a hundred by
    chance). Where three lack, the end may have been lost as well.

    Raises:
        InvalidValue: Not a SIRET; a SIREN stands in its place; or a spreadsheet destroyed it (« 2,12101E+13 »).
    """
    if len(text) == 14 and text.isascii() and text.isdecimal():
        return Reading(parse_siret(text))
    cell = _bare(text)
    if not cell:
        return Reading(None)
    if _LOST.fullmatch(cell):
        raise InvalidValue(
            "siret", text, "destroyed by a spreadsheet", public=f"SIRET perdu par un tableur (« {cell} »), à ressaisir."
        )
    digits = re.sub(r"[\s.\-_/]", "", re.sub(r"[.,]0$", "", cell))
    if digits.isascii() and digits.isdecimal() and 12 <= len(digits) < 14:
        return _with_zeros(digits)
    if len(digits) == 9 and _is_siren(digits):
        raise InvalidValue("siret", text, "a SIREN", public=f"« {cell} » est un SIREN : il ne dit pas quel établissement.")
    return Reading(parse_siret(digits))


def _with_zeros(digits: str) -> Reading[str | None]:
    siret = digits.zfill(14)
    lacking = 14 - len(digits)
    try:
        parse_siret(siret)
    except InvalidValue as error:
        raise InvalidValue(
            "siret", digits, "not 14 digits", public=f"« {digits} » n’est pas un SIRET (il manque {lacking} des 14 chiffres)."
        ) from error
    if not _is_siren(siret[:9]):
        raise InvalidValue(
            "siret",
            digits,
            "not 14 digits",
            public=f"« {digits} » : un zéro perdu donnerait {siret}, mais la clé du SIREN est fausse. SIRET laissé de côté.",
        )
    told = "Zéro perdu" if lacking == 1 else f"{lacking} zéros perdus"
    return Reading(siret, (f"{told} par un tableur : lu {siret}, dont les deux clés sont justes. À vérifier.",))


def read_uai(text: str) -> Reading[str | None]:
    """A UAI; None for an empty cell. A lost zero is given back, an O is read as a zero, where the letter then holds: doubted.

    Raises:
        InvalidValue: Not a UAI.
    """
    cell = _bare(text)
    if not cell:
        return Reading(None)
    code = re.sub(r"[\s.\-_]", "", cell).upper()
    if len(code) == 8 and "O" in code[:7]:
        uai = parse_uai(code[:7].replace("O", "0") + code[7])
        return Reading(uai, (f"Lettre O pour un zéro : lu {uai}, dont la lettre de contrôle est juste. À vérifier.",))
    if len(code) == 7 and code[:6].isdecimal() and code[6].isalpha():
        uai = parse_uai(code.zfill(8))
        return Reading(uai, (f"Zéro perdu par un tableur : lu {uai}, dont la lettre de contrôle est juste. À vérifier.",))
    return Reading(parse_uai(code))


@lru_cache(maxsize=8192)
def read_code_postal(text: str) -> tuple[str, bool]:
    """A postal code, and whether its leading zero was lost (« 1000 »), which only the commune can confirm.

    « 82000.0 », « 35 000 », « F-35000 » and « 35043 CEDEX » are forgiven; empty for an empty cell.

    Raises:
        InvalidValue: Not a French postal code.
    """
    cell = _bare(text)
    if not cell:
        return "", False
    match = _POSTAL.fullmatch(cell)
    digits = re.sub(r"\D", "", match.group(1)) if match else cell
    return str(parse_code_postal(digits)), len(digits) == 4


def _bare(text: str) -> str:
    cell = tidy(text).strip("'\"")
    return "" if says_nothing(cell) else _LABEL.sub("", cell)[:60]


def _is_siren(digits: str) -> bool:
    try:
        return bool(parse_siren(digits))
    except InvalidValue:
        return False
