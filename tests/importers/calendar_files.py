"""Calendars for the tests: the samples, the published files, small ones written on the spot; and reading them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.record import SourcedRecord
from importers.run import Run
from importers.source import get_source
from importers.sources.calendars import records

SAMPLES = Path(__file__).parents[2] / "importers/sources/calendars"
PUBLISHED = Path(__file__).parents[3] / "shared/data/published/events"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
# the only one of the forty published records that a référent would show, judged by reading each of them
OF_THE_FIELD = {"openagenda-55050212"}


def read(gazetteer: Gazetteer, *paths: Path, now: datetime = NOW) -> tuple[dict[str, SourcedRecord], Run]:
    run = Run(source=get_source("calendars"), paths=paths, geocoder=gazetteer, now=now)
    return {record.record_id: record for record in records(run)}, run


def published(name: str) -> Path:
    if not (PUBLISHED / name).is_file():
        pytest.skip("les fichiers publiés ne sont pas sur cette machine")
    return PUBLISHED / name


def calendar(folder: Path, *lines: str, header: str = "X-WR-CALNAME:Mission locale inventée") -> Path:
    """An iCalendar file of one event with these lines, unless they hold their own BEGIN."""
    event = lines if lines[0].startswith("BEGIN:") else ("BEGIN:VEVENT", "UID:1@exemple.invalid", *lines, "END:VEVENT")
    path = folder / "calendar.ics"
    path.write_bytes("\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", header, *event, "END:VCALENDAR", "")).encode())
    return path


def agenda(folder: Path, **fields: Any) -> Path:
    event = {
        "uid": "1",
        "title_fr": "Job dating",
        "timings": json.dumps([{"begin": "2026-12-04T09:00:00+01:00", "end": "2026-12-04T12:00:00+01:00"}]),
    }
    path = folder / "agenda.json"
    path.write_text(json.dumps({"records": [{"fields": event | fields}]}), encoding="utf-8")
    return path


def only(found: dict[str, SourcedRecord]) -> SourcedRecord:
    assert len(found) == 1
    return next(iter(found.values()))
