"""Dossiers: what is asked of one, when it deletes itself, who needs attention, what a note should not hold. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from directory.errors import DirectoryError, InvalidValue
from directory.models.dossiers import Diploma, Dossier, DossierState
from directory.territory import commune_names
from directory.text import fold

LONGEST_NOTE, LONGEST_LABEL = 1000, 200
SMALLEST_CELL = 5
"""Under it a number of people is not shown, even in a group that is large enough."""

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
_MET = frozenset({DossierState.INTERVIEWED, DossierState.WILLING, DossierState.UNWILLING, DossierState.ENROLLED})
_OVER = frozenset({DossierState.SOLVED, DossierState.HANDED_ON, DossierState.UNWILLING})


class DossierNotFound(DirectoryError):
    """No dossier has this code, or none that the asker may see: both are told alike."""

    def __init__(self) -> None:
        super().__init__("no such dossier", public="Aucun dossier de votre lycée ne porte ce code : il a pu être effacé.")


class DossierChanged(DirectoryError):
    """Another page, or another person, changed the dossier since the form was shown."""

    def __init__(self) -> None:
        super().__init__(
            "the dossier changed meanwhile",
            public="Ce dossier a changé depuis que vous avez ouvert la page : relisez, puis enregistrez à nouveau.",
        )


class DossierRefused(DirectoryError):
    """What was asked of a dossier cannot be, for a reason that whoever asked may read and mend.

    Attributes:
        field: The field of the form that it is about; empty for the whole.
    """

    def __init__(self, field: str, reason: str, public: str) -> None:
        super().__init__(f"dossier refused: {reason}", public=public)
        self.field = field


class Alert(StrEnum):
    """Why a dossier needs attention."""

    NOTHING = "rien"
    MINOR = "mineurs"
    LATE = "dates"


ALERT_LABELS = {
    Alert.NOTHING: "aucune démarche encore",
    Alert.MINOR: "mineur sans solution",
    Alert.LATE: "date dépassée",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFields:
    """What a référent says of a student."""

    state: DossierState
    born: str = ""
    diploma: Diploma = Diploma.UNKNOWN
    filiere: str = ""
    note: str = ""
    remind_on: date | None = None


def new_code() -> str:
    """A code for a student, at random: eight letters and digits that are not taken for one another."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def parse_born(text: str, today: date) -> str:
    """A month of birth, ``2008-05``, of someone of 14 to 35 years; empty for none.

    Raises:
        InvalidValue: It is no month, or one with a day, or of another age.
    """
    given = text.strip()
    if not given:
        return ""
    found = re.fullmatch(r"(\d{4})-(\d{2})", given, re.ASCII) or re.fullmatch(r"(\d{2})[/ -](\d{4})", given, re.ASCII)
    if found is None:
        raise _no_month(text, "Écrivez le mois et l’année seulement : 05/2008.")
    year, month = sorted((int(part) for part in found.groups()), reverse=True)
    if not 1 <= month <= 12 or not 14 <= today.year - year <= 35:
        raise _no_month(text, "Ce mois de naissance ne convient pas à un élève : l’écrire 05/2008.")
    return f"{year:04d}-{month:02d}"


def _no_month(text: str, public: str) -> InvalidValue:
    return InvalidValue("born", text[:40], "not a month of birth", public=public)


def parcours_end(opened_on: date) -> date:
    """The last day of the parcours of a student spotted on a day (arrêté du 18 juillet 2023: 1 September to 31 December)."""
    return date(opened_on.year, 12, 31)


