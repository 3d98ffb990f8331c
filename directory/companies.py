"""Companies of a lycée: which places are left in a period; who a contact is, and how long they are kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b

from directory.errors import DirectoryError
from directory.models.companies import CompanyFile, Period, Stay, Terms
from directory.text import fold

KEPT = timedelta(days=3 * 365)
"""How long a professional's data and an exchange are kept (CNIL: three years after the last contact of a prospect)."""
FOLLOW_UP = timedelta(days=60)
"""How long after its end a stay is still asked about: beyond, nobody remembers."""
MOST_PLACES, MOST_STUDENTS = 1000, 100
LONGEST_PERIOD = timedelta(days=400)


class EntryNotFound(DirectoryError):
    """What was to be changed of a company is not there (any more), or is another lycée's: both are told alike."""

    def __init__(self) -> None:
        super().__init__(
            "no such entry", public="Cette ligne n’existe plus : elle a été retirée, ou n’est pas celle de votre lycée."
        )


class PersonOpposed(DirectoryError):
    """The person asked not to be kept."""

    def __init__(self, day: date) -> None:
        super().__init__(
            "the person opposed",
            public=f"Cette personne s’est opposée le {day:%d/%m/%Y} à ce qu’on garde ses coordonnées : rien n’est enregistré.",
        )


class PeriodOverlaps(DirectoryError):
    """Another period of the same company and pathway holds some of these days: places would count twice."""

    def __init__(self, other: Period) -> None:
        days = f"{other.starts:%d/%m/%Y} au {other.ends:%d/%m/%Y}"
        super().__init__(
            "periods overlap",
            public=f"Des places sont déjà notées pour ces jours, du {days} : retirez-les d’abord, ou choisissez d’autres jours.",
        )


class EntryChanged(DirectoryError):
    """A colleague changed the same thing since the form was shown, and not to the same."""

    def __init__(self) -> None:
        super().__init__(
            "the entry changed meanwhile",
            public="Un collègue a changé cela depuis que vous avez ouvert la page : relisez, puis enregistrez à nouveau.",
        )


def seal_of(entry: Terms | Stay) -> str:
    """A short text that changes with what a form changes of an entry: what the form was shown."""
    fields = ("visibility", "not_before", "reason") if isinstance(entry, Terms) else ("review", "review_note")
    return blake2b(repr([str(getattr(entry, name)) for name in fields]).encode(), digest_size=8).hexdigest()


def taken(period: Period, stays: Sequence[Stay], since: date | None = None, until: date | None = None) -> int:
    """How many of a period's places are taken on its fullest day: by classes in PFMP, and by students one by one.

    Args:
        period: The period.
        stays: Who is hosted by the company; those of another pathway take no place of this one.
        since: Count from this day on.
        until: Count up to this day, included.
    """
    first, last = max(period.starts, since or period.starts), min(period.ends, until or period.ends)
    inside = [stay for stay in stays if stay.pathway is period.pathway and stay.starts <= last and stay.ends >= first]
    # the fullest day is one on which somebody comes, or the first
    days = {first, *(stay.starts for stay in inside if stay.starts > first)}
    return max(sum(stay.students for stay in inside if stay.starts <= day <= stay.ends) for day in days)


def places_left(file: CompanyFile, since: date, until: date) -> int | None:
    """How many students a company can still take between two days, both included; None where no period was ever noted.

    Each period that holds one of the days gives what its fullest day leaves; a company that is not to be called yet gives none.
    Periods of one pathway that overlap were noted of two listings which turned out to be one company: the largest stands.
    """
    if not file.periods:
        return None
    if file.terms.not_before is not None and file.terms.not_before > since:
        return 0
    return sum(
        max(0, period.places - taken(period, file.stays, since, until))
        for period in apart(file.periods)
        if period.starts <= until and period.ends >= since
    )


def apart(periods: Sequence[Period]) -> list[Period]:
    """Periods of which no two of one pathway hold the same day: of those that overlap, the one with the most places."""
    kept: list[Period] = []
    for period in sorted(periods, key=lambda each: (-each.places, each.starts)):
        same = [other for other in kept if other.pathway is period.pathway]
        if not any(other.starts <= period.ends and other.ends >= period.starts for other in same):
            kept.append(period)
    return kept


def to_review(stay: Stay, today: date) -> bool:
    """Whether a stay is over, not long ago, and nobody has said yet how it went."""
    return stay.review is None and stay.ends < today <= stay.ends + FOLLOW_UP


# ---------------------------------------------------------------- people

_MOBILE = ("+336", "+337")
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
_CIVILITIES = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"})
ERASED = "(nom effacé)"


def person_keys(name: str, phone: str, email: str) -> list[str]:
    """Texts that are one person's: two contacts that share one are taken for the same person.

    A mobile number, and an address that bears the name, are somebody's own. A switchboard and a shared mailbox are so with a
    word of the name, in whatever order and however short it is written (« D. Essai »).
    """
    words = sorted(word for word in _words_of(name) if len(word) >= _SHORTEST)
    keys = []
    for reached, own in (
        (phone, phone.startswith(_MOBILE)),
        (email.lower(), any(word in fold(email.partition("@")[0]) for word in words)),
    ):
        if reached:
            keys += [reached] if own or not words else [f"{reached} {word}" for word in words]
    return keys


def without_name(text: str, name: str) -> str:
    """A text in which a person's name, or a part of it that begins with a capital, is replaced by « (nom effacé) »."""
    gone = {word for word in _words_of(name) if len(word) >= _SHORTEST}
    said = _WORD.sub(lambda found: ERASED if found[0][0].isupper() and fold(found[0]) in gone else found[0], text)
    return re.sub(rf"{re.escape(ERASED)}(?:[ -]{re.escape(ERASED)})+", ERASED, said)


def _words_of(name: str) -> set[str]:
    return {*fold(name).split()} - _CIVILITIES
