"""data·inclusion (schema v1): its structures, and its services as listings of their structure.

A file holds structures or services, told by their columns; both may be given in one run. A structure keeps its id; a service's is
prefixed by ``service:``, because a publisher may give one number to both. What a run holds entirely (the structures, the
services, both; nothing when only some pages of the API are given) can be found to have vanished; the rest is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from directory.data_inclusion import IDENTITY, SERVICE, SERVICE_PREFIX, STRUCTURE
from directory.errors import InvalidValue
from directory.models.prepared import PreparedRecord
from directory.models.record import ListingRecord, SourcedRecord
from directory.vocabulary import Kind
from importers.building import build_record
from importers.errors import StructureChanged
from importers.readers import each
from importers.run import Run
from importers.sources.data_inclusion import schema
from importers.sources.data_inclusion.forms import Given, Page, read_object, read_objects
from importers.sources.data_inclusion.item import Item
from importers.sources.data_inclusion.places import Territories
from importers.sources.data_inclusion.services import read_service
from importers.sources.data_inclusion.structures import read_structure

_FIRST = 50
_NO_PAGE = Page(0, 1)
"""Answers of a search: page 1 of 1 is missing, so nothing is held whole."""

_WHOLE_FRANCE = 60
"""Départements from which on a file is of all France: below, it is an extract, which says nothing of the others."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """What a file's objects are: how their record is named and read."""

    name: str
    prefix: str
    columns: frozenset[str]
    required: frozenset[str]
    origins: Mapping[str, tuple[str, ...]]
    read: Callable[[Item, Territories], dict[str, Any]]


_STRUCTURES = _Shape("structures", "", STRUCTURE, schema.REQUIRED_OF_STRUCTURE, schema.ORIGINS_OF_STRUCTURE, read_structure)
_SERVICES = _Shape("services", SERVICE_PREFIX, SERVICE, schema.REQUIRED_OF_SERVICE, schema.ORIGINS_OF_SERVICE, read_service)


_SHAPES = {shape.name: shape for shape in (_STRUCTURES, _SERVICES)}
_STRUCTURE, _NAMED, _DEPARTEMENT = "structure", "structure d’un service", "département"
"""What a run gathers in its tally."""

_Pages = dict[str, set[Page | None]]
"""The pages of the API that were given of each shape; None for a whole file."""


def records(run: Run) -> Iterator[SourcedRecord | PreparedRecord]:
    """The structures and the services of the files.

    Raises:
        StructureChanged: A file holds neither, or lacks a mandatory column.
    """
    pages: _Pages = {}
    for path in run.paths:
        yield from _read(run, path, pages)
    _say_what_is_whole(run, pages)
    structures, named = _gathered(run, _STRUCTURE), _gathered(run, _NAMED)
    lost = named - structures
    if structures and lost:
        run.note(
            "structure_id",
            ", ".join(sorted(lost)[:5]),
            f"{len(lost)} structures citées par des services ne sont pas dans les fichiers.",
        )


def _gathered(run: Run, what: str) -> set[str]:
    return {which for about, which in run.tally if about == what}


def _read(run: Run, path: Path, pages: _Pages) -> Iterator[SourcedRecord | PreparedRecord]:
    objects = read_objects(run, path)
    first = list(islice(objects.items, _FIRST))
    shape = _recognise(path, [(given.line, read_object(path, given)) for given in first])
    pages.setdefault(shape.name, set()).add(_NO_PAGE if objects.searched else objects.page)
    yield from each(run, _counted(run, chain(first, objects.items)), _ReadItem(path, shape.name), _weigh)


def _counted(run: Run, items: Iterable[Given]) -> Iterator[Given]:
    for given in items:
        run.count()
        yield given


def _weigh(given: Given) -> int:
    if isinstance(given.value, bytes):
        return len(given.value)
    texts = (value if isinstance(value, str) else str(value) for value in given.value.values() if value)
    return sum(map(len, texts))


