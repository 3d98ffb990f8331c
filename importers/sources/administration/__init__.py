"""The administration directory: the local services of the field, and for each commune those that are competent.

Two files, in any order, in one run or in two: the services, and the competence by commune. What one says is kept when only the
other comes: a service keeps whom it serves, and a competence is added to the services that are known.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from directory.models.record import SourcedRecord
from importers.administration import PREFIX, ServiceType, read_service
from importers.agency_names import significant_words
from importers.errors import ExpectationMissed, StructureChanged
from importers.guards import Content, check_file, refuse_content
from importers.json_items import find_container
from importers.lookups import read_lookups
from importers.run import Run
from importers.sources.administration import competence
from importers.sources.administration.archive import unpack

_SOURCE = "administration"
_CONTAINERS = ("service", "results")
_WHOLE = 40_000
"""Fewest items of a list that is the whole directory, where the file does not say so: it holds more than 60,000."""


def records(run: Run) -> Iterator[SourcedRecord]:
    """The services of the field, with whom each serves.

    The bulk file (« service ») is whole: what it no longer holds has vanished. A page or an extract of the API adds, and takes
    nothing away. A competence file speaks for the communes that it names, and for no other.

    Raises:
        StructureChanged: A file is neither of the two.
        UnreadableFile: See importers.guards, and archive.
        ExpectationMissed: Only competence is given, and no service is known.
    """
    run.covers = ()
    with tempfile.TemporaryDirectory(prefix="relais-") as folder:
        yield from _read(run, list(_unpacked(run, Path(folder))))


def _unpacked(run: Run, folder: Path) -> Iterator[Path]:
    for rank, path in enumerate(run.paths):
        content = check_file(path, run.max_bytes)
        if content is Content.BZIP2:
            place = folder / str(rank)
            place.mkdir()
            yield from unpack(path, place, run.max_bytes)
        elif content in {Content.JSON, Content.ZIP}:
            yield path
        else:
            raise refuse_content(path, content, "du JSON, ou l’archive de la DILA")


def _sort(run: Run, paths: list[Path], served: competence.Served) -> list[Path]:
    """The lists of services; what the other files say of competence goes to ``served``."""
    services = []
    for path in paths:
        if check_file(path, run.max_bytes) is Content.ZIP or competence.is_competence(path):
            competence.read(run, path, served)
        else:
            services.append(path)
    return services


def _read(run: Run, paths: list[Path]) -> Iterator[SourcedRecord]:
    served = competence.Served(_types().keys())
    services = _sort(run, paths, served)
    kept = {record.record_id: record.raw.get(competence.COLUMN, "") for record in run.kept()} if run.kept else {}
    if not services and not kept:
        raise ExpectationMissed("no service is known", public="Aucun service n’est connu : importer d’abord leur liste.")
    stated: set[str] = set()
    for path in services:
        for record in _services(run, path):
            stated.add(record.record_id)
            yield competence.completed(record, served, kept.get(record.record_id, ""))
    if not served.named:
        return
    whole = PREFIX in (run.covers or ())  # what is kept and not stated has then vanished
    for record in run.kept() if run.kept and not whole else ():
        if record.record_id not in stated:
            yield competence.completed(record, served, kept[record.record_id])
    competence.tell(run, served, {record_id.removeprefix(PREFIX) for record_id in stated | kept.keys()})


def _services(run: Run, path: Path) -> Iterator[SourcedRecord]:
    rows = run.items(path, _CONTAINERS)
    first = next(rows, None)
    if first is None:
        return
    if "pivot" not in first.raw:
        raise StructureChanged(
            f"{path}: keys {list(first.raw)[:20]}",
            public=f"{path.name} n’est ni une liste de services (« pivot »), ni un fichier de compétence par commune.",
        )
    left = _Left(run)
    read = 0
    for row in chain((first,), rows):
        read += 1
        record = read_service(run, row, left.find_type, significant_words)
        if record is not None:
            yield record
    left.tell()
    if find_container(path, _CONTAINERS) == "service" or read >= _WHOLE:
        run.covers = (*(run.covers or ()), PREFIX)


def _types() -> dict[str, ServiceType]:
    """The types of the field; the others that lookups.csv names are out of it."""
    return {
        entry["value"]: ServiceType(entry["category"], _split(entry["networks"]), _split(entry["thematiques"]))
        for (field, _), entry in read_lookups(_SOURCE).items()
        if field == "type" and entry["category"]
    }


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(";")))


class _Left:
    """Tells the types of the field from the others, and counts these."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._types = _types()
        self._named = {entry["value"] for (field, _), entry in read_lookups(_SOURCE).items() if field == "type"}
        self._out: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def find_type(self, types: tuple[str, ...]) -> ServiceType | None:
        for name in types:
            if name in self._types:
                return self._types[name]
        for name in types or ("",):
            (self._out if name in self._named else self._unknown)[name] += 1
        return None

    def tell(self) -> None:
        """One note for the types that are out of the field, one for each that lookups.csv does not name."""
        if self._out:
            told = ", ".join(f"{name} ({count})" for name, count in self._out.most_common())
            self._run.note("pivot", told, f"Services d’un type hors du champ, non lus : {sum(self._out.values())}.")
        for name, count in self._unknown.most_common():
            self._run.note("pivot", name, f"Type de service inconnu de la table du champ, non lu : {count} service(s).")