def deletion_day(opened_on: date, months: int) -> date:
    """The day on which a dossier deletes itself: so many months after the parcours, the first of the month that follows."""
    end = parcours_end(opened_on)
    return date(end.year + 1 + months // 12, months % 12 + 1, 1)


def is_minor(born: str, today: date) -> bool:
    """Whether someone born in a month may be under 18 on a day; false where the month was not said."""
    if not born:
        return False
    year, month = (int(part) for part in born.split("-"))
    return (today.year - year) * 12 + today.month - month <= 18 * 12


def dates_of(state: DossierState, met_on: date | None, enrolled_on: date | None, today: date) -> tuple[date | None, date | None]:
    """The days of the first interview and of the enrolment in a state: set the first time, taken back with it."""
    if state in {DossierState.SPOTTED, DossierState.CONTACTED}:
        return None, None
    if state in _MET:
        met_on = met_on or today
    if state in {DossierState.INTERVIEWED, DossierState.WILLING, DossierState.UNWILLING}:
        return met_on, None
    return met_on, (enrolled_on or today) if state == DossierState.ENROLLED else enrolled_on


def alerts_of(dossier: Dossier, today: date) -> tuple[Alert, ...]:
    """Why a dossier needs attention."""
    found = []
    if not dossier.steps and dossier.state not in _OVER:
        found.append(Alert.NOTHING)
    if is_minor(dossier.born, today) and dossier.state != DossierState.SOLVED:
        found.append(Alert.MINOR)
    reminded = dossier.remind_on is not None and dossier.remind_on <= today
    if reminded or (dossier.state not in _OVER and today > parcours_end(dossier.opened_on)):
        found.append(Alert.LATE)
    return tuple(found)


# ---------------------------------------------------------------- notes

_HEALTH = re.compile(
    r"\b(?:malad\w*|sante|medical\w*|medecins?|docteurs?|psychiatr\w*|psycholog\w*|depress\w*|suicid\w*"
    r"|anorexi\w*|boulimi\w*|addict\w*|drogue\w*"
    r"|cannabis|alcool\w*|toxico\w*|handicap\w*|mdph|rqth|traitements?|medicaments?|hopital|hospitalis\w*"
    r"|enceinte|grossesse|avortement|ivg|vih|sida|cancer|epileps\w*|diabet\w*|autis\w*|tdah?|dyslexi\w*|bipolaire|schizo\w*"
    r"|angoiss\w*|phobi\w*|scarifi\w*|trauma\w*|religio\w*|musulman\w*|juifs?|juive|catholique|homosexuel\w*|garde a vue)\b"
)
_PERSON = re.compile(r"\b(?:M\.|Mme|Mlle|Mr|Monsieur|Madame|Mademoiselle)\s+[A-ZÉÈÀÂÎÔÇ][\w’'-]+")
_NAMED = re.compile(r"(?<![.!?:\s«(])[ \t\xa0]+([A-ZÉÈÀÂÎÔÇ][a-zéèêëàâîïôöûüùç]+(?:[ -][A-ZÉÈÀÂÎÔÇ][\w’'-]+)*)")
_FIRST = re.compile(r"^[ \t]*([A-ZÉÈÀÂÎÔÇ][a-zéèêëàâîïôöûüùç]+(?:[ -](?:[A-ZÉÈÀÂÎÔÇ][\w’'-]+))+)", re.MULTILINE)
_PREPOSITIONS = frozenset({"a", "au", "de", "d", "du", "en", "sur", "vers", "pres", "la", "le"})
_INSTITUTION = re.compile(
    r"mission|lycee|cfa|cio|greta|afpa|psad|mlds|bac|cap|france|pole|ecole|maison|chambre|service|region|academie|bureau|centre"
    r"|restaurant|garage|association|entreprise|salon|forum|journee|parcours|epide|pacte|promo|prepa|permis|etat|armee"
)
_NUMBERS = (
    (re.compile(r"(?<!\d)0[1-9](?:[ .-]?\d\d){4}(?!\d)"), "un numéro de téléphone"),
    # bounded on both sides (RFC 5321): an unbounded one takes minutes over « a@a@a@… »
    (re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\.\w"), "une adresse électronique"),
    (re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d(?!\d)"), "une date complète"),
    (re.compile(r"(?<![A-Za-z0-9])\d{9}[A-Za-z]{2}(?![A-Za-z0-9])"), "un numéro INE"),
)


def warnings_in(note: str) -> list[str]:
    """What a note seems to hold that it should not: words of health or of belief, names, numbers that tell who. French sentences.

    It warns, and does not know: whoever wrote decides, once told.
    """
    found = [f"« {match.group(0)} » touche à la santé ou à la vie privée." for match in _HEALTH.finditer(fold(note))]
    names = [match.group(0) for match in _PERSON.finditer(note)] + [match.group(1) for match in _FIRST.finditer(note)]
    names += [match.group(1) for match in _NAMED.finditer(note) if not _is_known(note[: match.start()], match.group(1))]
    found += [f"« {' '.join(name.split())} » ressemble à un nom." for name in names]
    found += [f"Cette note contient {what}." for pattern, what in _NUMBERS if pattern.search(note)]
    return list(dict.fromkeys(found))[:8]


def _is_known(before: str, name: str) -> bool:
    """Whether a word in capitals is an institution's, or a commune where one goes, rather than someone's."""
    words, last = fold(name), fold(before).rpartition(" ")[2]
    return bool(_INSTITUTION.fullmatch(words.partition(" ")[0])) or (last in _PREPOSITIONS and words in _communes())


@cache
def _communes() -> frozenset[str]:
    return frozenset(fold(name) for name in commune_names().values())


def names_a_person(text: str) -> bool:
    """Whether a text says « Madame Untel », or a number or an address that reaches someone."""
    return bool(_PERSON.search(text)) or any(pattern.search(text) for pattern, _ in _NUMBERS)


# ---------------------------------------------------------------- counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many students of a group: all, without the diploma prepared, met, enrolled, with a solution."""

    spotted: int = 0
    without_diploma: int = 0
    met: int = 0
    enrolled: int = 0
    solved: int = 0

    def __add__(self, other: Counts) -> Counts:
        """The counts of both groups together."""
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})

    @property
    def shown(self) -> dict[str, str]:
        """Each number as it may be shown: one under five is not told, nor one that all but fewer than five students are in."""
        return {name: self._told(name)[0] for name in self.__slots__}

    @property
    def least(self) -> dict[str, int]:
        """What ``shown`` says at least of each number, and no more."""
        return {name: self._told(name)[1] for name in self.__slots__}

    def _told(self, name: str) -> tuple[str, int]:
        value = int(getattr(self, name))
        if 0 < value < SMALLEST_CELL:
            return f"moins de {SMALLEST_CELL}", 1
        if 0 < self.spotted - value < SMALLEST_CELL:
            return f"plus de {self.spotted - SMALLEST_CELL}", self.spotted - SMALLEST_CELL + 1
        return str(value), value


def publishable(counts: Mapping[str, Counts], smallest: int) -> tuple[dict[str, Counts], dict[str, str] | None]:
    """The groups that are large enough, and the numbers of all of them together as they may be shown.

    No subtraction tells more than the groups do: the total holds the small groups only where they are large enough together, and
    a number that is hidden of any group is told in the total by the least that it may be.

    Args:
        counts: Group (UAI) → its counts.
        smallest: The least number of students of a group that is shown.

    Returns:
        The groups shown, and the total, None when nothing may be shown.
    """
    large, rest = _part(counts, smallest)
    return large, _total([*large.values(), rest], smallest)


def publishable_by_academie(
    counts: Mapping[str, Counts], academies: Mapping[str, str], smallest: int
) -> tuple[dict[str, dict[str, str]], dict[str, str] | None]:
    """The numbers of each académie that is large enough, as its own services read them, and of all of them.

    The whole is made of the same parts as the académies, so that subtracting those tells of no group that is too small.

    Args:
        counts: Group (UAI) → its counts.
        academies: Group (UAI) → the name of its académie.
        smallest: The least number of students of a group that is shown.

    Returns:
        Académie → its numbers, and those of all, None when nothing may be shown.
    """
    shown: dict[str, dict[str, str]] = {}
    parts: list[Counts] = []
    left = Counts()
    for academie in sorted(set(academies.values())):
        large, rest = _part({uai: each for uai, each in counts.items() if academies[uai] == academie}, smallest)
        total = _total([*large.values(), rest], smallest)
        if total is not None:
            shown[academie] = total
        parts += large.values()
        if rest.spotted >= smallest:
            parts.append(rest)
        else:
            left += rest
    return shown, _total([*parts, left], smallest)


def _part(counts: Mapping[str, Counts], smallest: int) -> tuple[dict[str, Counts], Counts]:
    """The groups that are large enough, and the others together."""
    large = {group: each for group, each in counts.items() if each.spotted >= smallest}
    return large, _sum(each for group, each in counts.items() if group not in large)


def _total(groups: Iterable[Counts], smallest: int) -> dict[str, str] | None:
    """The numbers of groups together, of those that are large enough; None where none is."""
    parts = [each for each in groups if each.spotted >= smallest]
    if not parts:
        return None
    sure = {name: sum(each.least[name] for each in parts) for name in Counts.__slots__}
    hidden = {name for name in sure if any(each.shown[name] != str(getattr(each, name)) for each in parts)}
    return {name: f"au moins {number}" if name in hidden else str(number) for name, number in sure.items()}


def _sum(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for each in counts:
        total += each
    return total
