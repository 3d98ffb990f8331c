"""Identifiers as spreadsheets leave them: zeros lost, numbers in scientific notation, a number of another kind in the cell."""

from __future__ import annotations

import re

from directory.errors import InvalidValue
from directory.identifiers import parse_code_postal, parse_siren, parse_siret, parse_uai
from importers.values.text import says_nothing, tidy

_LOST = re.compile(r"\d+(?:[.,]\d+)?\s?E\s?\+?\s?\d{1,2}", re.IGNORECASE)
_LABEL = re.compile(r"^(?:n[°o]?\s*)?(?:siret|siren|uai|rne|cp|code postal)\s*(?:n[°o]\s*)?:?\s*", re.IGNORECASE)
_POSTAL = re.compile(r"(?:F-?\s?)?(\d{2}[ .]?\d{3}|\d{4})(?:[.,]0+)?(?:\s*[^\W\d_].*)?", re.IGNORECASE)


def read_siret(text: str) -> str | None:
    """A SIRET, leading zeros given back where a spreadsheet took them and the key then holds; None for an empty cell.

    Raises:
        InvalidValue: Not a SIRET; a SIREN stands in its place; or a spreadsheet destroyed it (« 2,12101E+13 »).
    """
    cell = _bare(text)
    if not cell:
        return None
    if _LOST.fullmatch(cell):
        raise InvalidValue(
            "siret", text, "destroyed by a spreadsheet", public=f"SIRET perdu par un tableur (« {cell} »), à ressaisir."
        )
    digits = re.sub(r"[\s.\-_/]", "", re.sub(r"[.,]0$", "", cell))
    if digits.isascii() and digits.isdecimal() and 11 <= len(digits) < 14:
        return parse_siret(digits.zfill(14))
    if len(digits) == 9 and _is_siren(digits):
        raise InvalidValue("siret", text, "a SIREN", public=f"« {cell} » est un SIREN : il ne dit pas quel établissement.")
    return parse_siret(digits)


def read_uai(text: str) -> str | None:
    """A UAI, its leading zero given back and a letter O read as a zero where the key then holds; None for an empty cell.

    Raises:
        InvalidValue: Not a UAI.
    """
    cell = _bare(text)
    if not cell:
        return None
    code = re.sub(r"[\s.\-_]", "", cell).upper()
    if len(code) == 8 and "O" in code[:7]:
        return parse_uai(code[:7].replace("O", "0") + code[7])
    return parse_uai(code.zfill(8) if len(code) == 7 else code)


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
