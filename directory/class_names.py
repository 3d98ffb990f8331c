"""Classes as lycées write them (« T CAP cuisine », « 1re MELEC », « 2MRC1 »), told from pupils' names."""

from __future__ import annotations

import re
from functools import cache

from directory.occupations import title
from directory.specialties import specialties
from directory.text import fold

_WORD = re.compile(r"[^\W_]+")
_LEVEL = re.compile(
    r"t|tle|term|terminales?|1|1re|1ere|premieres?|2|2de|2nde|secondes?|3|3e|3eme|troisieme|prepa|cap|bac|bp|bma|dtms|mc|cs|bts|fcil"
    r"|ulis|upe2a|segpa|mlds|titre"
)
# « TMELEC », « 2MRC1 », « MELEC »: letters and digits without small ones
_CODE = re.compile(r"[T123][A-Z0-9]{1,8}|[A-Z]{2,5}\d{0,2}|\d{1,4}[A-Z]{0,2}|[A-Z]\d{0,2}")
_BESIDE = frozenset(
    "an annee apprenti apprentie alternance mixte groupe option pro professionnel professionnelle section euro europeenne classe "  # noqa: SIM905
    "eleve demi deuxieme initiale continue formation metier famille mention complementaire certificat specialisation specialite "
    "dessert restaurant".split()
)
_SHORT = 3
"""Letters of a word that names nobody: « de », « en », « et », « des »."""


def names_class(text: str) -> bool:
    """Whether a text is a class: a level or a code first, then words of diplomas and trades. A pupil's name is none of them."""
    words = _WORD.findall(text)
    if not words or not (_LEVEL.fullmatch(fold(words[0])) or _CODE.fullmatch(words[0])):
        return False
    return all(_is_plain(word) for word in words[1:])


def _is_plain(word: str) -> bool:
    folded = fold(word)
    small = len(folded) <= _SHORT and not word[0].isupper()
    return small or bool(_LEVEL.fullmatch(folded) or _CODE.fullmatch(word)) or folded.removesuffix("s") in _words()


@cache
def _words() -> frozenset[str]:
    """The words of the specialties of diplomas and of the occupations that they lead to, without their plural."""
    named = [name for _, names in specialties() for name in names]
    led_to = [title(code) or "" for specialty, _ in specialties() for code in specialty.occupations]
    return frozenset(word.removesuffix("s") for text in (*named, *led_to, *_BESIDE) for word in fold(text).split())
