"""The allowance of a pupil's placements (PFMP): dated rates, and what some weeks of placement give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matching.types import DiplomaLevel

DAYS_A_WEEK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a placement gives after one diploma (domain rule A5).

    Attributes:
        day: Euros for a day in the company.
        ceiling: Most euros for the whole parcours.
        since: Day from which these amounts hold.
        source: French: the text that fixes them.
    """

    day: int
    ceiling: int
    since: date
    source: str

    @property
    def week(self) -> int:
        """Euros for a week of five days."""
        return self.day * DAYS_A_WEEK

    @property
    def paid_weeks(self) -> int:
        """Whole weeks after which the ceiling is reached."""
        return self.ceiling // self.week

    def for_weeks(self, weeks: int) -> int:
        """Euros for some weeks of five days, never above the ceiling."""
        return min(max(weeks, 0) * self.week, self.ceiling)


_SOURCE = "Décret n° 2023-765 et son arrêté fixant les montants (août 2023)"
RATES: Mapping[DiplomaLevel, Rate] = {
    DiplomaLevel.CAP: Rate(day=15, ceiling=750, since=date(2023, 8, 1), source=_SOURCE),
    DiplomaLevel.BAC_PRO: Rate(day=20, ceiling=1000, since=date(2023, 8, 1), source=_SOURCE),
}
"""After a BMA or a DTMS no amount is known: none is estimated."""
