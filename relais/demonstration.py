"""The demonstration's listings, whose dates follow the day."""

from __future__ import annotations

from directory.models.changes import RunSummary
from directory.services import Services
from relais.commands.imports import import_files
from relais.services import PARIS

_SOURCES = ("dispositifs", "demonstration")


def load_demonstration(services: Services) -> None:
    """Import the national schemes and the demonstration territory, where they are not there or are of another day.

    Events are « next Thursday », yearly schemes this session and the next: their dates are made again each day.
    """
    for source in _SOURCES:
        last = _last_run(services, source)
        done = last.finished_at if last and last.status == "done" else None
        if done is None or done.astimezone(PARIS).date() != services.clock().date():
            import_files(services, source, reindex=False)
    services.keeper.catch_up()


def refresh_demonstration(services: Services) -> None:
    """The same, only where the demonstration was loaded once: an instance without it stays without it."""
    if _last_run(services, "demonstration") is not None:
        load_demonstration(services)


def _last_run(services: Services, source: str) -> RunSummary | None:
    runs = services.repository.list_runs(source, limit=1)
    return runs[0] if runs else None
