"""A cohort as it is pasted: a line a student, columns between tabs or semicolons, in the words of the form."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from directory.services import Services
from directory.text import fold
from directory.vocabulary import PATHWAY_LABELS
from matching.cohort import Student
from matching.errors import ProfileError
from matching.needs import needs
from matching.profile import parse_profile
from matching.types import Mode
from web.form_words import plain_message

MOST_STUDENTS = 60
COLUMNS = ("Repère", "Âge", "Commune", "Métiers", "Voies", "Transport", "Minutes", "Besoins")
EXAMPLE = (
    "A1 ; 17 ; 35300 Fougères ; cuisinier ; stage, apprentissage ; transports ; 45 ; logement\n"
    "A2 ; 19 ; 35500 Vitré ; mécanicien automobile ; emploi ; voiture ; 30 ;"
)
_MODES: Mapping[str, Mode] = {
    "pied": Mode.WALK,
    "marche": Mode.WALK,
    "velo": Mode.BIKE,
    "transports": Mode.TRANSIT,
    "transport": Mode.TRANSIT,
    "bus": Mode.TRANSIT,
    "train": Mode.TRANSIT,
    "voiture": Mode.CAR,
    "scooter": Mode.CAR,
}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not a student: its number from 1, and why, in French."""

    number: int
    message: str


def read_students(text: str, core: Services, today: date) -> tuple[list[Student], list[BadLine]]:
    """Read what was pasted. Each line that cannot be read is told by its number; the others are read all the same."""
    bassins = core.repository.load_bassins()
    students: list[Student] = []
    bad: list[BadLine] = []
    for number, cells in _lines(text):
        try:
            profile = parse_profile(_profile(cells), gazetteer=core.gazetteer, bassins=bassins, today=today)
        except ProfileError as error:
            bad.append(BadLine(number, plain_message(error)))
        except _Unknown as error:
            bad.append(BadLine(number, str(error)))
        else:
            students.append(Student(reference=cells["Repère"] or f"ligne {number}", profile=profile))
    return students, bad


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    separator = "\t" if "\t" in text else ";"
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
        if any(cells) and fold(cells[0]) != fold(COLUMNS[0]):  # a header pasted with the lines is none of them
            yield number, dict(zip(COLUMNS, cells + [""] * len(COLUMNS), strict=False))


class _Unknown(Exception):
    """A word of a line that nothing is called by; its text is French."""


def _profile(cells: Mapping[str, str]) -> dict[str, object]:
    wishes = {"occupations": _words(cells["Métiers"]), "paths": [_path(word) for word in _words(cells["Voies"])]}
    mobility: dict[str, object] = {}
    if cells["Transport"]:
        mobility["mode"] = _mode(cells["Transport"])
    if cells["Minutes"]:
        mobility["max_minutes"] = _whole(cells["Minutes"])
    profile: dict[str, object] = {"place": cells["Commune"], "age": _whole(cells["Âge"]), "mobility": mobility}
    profile |= {"wishes": {name: words for name, words in wishes.items() if words}}
    profile |= {"needs": [_need(word) for word in _words(cells["Besoins"])]}
    return {name: value for name, value in profile.items() if value not in ("", [], {})}


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _whole(text: str) -> object:
    digits = text.removesuffix("ans").removesuffix("min").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 5 else text


def _path(word: str) -> str:
    for pathway, label in PATHWAY_LABELS.items():
        if fold(word) in {str(pathway), fold(label), fold(label.partition("(")[0])}:
            return str(pathway)
    raise _Unknown(f"Voie inconnue : « {word[:40]} ». Voies : {', '.join(PATHWAY_LABELS.values())}.")


def _mode(text: str) -> str:
    for word in fold(text).split():
        if word in _MODES:
            return str(_MODES[word])
    raise _Unknown(f"Transport inconnu : « {text[:40]} ». Écrire : à pied, vélo, transports ou voiture.")


def _need(word: str) -> str:
    for key, need in needs().items():
        if fold(word) in {key, fold(key), fold(need.label)}:
            return key
    raise _Unknown(f"Besoin inconnu : « {word[:40]} ». Besoins : {', '.join(needs())}.")
