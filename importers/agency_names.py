"""Names of agencies (missions locales, France Travail): French typography, and the one commune that a name may state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from directory.territory import departements
from directory.text import fold, fold_place

if TYPE_CHECKING:
    from directory.geocoding.gazetteer import Gazetteer

_LINKS = frozenset({"de", "du", "des", "d", "l", "le", "la", "les", "et", "en", "pour", "sur", "sous", "au", "aux", "a"})
_GENERIC = _LINKS | {
    "mission", "missions", "locale", "locales", "jeunes", "jeune", "insertion", "rurale", "intercommunale", "departementale",
    "emploi", "maison", "formation", "plie", "gip", "asi", "pays", "bassin", "agglomeration", "arrondissement", "territoire",
    "ville", "siege", "administratif", "antenne", "rpe",
}  # fmt: skip
_LOWERED = frozenset({"De", "Du", "Des", "D", "Et", "En", "Pour", "Sur", "Sous", "Au", "Aux"})
_ARTICLES = frozenset({"La", "Le", "Les", "L"})
_ACRONYMS = frozenset({"RPE", "AVS", "A2S", "CDG"})
_LONGEST = 6


def significant_words(name: str) -> str:
    """The folded words of a name that tell it from another: without « mission locale » and the small words."""
    return " ".join(word for word in fold(name).split() if word not in _LINKS and word not in {"mission", "locale"})


def named_commune(name: str, departement: str, gazetteer: Gazetteer) -> str:
    """The INSEE code of the only commune of a département that a name states; empty when it states none, or several.

    A commune is stated where it follows the words that any mission locale's name may hold (« de l'arrondissement de Beaune »), or
    where a part of the name after a dash or a bracket begins with it. « Sud Isère » states none; « la Mayenne » is a département.
    """
    found = set()
    for part in re.split(r"\s+-\s+|\s*[/(]\s*|\bsi[eè]ge\s", name, flags=re.IGNORECASE):
        words = fold_place(part).split()
        while words and words[0] in _GENERIC:
            code = _first_commune(words, departement, gazetteer)
            if code:
                break
            words.pop(0)
        code, length = _commune_at(words, departement, gazetteer)
        if not code:
            continue
        found.add(code)
        found.update(_communes_within(words[length:], departement, gazetteer))
    return found.pop() if len(found) == 1 else ""


def _first_commune(words: list[str], departement: str, gazetteer: Gazetteer) -> str:
    """The commune whose own name begins with a small word (« La Ciotat »)."""
    return _commune_at(words, departement, gazetteer)[0] if words[0] in {"la", "le", "les", "l"} else ""


def _communes_within(words: list[str], departement: str, gazetteer: Gazetteer) -> set[str]:
    found = set()
    start = 0
    while start < len(words):
        code, length = _commune_at(words[start:], departement, gazetteer)
        if code:
            found.add(code)
        start += max(1, length)
    return found


def _commune_at(words: list[str], departement: str, gazetteer: Gazetteer) -> tuple[str, int]:
    """The commune whose whole name these words begin with, the longest first, and how many words it takes."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        text = " ".join(words[:length])
        if len(text) < 3:
            continue
        code = gazetteer.find_commune(text, departement=departement)
        if code and fold_place(gazetteer.commune_name(code)) == text and text != fold_place(departements()[departement].name):
            return code, length
    return "", 0


def in_title_case(name: str) -> str:
    """A name written in capitals, word by word: « REIMS MONT D'ARENE » → « Reims Mont d'Arene ». Words in small letters stay."""

    def one(found: re.Match[str]) -> str:
        word = found[0]
        if not word.isupper() or word in _ACRONYMS or any(letter.isdigit() for letter in word):
            return word
        return word.lower() if found.start() and fold(word) in _LINKS else word.capitalize()

    return re.sub(r"[^\W_]+", one, name)


def display_name(name: str, commune: str = "") -> str:
    """A name as it is shown: « Mission Locale Des Pays D'Epernay » → « Mission locale des Pays d’Épernay ».

    Small words in lower case, typographic apostrophes, and the commune as its official name writes it. Nothing else is touched:
    what the source leaves without an accent stays so.

    Args:
        name: The name as written, without its number.
        commune: Official name of the commune that it states, or empty.
    """
    text = re.sub(r"['‘`´]", "’", name)
    text = re.sub(r"^(La )?Mission Locale\b", lambda match: f"{match.group(1) or ''}Mission locale", text)
    pieces = re.split(r"([\s’\-/()]+)", text)
    previous = ""
    for rank in range(2, len(pieces), 2):
        word = pieces[rank]
        opens = "- " in pieces[rank - 1] or "/" in pieces[rank - 1] or "(" in pieces[rank - 1]
        if not opens and (word in _LOWERED or (word in _ARTICLES and previous.lower() in {"de", "et", "sur", "en", "pour"})):
            pieces[rank] = word.lower()
        previous = word
    return _spell("".join(pieces), commune.replace("'", "’"))


def _spell(text: str, commune: str) -> str:
    """The text with the commune written as it officially is, wherever the same words stand."""
    if not commune:
        return text
    tokens = list(re.finditer(r"[^\s’\-/()]+", text))
    wanted = fold_place(commune)
    for start in range(len(tokens)):
        for end in range(start, min(start + _LONGEST, len(tokens))):
            first, last = tokens[start].start(), tokens[end].end()
            if fold_place(text[first:last]) == wanted:
                return f"{text[:first]}{commune}{text[last:]}"
    return text
