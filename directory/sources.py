"""The sources of an instance as JSON: who publishes them, under which licence, how fresh they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.models.changes import RunSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source that the instance knows.

    Attributes:
        label: French.
        freshness_days: After how many days it is stale.
        trust: Rank among sources, the higher the more trusted.
    """

    name: str
    label: str
    publisher: str
    licence: str
    homepage: str
    freshness_days: int
    trust: int


def source_to_json(source: KnownSource, runs: Iterable[RunSummary], today: date) -> dict[str, Any]:
    """A source with its last run, in plain values.

    Args:
        source: The source.
        runs: Its runs, the latest first; only the first is read.
        today: The day, by which it is fresh or stale.
    """
    last = next(iter(runs), None)
    done = last.finished_at.date() if last and last.finished_at else None
    return {
        "name": source.name,
        "label": source.label,
        "publisher": source.publisher,
        "licence": source.licence,
        "homepage": source.homepage,
        "freshness_days": source.freshness_days,
        "last_run": None
        if last is None
        else {
            "run": last.pk,
            "status": last.status,
            "started_at": last.started_at.isoformat(),
            "finished_at": last.finished_at.isoformat() if last.finished_at else None,
            "counts": last.counts,
            "message": last.message,
            "alarms": last.alarms,
        },
        "stale_days": stale_days(source.freshness_days, done, today) if done else None,
    }


def stale_days(freshness_days: int, last_run: date, today: date) -> int:
    """Days by which a source is past its freshness; 0 when it is fresh."""
    return max(0, (today - last_run).days - freshness_days)
