"""Calendars: iCalendar, OpenAgenda (Opendatasoft's export, its own API), France Travail, lists of open days; known by content.

What is let in: France Travail's events and lists of open days, all of the field; of any other calendar, the events that the rule
of ``relevance.toml`` admits, and those that a person let in. The others are kept aside, whole, each with its reason. Events that
ended more than a year ago are counted and not published; later ones are, and the matcher drops those that are over. An
appointment that names its participants, or is private, is refused and its content is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from directory.models.prepared import PreparedRecord
from directory.models.record import SourcedRecord
from importers.errors import StructureChanged
from importers.guards import BOOKS, Content, check_file, refuse_content, unreadable
from importers.row import Row
from importers.run import Run
from importers.sources.calendars.agendas import read_agenda, shape_of
from importers.sources.calendars.event import Event
from importers.sources.calendars.france_travail import is_france_travail, read_france_travail
from importers.sources.calendars.ical import read_calendar
from importers.sources.calendars.listing import publish, tell_kept_out
from importers.sources.calendars.open_days import read_open_days

_CONTAINERS = ("records", "results", "events", "content")
_LARGEST = 300_000_000


def records(run: Run) -> Iterator[SourcedRecord | PreparedRecord]:
    """The events of every file given that are of the field and not long over."""
    for path in run.paths:
        content = _check(run, path)
        if content is Content.ICALENDAR:
            yield from read_calendar(run, path)
            continue
        for row, event in _events(run, path, content):
            record = publish(run, row, event)
            if record is not None:
                yield record
    tell_kept_out(run)


def _check(run: Run, path: Path) -> Content:
    content = check_file(path, run.max_bytes)
    if path.stat().st_size > _LARGEST:
        raise unreadable(
            path, "too large for a calendar", f"est trop volumineux pour un agenda (limite : {_LARGEST // 1_000_000} Mo)."
        )
    return content


def _events(run: Run, path: Path, content: Content) -> Iterator[tuple[Row, Event]]:
    if content is Content.JSON:
        yield from _json_events(run, path)
    elif content is Content.TEXT or content in BOOKS:
        yield from read_open_days(run, path)
    else:
        raise refuse_content(path, content, "un agenda (iCalendar ou JSON), ni une liste de dates")


def _json_events(run: Run, path: Path) -> Iterator[tuple[Row, Event]]:
    for row in run.items(path, _CONTAINERS):
        shape = shape_of(row)
        if shape is not None:
            row.ignore(*row.raw)  # OpenAgenda's exports hold some sixty columns that vary from one agenda to another
            event = read_agenda(run, row, *shape)
        elif is_france_travail(row):
            event = read_france_travail(run, row)
        else:
            raise StructureChanged(
                f"{path}: item {row.line} is of no known calendar",
                public=f"« {path.name} » n’est pas un agenda connu : ni OpenAgenda (titre et « timings »), ni France Travail "
                "(« titre » et « dateEvenement »). Rien n’est publié.",
            )
        if event is not None:
            yield row, event
