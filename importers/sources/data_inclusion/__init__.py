"""data·inclusion (schema v1): its structures, and its services as listings of their structure.

A file holds structures or services, told by their columns; both may be given in one run. A structure keeps its id; a service's is
prefixed by ``service:``, because a publisher may give one number to both. What a run holds entirely (the structures, the
services, both; nothing when only some pages of the API are given) can be found to have vanished; the rest is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from directory.data_inclusion import IDENTITY, SERVICE, SERVICE_PREFIX, STRUCTURE
from directory.errors import InvalidValue
from directory.models.record import ListingRecord, SourcedRecord
from directory.vocabulary import Kind
from importers.building import build_record
from importers.errors import StructureChanged
from importers.run import Run
from importers.sources.data_inclusion import schema
from importers.sources.data_inclusion.forms import Page, read_objects
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


@dataclass(slots=True)
class _Met:
    """What a run has met: pages of the API (None for a whole file), structures, those that services name, départements."""

    pages: dict[str, set[Page | None]] = field(default_factory=dict)
    structures: set[str] = field(default_factory=set)
    departements: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


def records(run: Run) -> Iterator[SourcedRecord]:
    """The structures and the services of the files.

    Raises:
        StructureChanged: A file holds neither, or lacks a mandatory column.
    """
    territories, met = Territories(run), _Met()
    for path in run.paths:
        yield from _read(run, path, territories, met)
    _say_what_is_whole(run, met)
    lost = met.named - met.structures
    if met.structures and lost:
        run.note(
            "structure_id",
            ", ".join(sorted(lost)[:5]),
            f"{len(lost)} structures citées par des services ne sont pas dans les fichiers.",
        )


def _read(run: Run, path: Path, territories: Territories, met: _Met) -> Iterator[SourcedRecord]:
    objects = read_objects(run, path)
    first = list(islice(objects.items, _FIRST))
    shape = _recognise(path, first)
    met.pages.setdefault(shape.name, set()).add(_NO_PAGE if objects.searched else objects.page)
    known = shape.columns | schema.LEFT_OUT
    for line, values in chain(first, objects.items):
        run.count()
        if not values.keys() <= known:
            for column in values.keys() - known:
                run.note(column, str(values[column])[:200], "Colonne inconnue : elle n’est pas lue.", line=line)
        item = Item(run, values, line, shape.origins)
        record = _record(run, item, shape, territories)
        if record is not None:
            yield record
            met.departements.add(record.record.code_departement or "")
            if shape is _STRUCTURES:
                met.structures.add(record.record_id)
            else:
                met.named.add((record.record.structure or "").removeprefix(IDENTITY))


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


def _say_what_is_whole(run: Run, met: _Met) -> None:
    whole = {name for name, pages in met.pages.items() if _all_given(pages)}
    if whole != {"structures", "services"}:
        run.covers = () if not whole else ("",) if "structures" in whole else (SERVICE_PREFIX,)
        run.spares = () if "services" in whole else (SERVICE_PREFIX,)
    if whole and len(met.departements) < _WHOLE_FRANCE and run.kept is not None:
        run.spared = frozenset(
            entry.record_id for entry in run.kept() if entry.record.code_departement not in met.departements - {""}
        )


def _all_given(pages: set[Page | None]) -> bool:
    """Whether files hold all of something: whole files, or every page of the API."""
    paged = [page for page in pages if page is not None]
    return not paged or {page.number for page in paged} >= set(range(1, max(page.pages for page in paged) + 1))