class _ReadItem:
    """Reads the objects of one file."""

    def __init__(self, path: Path, shape: str) -> None:
        self._path, self._shape = path, _SHAPES[shape]
        self._known = self._shape.columns | schema.LEFT_OUT
        self._territories: Territories | None = None

    def __reduce__(self) -> tuple[type[_ReadItem], tuple[Path, str]]:
        return _ReadItem, (self._path, self._shape.name)

    def __call__(self, run: Run, given: Given) -> SourcedRecord | None:
        if self._territories is None:
            self._territories = Territories(run)
        values = read_object(self._path, given)
        if not values.keys() <= self._known:
            for column in sorted(values.keys() - self._known):
                run.note(column, str(values[column])[:200], "Colonne inconnue : elle n’est pas lue.", line=given.line)
        item = Item(run, values, given.line, self._shape.origins)
        record = _record(run, item, self._shape, self._territories)
        if record is not None:
            run.tally[_DEPARTEMENT, record.record.code_departement or ""] += 1
            if self._shape is _STRUCTURES:
                run.tally[_STRUCTURE, record.record_id] += 1
            else:
                run.tally[_NAMED, (record.record.structure or "").removeprefix(IDENTITY)] += 1
        return record


def _recognise(path: Path, first: list[tuple[int, Mapping[str, Any]]]) -> _Shape:
    columns = {column for _, values in first for column in values}
    shape = _SERVICES if "structure_id" in columns else _STRUCTURES
    missing = sorted(shape.required - columns)
    if missing or (shape is _STRUCTURES and columns & {"zone_eligibilite", "thematiques", "mobilisable_par"}):
        missing = missing or ["structure_id"]
        names = " », « ".join(missing)
        raise StructureChanged(
            f"{path}: missing {missing}",
            public=f"« {path.name} » n’est pas un fichier de data·inclusion v1 : il y manque « {names} » ({shape.name}). "
            "Rien n’est publié.",
        )
    return shape


def _record(run: Run, item: Item, shape: _Shape, territories: Territories) -> SourcedRecord | None:
    own_id = item.text("id")
    if not own_id:
        item.refuse("id", "Identifiant absent.")
        return None
    item.record_id = f"{shape.prefix}{own_id}"
    if not item.text("nom"):
        item.refuse("nom", "Nom absent.")
        return None
    if shape is _SERVICES and not item.text("structure_id"):
        item.refuse("structure_id", "Un service sans structure.")
        return None
    fields = shape.read(item, territories)
    identities = (f"{IDENTITY}{item.record_id}",)
    try:
        record = ListingRecord(**fields)
    except (ValidationError, InvalidValue):
        return build_record(run, item.row, item.record_id, fields, identities=identities)
    # a valid one is copied: all that changes was made here, of the right type
    return _valid_record(run.source.name, shape).model_copy(
        update={"record_id": item.record_id, "record": record, "identities": identities, "raw": item.raw, "line": item.line}
    )


@cache
def _valid_record(source: str, shape: _Shape) -> SourcedRecord:
    listing = ListingRecord(kind=Kind.PARTNER, category="autre", name="-")
    return SourcedRecord(source=source, record_id="-", record=listing, raw={}, origins=dict(shape.origins))


def _say_what_is_whole(run: Run, pages: _Pages) -> None:
    whole = {name for name, given in pages.items() if _all_given(given)}
    if whole != {"structures", "services"}:
        run.covers = () if not whole else ("",) if "structures" in whole else (SERVICE_PREFIX,)
        run.spares = () if "services" in whole else (SERVICE_PREFIX,)
    departements = _gathered(run, _DEPARTEMENT)
    if whole and len(departements) < _WHOLE_FRANCE and run.kept is not None:
        run.spared = frozenset(
            entry.record_id for entry in run.kept() if entry.record.code_departement not in departements - {""}
        )


def _all_given(pages: set[Page | None]) -> bool:
    """Whether files hold all of something: whole files, or every page of the API."""
    paged = [page for page in pages if page is not None]
    return not paged or {page.number for page in paged} >= set(range(1, max(page.pages for page in paged) + 1))
