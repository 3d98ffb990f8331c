"""Opening hours of free French, read word by word into the hours of each day, then written as OpenStreetMap rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from importers.values.hours_words import DAY_NAMES, NTH, TO, TOKEN

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
COMMENT = '"sur rendez-vous"'


class NotCertain(Exception):
    """Why a text is not read, French."""


Range = tuple[int, int]
"""Minutes from midnight; an end past 24:00 is on the next day."""


@dataclass(slots=True)
class _Clause:
    """Days with their hours, as far as they were read.

    Attributes:
        named: The days as they were named, a range's two ends only.
        mode: What was said before the days: ``except`` (« sauf mercredi »), ``closed`` (« fermé le mercredi »), or nothing.
        closed: Said after the days (« mercredi fermé »).
        hours_first: « 9h-12h du lundi au vendredi ».
        half: The half of the day that was named last, and that no hours have followed.
    """

    days: list[int] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    nth: list[int] = field(default_factory=list)
    week: str = ""
    school: bool = False
    mode: str = ""
    closed: bool = False
    half: str = ""
    appointment: bool = False
    dashes: int = 0
    hours_first: bool = False


class Schedule:
    """Reads tokens from left to right into the hours of each day, then writes them as rules."""

    def __init__(self) -> None:
        self.week: dict[int, list[Range]] = {}
        self.off: set[int] = set()
        self.special: list[str] = []
        self.no_school = self.no_holiday = self.also_appointment = self.all_by_appointment = self.always = False
        self.appointment: set[int] = set()
        self.clause = _Clause()
        self.join = ""  # « to » between the day before and the next
        self.mode = ""  # waits for the days that it is about
        self.clock_alone: int | None = None
        self.inside = self.leaving_out = False
        self.previous = ""

    def read(self, plain: str) -> str:
        """The rules of a text.

        Raises:
            NotCertain: A word is not understood, or what it says is not whole.
        """
        for match in TOKEN.finditer(plain):
            kind, text = match.lastgroup or "", match.group().strip()
            if kind == "unknown":
                raise NotCertain(f"« {plain[match.start() : match.start() + 20].strip()} »")
            if kind not in {"filler", "space"}:
                _HANDLERS[kind](self, text)
                self.previous = kind
        self.flush()
        return self.written()

    def on_link(self, text: str) -> None:
        """« au », « - » between two days make a range; « et » and « / » a list."""
        if text in {"au", "a", "-"} and self.previous == "half" and self.clause.half and not self.clause.ranges:
            raise NotCertain("demi-journée sans heures")
        self.join = text if text in {"au", "a", "-"} and self.previous == "day" else ""

    def on_day(self, text: str) -> None:
        """A day begins a new clause once the last one has its hours, or is closed."""
        name = text.rstrip(".")
        day = DAY_NAMES[name if name in DAY_NAMES else name.removesuffix("s")]
        if self.leaving_out:
            if day not in self.clause.days or self.join or self.clause.ranges:
                raise NotCertain("exception")
            self.clause.days.remove(day)
            return
        if self.clock_alone is not None:
            self.close_earlier(day)
            return
        self.begin_days()
        clause = self.clause
        clause.dashes = clause.dashes + 1 if self.join == "-" else 0
        clause.named.append(day)
        if self.join and clause.dashes < 2:
            if day <= clause.days[-1]:
                raise NotCertain("jours en désordre")
            clause.days.extend(range(clause.days[-1] + 1, day))
        elif clause.dashes >= 2:  # « lundi - mercredi - vendredi » is a list
            clause.days = clause.named[:-1]
        clause.days.append(day)
        self.join = ""

    def on_days(self, days: Iterable[int]) -> None:
        """Several days at once (« tous les jours »)."""
        self.begin_days()
        self.clause.days.extend(days)

    def begin_days(self) -> None:
        """Close the clause that has what it needs, and begin the one that these days are of."""
        if self.clause.ranges and not self.clause.days and not (self.clause.nth or self.clause.school):
            self.clause.hours_first = True
        elif (self.clause.ranges and not self.clause.hours_first) or self.clause.closed or self.mode:
            self.flush()
        if self.mode:
            self.clause.mode, self.mode = self.mode, ""

    def on_range(self, text: str) -> None:
        """Hours, of the clause's days."""
        if self.clause.hours_first and self.clause.days:
            self.flush()
        edges = re.split(TO, text, maxsplit=1)
        start, end = (_minutes(edge) for edge in edges)
        if end <= start and not (start >= 17 * 60 and end <= 6 * 60):
            raise NotCertain("heures en désordre")
        if self.clause.mode == "closed" or self.clause.closed or self.mode or self.clock_alone is not None:
            raise NotCertain("heures de fermeture")
        self.leaving_out = False
        self.clause.ranges.append((start, end if end > start else end + 24 * 60))
        self.clause.half = ""

    def on_closed(self, _: str) -> None:
        """« fermé »: of the days just named (« mercredi fermé »), else of those that follow."""
        if self.clause.days and not self.clause.ranges:
            self.clause.closed = True
        else:
            self.flush()
            self.mode = "closed"

    def on_opened(self, _: str) -> None:
        """« ouvert » ends what was said of closed days."""
        if self.clause.mode == "closed" and self.clause.days:
            self.flush()

    def on_except(self, _: str) -> None:
        """« sauf »: of the days that follow."""
        if not (self.clause.days or self.week):
            raise NotCertain("« sauf » sans jours")
        if self.clause.days and not self.clause.ranges:  # « tous les jours sauf dimanche : 9h-12h », the hours still to come
            self.leaving_out = True
        else:
            self.flush()
            self.mode = "except"

    def on_clock(self, text: str) -> None:
        """An hour alone has a meaning only before a day in brackets (« 17h30 (16h30 le vendredi) »)."""
        if not self.inside or self.clock_alone is not None or not self.clause.ranges:
            raise NotCertain(f"« {text} » seul")
        self.clock_alone = _minutes(text)

    def close_earlier(self, day: int) -> None:
        """One day of the clause ends at an hour of its own."""
        clause, end = self.clause, self.clock_alone
        if day not in clause.days or len(clause.days) < 2 or end is None or not clause.ranges[-1][0] < end:
            raise NotCertain("heure de fermeture particulière")
        clause.days.remove(day)
        self.week.setdefault(day, []).extend([*clause.ranges[:-1], (clause.ranges[-1][0], end)])
        self.clock_alone = None

    def on_nth(self, text: str) -> None:
        """« 1er et 3e mardi du mois »."""
        if self.clause.ranges or self.clause.days:
            self.flush()
        self.clause.nth.append(next(rank for start, rank in NTH.items() if text.startswith(start)))

    def on_of_month(self, _: str) -> None:
        """« du mois » is said of nth days only."""
        if not self.clause.nth:
            raise NotCertain("« du mois »")

    def on_parity(self, text: str) -> None:
        """« semaines paires »: ISO weeks."""
        if self.clause.ranges and self.clause.week:
            self.flush()
        self.clause.week = "week 01-53/2" if "impaire" in text else "week 02-52/2"

    def on_school(self, _: str) -> None:
        """« vacances scolaires : 9h-12h »."""
        if self.clause.ranges:
            self.flush()
        self.clause.school = True

    def on_appointment(self, text: str) -> None:
        """By appointment: only, or beside the hours (« et sur rendez-vous »)."""
        if text.startswith(("et ", "ou ")):
            self.also_appointment = True
        elif self.clause.ranges and len(self.clause.ranges) > 1 and self.previous == "range":
            raise NotCertain("sur rendez-vous : quand ?")
        else:
            self.clause.appointment = True

    def on_half(self, text: str) -> None:
        """Half a day: what its hours say anyway, or what of it is closed."""
        self.clause.half = text.removeprefix("le ")

    def on_stop(self, _: str) -> None:
        """The end of a sentence or a line."""
        if self.clause.ranges or self.clause.closed or self.clause.mode or (self.clause.appointment and not self.clause.days):
            self.flush()
        self.join = ""

    def on_open(self, _: str) -> None:
        """A bracket begins."""
        self.inside = True

    def on_close(self, _: str) -> None:
        """What stood in brackets is whole."""
        if self.clock_alone is not None:
            raise NotCertain("heure entre parenthèses")
        self.inside = False

    def flush(self) -> None:
        """Write the clause down, and begin another."""
        clause, self.clause, self.join, self.leaving_out = self.clause, _Clause(), "", False
        if clause.half and not (clause.mode or clause.closed):
            raise NotCertain("demi-journée sans heures")
        if clause.days and (clause.closed or (clause.mode and not clause.ranges)):
            self.shut(clause)
        elif clause.ranges:
            self.hold(clause)
        elif clause.days or clause.nth or clause.week or clause.school:
            raise NotCertain("jours sans heures")
        elif clause.appointment:
            self.all_by_appointment = True

    def shut(self, clause: _Clause) -> None:
        """Days, or half days, that are closed although a range of days holds them."""
        for day in clause.days:
            if not clause.half:
                self.off.add(day)
                continue
            morning, held = clause.half.startswith("matin"), self.week.get(day, [])
            if not held or clause.half.startswith("soir") or any(start < 12 * 60 and end > 14 * 60 for start, end in held):
                raise NotCertain("demi-journée fermée")
            self.week[day] = [(start, end) for start, end in held if (start >= 12 * 60) == morning]

    def hold(self, clause: _Clause) -> None:
        """Days with hours: added to the week, or a rule of their own."""
        days = clause.days or ([] if clause.nth else sorted(self.week) if clause.school else [])
        if not days:
            raise NotCertain("heures sans jours")
        if clause.nth or clause.week or clause.school:
            selector = _selector(days, clause.nth)
            prefix = f"{clause.week} " if clause.week else "SH " if clause.school else ""
            self.special.append(f"{prefix}{selector} {_ranges(clause.ranges)}")
            return
        for day in days:
            if clause.mode == "except":
                self.week[day] = []
            held = self.week.setdefault(day, [])
            if set(held) & set(clause.ranges):
                raise NotCertain("deux fois les mêmes heures")
            held.extend(clause.ranges)
            if clause.appointment:
                self.appointment.add(day)

    def written(self) -> str:
        """The rules, in order; a later one never hides an earlier one."""
        if self.mode or self.inside:
            raise NotCertain("phrase inachevée")
        if self.always:
            return "24/7" if not (self.week or self.special or self.off) else ""
        for day in self.off:
            self.week.pop(day, None)
        rules = _week_rules(self.week, set(self.week) if self.all_by_appointment else self.appointment)
        if not rules and not self.special:
            if (self.also_appointment or self.all_by_appointment) and not self.off:
                return COMMENT
            raise NotCertain("aucun horaire")
        text = ", ".join(filter(None, ("; ".join(rules), *self.special)))
        text += "; SH off" if self.no_school else ""
        text += "; PH off" if self.no_holiday else ""
        return text + (f" || {COMMENT}" if self.also_appointment else "")

    def set_always(self, _: str) -> None:
        """« 24h/24 »: every day only when it says so, or when no day is named."""
        if self.clause.days or self.week:
            raise NotCertain("24h/24 : quels jours ?")
        self.always = True

    def set_no_school(self, _: str) -> None:
        """Closed in the school holidays."""
        self.no_school = True

    def set_no_holiday(self, _: str) -> None:
        """Closed on bank holidays."""
        self.no_holiday = True


