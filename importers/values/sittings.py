"""When something is held, in free French: « samedi 1er février et dimanche 2 de 9h à 12h » to sittings, doubts told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from directory.errors import InvalidValue
from directory.models.record import Occurrence
from importers.values.dates import LATEST, MONTHS, WEEKDAYS, full_year
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy_lines, unaccented

PARIS = ZoneInfo("Europe/Paris")
_LONGEST = 4000
_MOST_DAYS = 62
_EARLIEST = 1990
_MOST = 200
_HOUR = r"(?:[01]?\d|2[0-4])\s?"
# « 9h 13h » is two hours, « 9 h 30 » one
_MINUTES = r"(?:[0-5]\d(?!\d)|\s(?:00|15|30|45)(?!\d|\s?h))"
_TIME = rf"(?:{_HOUR}(?:(?:heures?|hrs?|h){_MINUTES}?|:\s?[0-5]\d(?!\d))|midi|minuit)"
# What may stand after the number of a day; another word makes it a number of something else (« 2 sessions », « 12 places »).
_AFTER_DAY = rf"(?!\s(?!(?:{'|'.join((*MONTHS, *WEEKDAYS))}|et|au|aux|puis|de|le|les|lun|mar|mer|jeu|ven|sam|dim)\b)[a-z]{{3,}})"
_LOOSE = r"(?:[01]?\d|2[0-4])(?:\s?(?:h|:)\s?[0-5]\d)?"
_TOKEN = re.compile(
    rf"""(?P<hours>\b(?:{_TIME}|{_LOOSE}(?=\s?(?:-|a|/)\s?{_TIME}))\s?(?:-|\ba\b|/|>|jusqu'a)\s?{_TIME})
    |(?P<hour>\b{_TIME})
    |(?P<iso>(?<![\d/])\d{{4}}-\d{{2}}-\d{{2}}(?!\d))
    |(?P<numeric>(?<![\d/.])\d{{1,2}}\s?[/.]\s?\d{{1,2}}(?:\s?[/.]\s?(?:\d{{4}}|\d{{2}}))?(?![\d/]))
    |(?P<weekday>\b(?:{"|".join(WEEKDAYS)}|lun|mer|jeu|ven|sam|dim)s?\b\.?)
    |(?P<month>\b(?:{"|".join(MONTHS)})\b\.?)
    |(?P<year>\b\d{{4}}\b)
    |(?P<day>\b\d{{1,2}}(?:er)?\b(?!\s?[%€]){_AFTER_DAY})
    |(?P<until>\bau\b|\b(?:jusqu')?a\b|[-–—>])
    |(?P<and>\bet\b|[,&+/()]|\bpuis\b|\bou\b)
    |(?P<stop>[;\n|])
    |(?P<word>[^\W\d_]+)""",
    re.VERBOSE,
)
_DAYS = frozenset({"day", "numeric", "iso"})
_NUMBERED = frozenset({"salle", "batiment", "bat", "rue", "stand", "hall", "etage", "amphi", "session", "numero", "n"})
_TENTATIVE = re.compile(r"indicati(?:ve|f)|a confirmer|sous reserve|previsionnel|a preciser|\benviron\b|a definir")
_VAGUE = re.compile(r"\b(?:mi|debut|fin|courant|premiere|derniere|quinzaine|semaine du)\b")
_REPEATED = re.compile(r"\b(?:tous les|toutes les|chaque)\b")


@dataclass(frozen=True, slots=True)
class Sittings:
    """When something is held.

    Attributes:
        occurrences: In order, each once.
        to_confirm: Why the dates are to be confirmed, French; empty when they stand as written.
    """

    occurrences: tuple[Occurrence, ...] = ()
    to_confirm: str = ""


@dataclass(slots=True)
class _Day:
    """A day as written, completed by what stands around it."""

    day: int
    text: str
    weekday: str = ""
    month: int = 0
    year: int = 0
    ends: bool = False
    hours: list[tuple[time, time | None]] = field(default_factory=list)


def read_sittings(text: str, today: date) -> Reading[Sittings]:
    """The sittings of a text. A day without hours is held the whole day; one without an end, at its hour.

    A missing year is that of the school year of ``today`` (which turns on 1 July), and is to be confirmed. A day that does not exist, whose
    weekday is another, or that no month completes, is a doubt.

    Raises:
        InvalidValue: There is a text, and no day in it that can be.
    """  # noqa: E501
    cell = tidy_lines(text[:_LONGEST])
    if not cell or says_nothing(cell):
        return Reading(Sittings())
    plain = unaccented(cell).replace("–", "-").replace("—", "-")
    days, doubts = _days(plain)
    if _REPEATED.search(plain):
        doubts.append("Répétition en toutes lettres : seules les dates écrites sont lues.")
    deduced = any(not day.year for day in days)
    found: dict[Occurrence, None] = {}
    for first, last in _spans(days):
        try:
            for day in _between(first, last, today):
                found.update(dict.fromkeys(_held(day, last.hours)))
        except InvalidValue as refused:
            doubts.append(refused.public)
    if not found:
        public = doubts[0] if doubts else f"« {' '.join(cell.split())[:80]} » : aucune date lisible."
        raise InvalidValue("dates", text, "no date", public=public)
    reasons = [
        *(["les dates sont dites indicatives"] if _TENTATIVE.search(plain) or _VAGUE.search(plain) else []),
        *(["l’année n’est pas écrite, elle est déduite de l’année scolaire"] if deduced else []),
    ]
    ordered = tuple(sorted(found, key=lambda sitting: (sitting.start, sitting.end)))[:_MOST]
    return Reading(Sittings(ordered, " ; ".join(reasons)), tuple(dict.fromkeys(doubts)))


def _days(plain: str) -> tuple[list[_Day], list[str]]:
    """The days that a text names, months, years and hours given to those they stand beside."""
    reader = _Reader()
    for match in _TOKEN.finditer(plain):
        reader.see(match.lastgroup or "", match.group())
    reader.end_part()
    return reader.days, reader.doubts


class _Reader:
    """Reads tokens from left to right; what is incomplete waits for the month, the year or the hours that follow."""

    def __init__(self) -> None:
        self.days: list[_Day] = []
        self.doubts: list[str] = []
        self._part = 0  # where the current part begins: months and years do not pass from one part to another
        self._group = 0  # where the days begin that the next hours are for
        self._ahead: list[tuple[time, time | None]] | None = None  # hours that stand before their days
        self._weekday = ""
        self._until = self._timed = self._numbered = False

    def see(self, kind: str, text: str) -> None:
        """Take one token, of one of the kinds of _TOKEN."""
        if kind in {"hours", "hour"}:
            self._take_hours(text)
        elif kind in _DAYS and not (kind == "day" and self._numbered):
            self._add(_day_of(kind, text))
        elif kind == "weekday":
            self._weekday = _weekday_of(text)
        elif kind == "month":
            self._take_month(MONTHS[text.rstrip(".")], text)
        elif kind == "year":
            self._take_year(int(text))
        elif kind == "stop":
            self.end_part()
        self._until = (kind == "until" or (self._until and kind in {"weekday", "word"})) and len(self.days) > self._part
        self._numbered = kind == "word" and text in _NUMBERED

    def end_part(self) -> None:
        """Days that no month completed take that of the day before when they follow it, else they are left out."""
        kept: list[_Day] = []
        for day in self.days[self._part :]:
            before = kept[-1] if kept else None
            if not day.month and before is not None and day.day > before.day:
                day.month = before.month
            if before is not None and not day.year and day.month >= before.month:
                day.year = before.year
            if day.month:
                kept.append(day)
            elif day.weekday or day.ends:
                self.doubts.append(f"« {f'{day.weekday} {day.text}'.strip()} » : un jour sans mois.")
        self.days[self._part :] = kept
        self._part = self._group = len(self.days)
        self._ahead, self._weekday, self._timed = None, "", False

    def _add(self, day: _Day) -> None:
        day.weekday, self._weekday = self._weekday, ""
        day.ends = self._until and not self.days[-1].ends and not self._timed
        if self._timed:
            self._group, self._timed = len(self.days), False
        if self._ahead:
            day.hours = list(self._ahead)
        if day.year:
            self._take_year(day.year)
        self.days.append(day)

    def _take_year(self, year: int) -> None:
        for day in self.days[self._part :]:
            day.year = day.year or year

    def _take_month(self, month: int, text: str) -> None:
        waiting = [day for day in self.days[self._part :] if not day.month]
        if not waiting:
            self.doubts.append(f"« {text} » : un mois sans jour.")
        for day in waiting:
            day.month = month

    def _take_hours(self, text: str) -> None:
        hours = _hours_of(text)
        if hours is None:
            self.doubts.append(f"« {text} » : heures impossibles.")
        elif self._ahead is None and len(self.days) > self._part:
            for day in self.days[max(self._group, self._part) :]:
                day.hours.append(hours)
            self._timed = True
        elif self._ahead is None or (self.days[self._part :] and self.days[-1].hours == self._ahead):
            self._ahead = [hours]
        else:
            self._ahead.append(hours)


def _day_of(kind: str, text: str) -> _Day:
    if kind == "day":
        return _Day(int(text.removesuffix("er")), text)
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    if kind == "iso":
        return _Day(numbers[2], text, month=numbers[1], year=numbers[0])
    year = re.search(r"\d{1,2}\D+\d{1,2}\D+(\d+)", text)
    return _Day(numbers[0], text, month=numbers[1], year=full_year(year.group(1)) if year else 0)


def _weekday_of(text: str) -> str:
    """The weekday of a word; empty for a plural (« les samedis 1er et 8 »), which is checked for nobody."""
    name = text.rstrip(".")
    return "" if name.endswith("s") else next(weekday for weekday in WEEKDAYS if weekday.startswith(name))


def _hours_of(text: str) -> tuple[time, time | None] | None:
    edges = re.split(r"\s?(?:-|\ba\b|/|>|jusqu'a)\s?", text, maxsplit=1)
    start, end = _clock(edges[0]), _clock(edges[1]) if len(edges) > 1 else None
    return None if start is None or (len(edges) > 1 and (end is None or end <= start)) else (start, end)


def _clock(text: str) -> time | None:
    if text.strip() == "midi":
        return time(12)
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    return time(numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers and numbers[0] < 24 else None


def _spans(days: list[_Day]) -> Iterator[tuple[_Day, _Day]]:
    """Each day with itself, or with the one that ends it (« du 24 au 26 janvier »)."""
    for day, following in pairwise([*days, None]):
        if day is not None and not day.ends:
            yield day, following if following is not None and following.ends else day


def _between(first: _Day, last: _Day, today: date) -> list[date]:
    """The days of a span, both ends included.

    Raises:
        InvalidValue: One does not exist, its weekday is another, its year cannot be, or the span is too long.
    """
    end = _real(last, today)
    if first is last:
        return [end]
    if not first.month:
        first.month, first.year = last.month, last.year
    start = _real(first, today)
    if not 0 < (end - start).days <= _MOST_DAYS:
        raise InvalidValue(
            "dates", first.text, "span", public=f"« {first.text} au {last.text} » : période impossible ou trop longue."
        )
    return [start + timedelta(days=rank) for rank in range((end - start).days + 1)]


def _real(day: _Day, today: date) -> date:
    started = today.year if today.month >= 7 else today.year - 1
    year = day.year or (started if day.month >= 7 else started + 1)
    shown = f"{day.weekday} {day.day:02}/{day.month:02}/{year}".strip()
    try:
        found = date(year, day.month, day.day)
    except ValueError as error:
        raise InvalidValue("dates", day.text, "no such day", public=f"« {shown} » n’existe pas.") from error
    if not _EARLIEST <= year <= LATEST:
        raise InvalidValue("dates", day.text, "year", public=f"« {shown} » : année impossible.")
    if day.weekday and WEEKDAYS[found.weekday()] != day.weekday:
        written = "" if day.year else " (année déduite)"
        raise InvalidValue(
            "dates",
            day.text,
            "weekday",
            public=f"« {shown} » : ce jour est un {WEEKDAYS[found.weekday()]}{written}, date laissée de côté.",
        )
    return found


def _held(day: date, hours: list[tuple[time, time | None]]) -> Iterator[Occurrence]:
    for start, end in hours:
        begins = datetime.combine(day, start, tzinfo=PARIS)
        yield Occurrence(start=begins, end=datetime.combine(day, end, tzinfo=PARIS) if end else begins)
    if not hours:
        midnight = datetime.combine(day, time(), tzinfo=PARIS)
        yield Occurrence(start=midnight, end=datetime.combine(day + timedelta(days=1), time(), tzinfo=PARIS))
