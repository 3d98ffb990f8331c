"""Companies of a lycée: which places are left in a period, and how long what is kept of people is kept. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b

from directory.errors import DirectoryError
from directory.models.companies import CompanyFile, Period, Stay, Terms

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
    """
    if not file.periods:
        return None
    if file.terms.not_before is not None and file.terms.not_before > since:
        return 0
    return sum(
        max(0, period.places - taken(period, file.stays, since, until))
        for period in file.periods
        if period.starts <= until and period.ends >= since
    )


def to_review(stay: Stay, today: date) -> bool:
    """Whether a stay is over, not long ago, and nobody has said yet how it went."""
    return stay.review is None and stay.ends < today <= stay.ends + FOLLOW_UP
