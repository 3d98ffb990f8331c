"""Identifiers, parsed once and trusted after: SIRET, SIREN, UAI, INSEE commune codes, postal, ROME and NAF codes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NewType

from directory.errors import InvalidValue

Siret = NewType("Siret", str)
Siren = NewType("Siren", str)
Uai = NewType("Uai", str)
CodeCommune = NewType("CodeCommune", str)
CodePostal = NewType("CodePostal", str)
CodeRome = NewType("CodeRome", str)
CodeNaf = NewType("CodeNaf", str)

_LA_POSTE = "356000000"
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_DOUBLED = str.maketrans("0123456789", "0246813579")  # a digit doubled, its two digits added
_DESTROYED = re.compile(r"\d[.,]\d+E\+?\d+", flags=re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s.\-_\u00a0\u202f]+")


def _is_digits(text: str, length: int) -> bool:
    # isdigit() accepts « ² »; isdecimal() alone accepts Arabic-Indic digits
    return len(text) == length and text.isascii() and text.isdecimal()


def _luhn(digits: str) -> bool:
    return (sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


@lru_cache(maxsize=256)  # an importer parses what the record then validates
def parse_siret(text: str) -> Siret:
    """Parse a SIRET: 14 digits with a Luhn key, spaces and dots forgiven.

    The establishments of La Poste (SIREN 356000000) fail Luhn: the sum of their digits is a multiple of 5 (INSEE).

    Raises:
        InvalidValue: Not 14 digits, a wrong key, or a number that a spreadsheet destroyed (« 2,12101E+13 »).
    """
    if _DESTROYED.fullmatch(text.strip()):
        raise InvalidValue(
            "siret", text, "destroyed by a spreadsheet", public=f"SIRET perdu par un tableur (« {text} »), à ressaisir."
        )
    digits = _SEPARATORS.sub("", text)
    if not _is_digits(digits, 14):
        raise InvalidValue("siret", text, "not 14 digits", public=f"« {text} » n’est pas un SIRET (14 chiffres).")
    valid = sum(map(int, digits)) % 5 == 0 if digits.startswith(_LA_POSTE) else False
    if not (valid or _luhn(digits)) or not int(digits):
        raise InvalidValue("siret", text, "wrong key", public=f"La clé du SIRET « {text} » est fausse.")
    return Siret(digits)


def parse_siren(text: str) -> Siren:
    """Parse a SIREN: 9 digits with a Luhn key.

    Raises:
        InvalidValue: Not 9 digits, or a wrong key.
    """
    digits = _SEPARATORS.sub("", text)
    if not _is_digits(digits, 9) or not _luhn(digits) or not int(digits):
        raise InvalidValue("siren", text, "not a SIREN", public=f"« {text} » n’est pas un SIREN (9 chiffres).")
    return Siren(digits)


def parse_uai(text: str) -> Uai:
    """Parse a UAI (establishment): 7 digits and a letter that is the number modulo 23.

    Raises:
        InvalidValue: Another form, or a wrong letter.
    """
    code = _SEPARATORS.sub("", text).upper()
    if not (len(code) == 8 and _is_digits(code[:7], 7) and code[7] in _UAI_LETTERS):
        raise InvalidValue("uai", text, "not a UAI", public=f"« {text} » n’est pas un UAI (7 chiffres et une lettre).")
    if _UAI_LETTERS[int(code[:7]) % 23] != code[7]:
        raise InvalidValue("uai", text, "wrong letter", public=f"La lettre de contrôle de l’UAI « {text} » est fausse.")
    return Uai(code)


@lru_cache(maxsize=40_000)
def parse_code_commune(text: str) -> CodeCommune:
    """Parse an INSEE (COG) commune code: 5 characters, Corsica's 2A and 2B included. Its form only, not its existence.

    Raises:
        InvalidValue: Another form.
    """
    code = text.strip().upper()
    if code.isascii() and re.fullmatch(r"(\d{2}|2[AB])\d{3}", code):
        return CodeCommune(code)
    raise InvalidValue("code_commune", text, "not an INSEE code", public=f"« {text} » n’est pas un code INSEE de commune.")


@lru_cache(maxsize=8192)  # as many are in use: a file says each of them many times
def parse_code_postal(text: str) -> CodePostal:
    """Parse a postal code, repairing what spreadsheets do to it (« 82000.0 », « 1400 » → « 01400 », « 35 000 »).

    Raises:
        InvalidValue: Not a French postal code.
    """
    code = _SEPARATORS.sub("", re.sub(r"[.,]0+$", "", text.strip()))
    if len(code) == 4 and _is_digits(code, 4):
        code = "0" + code  # a spreadsheet took the leading zero
    if _is_digits(code, 5) and "01000" <= code <= "98999":
        return CodePostal(code)
    raise InvalidValue("code_postal", text, "not a postal code", public=f"« {text} » n’est pas un code postal.")


def parse_code_rome(text: str) -> CodeRome:
    """Parse a ROME occupation code (a letter and four digits). Its form only, not its existence.

    Raises:
        InvalidValue: Another form.
    """
    code = text.strip().upper()
    if code.isascii() and re.fullmatch(r"[A-N]\d{4}", code):
        return CodeRome(code)
    raise InvalidValue("occupations", text, "not a ROME code", public=f"« {text} » n’est pas un code ROME (ex. G1602).")


@lru_cache(maxsize=1024)
def parse_code_naf(text: str) -> CodeNaf:
    """Parse a NAF rév. 2 sub-class (« 56.10A », « 5610A ») to the dotted form.

    Raises:
        InvalidValue: Another form.
    """
    code = _SEPARATORS.sub("", text).upper()
    if code.isascii() and re.fullmatch(r"\d{4}[A-Z]", code):
        return CodeNaf(f"{code[:2]}.{code[2:]}")
    raise InvalidValue("naf", text, "not a NAF code", public=f"« {text} » n’est pas un code NAF (ex. 56.10A).")