_HANDLERS: Mapping[str, Callable[[Schedule, str], None]] = {
    "range": Schedule.on_range, "always": Schedule.set_always, "everyday": lambda schedule, _: schedule.on_days(range(7)),
    "weekdays": lambda schedule, _: schedule.on_days(range(5)), "weekend": lambda schedule, _: schedule.on_days((5, 6)),
    "nth": Schedule.on_nth, "ofmonth": Schedule.on_of_month, "parity": Schedule.on_parity, "school": Schedule.on_school,
    "noschool": Schedule.set_no_school, "noholiday": Schedule.set_no_holiday, "appointment": Schedule.on_appointment,
    "except": Schedule.on_except, "closed": Schedule.on_closed, "clock": Schedule.on_clock, "day": Schedule.on_day,
    "half": Schedule.on_half, "to": Schedule.on_link, "and": Schedule.on_link, "stop": Schedule.on_stop,
    "open": Schedule.on_open, "opened": Schedule.on_opened, "close": Schedule.on_close,
}  # fmt: skip


def _minutes(text: str) -> int:
    if text in {"midi", "minuit"}:
        return 12 * 60 if text == "midi" else 24 * 60
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    minutes = numbers[0] * 60 + (numbers[1] if len(numbers) > 1 else 0)
    if minutes > 24 * 60:
        raise NotCertain("heure impossible")
    return minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _ranges(ranges: Iterable[Range]) -> str:
    ordered = sorted(ranges)
    if any(end > start for (_, end), (start, _) in pairwise(ordered)):
        raise NotCertain("heures qui se chevauchent")
    return ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in ordered)


def _selector(days: Iterable[int], nth: Iterable[int] = ()) -> str:
    ordered = sorted(set(days))
    suffix = f"[{','.join(map(str, nth))}]" if nth else ""
    if suffix:
        return ",".join(DAYS[day] + suffix for day in ordered)
    runs = [[day for _, day in run] for _, run in groupby(enumerate(ordered), key=lambda item: item[1] - item[0])]
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _week_rules(week: Mapping[int, list[Range]], appointment: set[int]) -> list[str]:
    by_hours: dict[tuple[str, bool], list[int]] = {}
    for day in sorted(week):
        if week[day]:
            by_hours.setdefault((_ranges(week[day]), day in appointment), []).append(day)
    return [f"{_selector(days)} {hours}{f' {COMMENT}' if asked else ''}" for (hours, asked), days in by_hours.items()]
