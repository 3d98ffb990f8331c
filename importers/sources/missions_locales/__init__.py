"""Missions locales: i-Milo's list of agencies, or the administration directory; each file is recognised by what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from directory.models.record import SourcedRecord
from importers.administration import MISSION_LOCALE, ServiceType, read_service
from importers.agency_names import significant_words
from importers.errors import StructureChanged
from importers.row import Row
from importers.run import Run
from importers.sources.missions_locales import milo


def records(run: Run) -> Iterator[SourcedRecord]:
    """The missions locales of the files.

    A list of agencies is whole: an agency that it no longer holds has vanished. The directory comes by pages: it is not.

    Raises:
        StructureChanged: A file has neither shape, or lacks one of the keys of its own.
    """
    run.covers = ()
    for path in run.paths:
        rows = run.items(path, ("results", "service"))
        first = next(rows, None)
        if first is None:
            continue
        whole = chain((first,), rows)
        if "nom_agence" in first.raw:
            run.covers = (*run.covers, milo.PREFIX)
            yield from milo.records(run, whole)
        elif "pivot" in first.raw:
            yield from _services(run, whole)
        else:
            raise StructureChanged(
                f"{path}: keys {list(first.raw)[:20]}",
                public=f"{path.name} n’est ni la liste d’i-Milo (« nom_agence »), ni l’annuaire de l’administration (« pivot »).",
            )


def _services(run: Run, rows: Iterable[Row]) -> Iterator[SourcedRecord]:
    """The missions locales among the services of the directory; the others are noted once."""

    def find_type(types: tuple[str, ...]) -> ServiceType | None:
        if MISSION_LOCALE in types:
            return ServiceType(MISSION_LOCALE, networks=("mission-locale",))
        run.note("pivot", ", ".join(types), "Services d’un autre type que « mission_locale » : cette source ne les lit pas.")
        return None

    for row in rows:
        record = read_service(run, row, find_type, significant_words)
        if record is not None:
            yield record
