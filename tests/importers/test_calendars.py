"""Calendars through the pipeline, and what is no calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from importers.errors import StructureChanged, UnreadableFile
from tests.importers.calendar_files import SAMPLES, read


# ---------------------------------------------------------------- through the pipeline
def test_one_calendar_does_not_close_another_and_the_same_one_again_changes_nothing(directory: Any) -> None:
    directory.load("calendars", SAMPLES / "sample.ics")
    directory.load("calendars", SAMPLES / "sample-openagenda.json")

    again = directory.load("calendars", SAMPLES / "sample.ics")

    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, 4, 0)
    assert len(directory.listings()) == 7


# ---------------------------------------------------------------- files
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{}"),
        ("a.json", '{"records": [{"fields": {"autre": 1}}]}'),
        ("a.json", '{"records": [{"fields": '),
        ("a.ics", "bonjour"),
        ("a.ics", ""),
        ("a.txt", "bonjour"),
    ],
)
def test_what_is_no_calendar_stops_the_import_with_its_cause(
    gazetteer: Gazetteer, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    with pytest.raises((UnreadableFile, StructureChanged)) as stopped:
        read(gazetteer, path)

    assert name in stopped.value.public
