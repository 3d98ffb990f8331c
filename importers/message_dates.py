"""The dates of a pasted e-mail: its sittings, why they are to be confirmed, and what looks like a day and is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from directory.errors import InvalidValue
from directory.models.record import Occurrence
from importers.values import read_sittings
from importers.values.text import unaccented

HOURS = re.compile(r"\b(?:[01]?\d|2[0-3])\s?(?:h|:)\s?(?:[0-5]\d)?\b")
POSTAL = re.compile(r"(?<!\d)(?:\d{5}|\d{2}\s\d{3})(?!\d)")
REACHES = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,253}|https?://\S{1,500}|\bwww\.\S{1,300}|(?:\+33\s?(?:\(0\))?|0)(?:[\s.\-]?\d){9}(?!\d)"
)
"""An address, a site or a number by which somebody is reached."""
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÉÈÀÎ])")
# « Inscription avant le 1er décembre », « le message du 12 novembre »: days of something else
_OTHER_DAY = re.compile(
    r"\b(?:inscri\w*|reserv\w*|repon\w*|confirm\w*|candidat\w*|limite|au plus tard|avant le|cloture|delai|suite a"
    r"|mail du|message du|ecrit)\b"
)
_NO_DAY, _NO_MONTH = "un mois sans jour", "un jour sans mois"
"""What is said of « en décembre », which in a letter is no doubt, and of « mardi 12 », whose month its weekday tells."""
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_WEEKDAY_ALONE = re.compile(
    rf"\b({'|'.join(_WEEKDAYS)})\s(\d{{1,2}})(?:er)?(?![\d/hH:€]|\s?(?:{'|'.join((*_MONTHS, 'fevrier', 'aout', 'decembre'))}))",
    re.IGNORECASE,
)
_WHOLE_DAY = timedelta(hours=23)


def find_dates(lines: Sequence[str], asked: date) -> tuple[tuple[Occurrence, ...], str, tuple[str, ...]]:
    """The sittings of the lines that name days; an hour that stands alone on the next line is theirs.

    Returns:
        The sittings in order, why they are to be confirmed (French), and what looks like a day and was left out.
    """
    found: dict[Occurrence, None] = {}
    reasons: dict[str, None] = {}
    doubts: dict[str, None] = {}
    before = ""
    for sentence in _sentences(lines):
        plain = unaccented(sentence)
        if _OTHER_DAY.search(plain) and not HOURS.search(plain):
            continue
        bare = POSTAL.sub(" ", REACHES.sub(" ", sentence))
        sittings, told = _sittings(bare, asked)
        if not sittings and before and HOURS.search(plain) and not told:
            days = _sittings(before, asked)[0]
            again, told = _sittings(f"{before} {bare}", asked)
            if again:
                for old in days:
                    found.pop(old, None)
                sittings = _with_hours(days, again)
        elif sittings:
            before = "" if HOURS.search(plain) else bare
        doubts.update(dict.fromkeys(told))
        for sitting, reason in sittings.items():
            found[sitting] = None
            reasons.update({reason: None} if reason else {})
    return _kept(found, asked), " ; ".join(reasons), tuple(doubts)


def _kept(found: Iterable[Occurrence], asked: date) -> tuple[Occurrence, ...]:
    """What is still to come, in order; of a day or an hour that is told twice, what says more."""
    yesterday = asked - timedelta(days=1)
    coming = [each for each in found if each.end.date() >= yesterday] or list(found)
    timed = {each.start.date() for each in coming if not _is_whole(each)}
    lasting = {each.start for each in coming if each.end > each.start}
    kept = [
        each
        for each in coming
        if not (_is_whole(each) and each.start.date() in timed) and not (each.start == each.end and each.start in lasting)
    ]
    return tuple(sorted(kept, key=lambda each: (each.start, each.end)))


def _is_whole(sitting: Occurrence) -> bool:
    return sitting.end - sitting.start >= _WHOLE_DAY


def _with_hours(days: dict[Occurrence, str], again: dict[Occurrence, str]) -> dict[Occurrence, str]:
    """Days with the hours of the line that follows them: where it says one span, it is that of each."""
    spans = {(each.start.time(), each.end.time()) for each in again if not _is_whole(each)}
    if len(spans) != 1:
        return again
    ((starts, ends),) = spans

    def at(day: Occurrence) -> Occurrence:
        zone, first = day.start.tzinfo, day.start.date()
        return Occurrence(start=datetime.combine(first, starts, zone), end=datetime.combine(first, ends, zone))

    return {at(day): reason for day, reason in days.items()} or again


def _sentences(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from (part for part in SENTENCE.split(line) if any(each.isdigit() for each in part))


def _sittings(text: str, asked: date) -> tuple[dict[Occurrence, str], list[str]]:
    """Sitting → why it is to be confirmed; and what is no day although it looks like one."""
    found, told = _as_written(text, asked)
    if found or not any(_NO_MONTH in each for each in told):
        return found, told
    dated = _WEEKDAY_ALONE.sub(lambda match: _with_month(match, asked), text)
    later, told_of_it = _as_written(dated, asked) if dated != text else ({}, told)
    why = "le mois n’est pas écrit, il est déduit du jour de la semaine"
    return (dict.fromkeys(later, why), told_of_it) if later else (found, told)


def _as_written(text: str, asked: date) -> tuple[dict[Occurrence, str], list[str]]:
    try:
        reading = read_sittings(text, asked)
    except InvalidValue as refused:
        return {}, [told for told in (refused.public,) if not told.endswith("aucune date lisible.") and _NO_DAY not in told]
    told = [doubt for doubt in reading.doubts if _NO_DAY not in doubt]
    return dict.fromkeys(reading.value.occurrences, reading.value.to_confirm), told


def _with_month(match: re.Match[str], asked: date) -> str:
    """« mardi 12 » with the month and the year of the next Tuesday the 12th, within a year."""
    weekday, number = _WEEKDAYS.index(match[1].lower()), int(match[2])
    for ahead in range(366):
        day = asked + timedelta(days=ahead)
        if day.day == number and day.weekday() == weekday:
            return f"{match[1]} {number} {_MONTHS[day.month - 1]} {day.year}"
    return match[0]
