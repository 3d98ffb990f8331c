"""The services that each commune depends on, as the DILA publishes it, turned over: the communes that each service serves.

Three shapes are read, and no other:

* the API and its exports: one object for each commune and type (``code_insee_commune``, ``code_type_service_local``,
  ``id_service_local``, a list or the JSON text of one);
* the bulk archive: one object for each commune (``commune`` → ``code_insee_commune``, ``type_service_local`` → ``organisme``), in
  a file of its own or in a ZIP of such files;
* ``codeInsee`` with ``organismes``, ``services`` or ``pivot``: type → ids.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from directory.models.doubt import Doubt, DoubtLevel
from directory.models.record import Coverage, SourcedRecord
from directory.territory import communes_of
from directory.vocabulary import Scope
from importers.administration import PREFIX
from importers.errors import StructureChanged
from importers.guards import Content, check_file, unreadable
from importers.json_items import parse_json_cell, read_json_items
from importers.places import departement_of_commune
from importers.run import Run

COLUMN = "competence"
"""Column added to a service's own: the territories that it serves."""
_CONTAINERS = ("commune", "results")
_MAPS = ("organismes", "services", "pivot")
_KNOWN = frozenset({
    "code_insee_commune", "nom_commune", "nom", "code_type_service_local", "id_service_local", "type_service_local", "codeInsee",
    *_MAPS,
})  # fmt: skip
_MOST_MEMBERS = 60_000
_MOST_MEMBER_BYTES = 4_000_000
_MOST_BYTES = 4_000_000_000


@dataclass(slots=True)
class Served:
    """What the files say, turned over.

    Attributes:
        types: The types of the field.
        communes: Service id → INSEE codes (today's) of the communes that it serves.
        named: Those of the communes that the files name: what is said of them replaces what was known.
        unknown: Codes that the referential does not have.
        today: Code as written → today's, empty when unknown.
    """

    types: Collection[str]
    communes: dict[str, set[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    today: dict[str, str] = field(default_factory=dict)


def is_competence(path: Path) -> bool:
    """Whether a JSON file says which services are competent, from its first object."""
    try:
        _, first = next(read_json_items(path, (*_CONTAINERS, "service")), (0, None))
    except StructureChanged:
        # one commune alone, without its container
        return False
    return isinstance(first, dict) and bool(first.keys() & {"code_type_service_local", "type_service_local", "codeInsee"})


def read(run: Run, path: Path, served: Served) -> None:
    """Add what a file says to ``served``.

    Raises:
        UnreadableFile: A broken file, or an archive that unfolds beyond reason.
        StructureChanged: An object of another shape.
    """
    items = _zipped(path) if check_file(path, run.max_bytes) is Content.ZIP else read_json_items(path, _CONTAINERS)
    for rank, item in items:
        run.count()
        if not isinstance(item, dict):
            raise _another_shape(path, rank, item)
        for key in item.keys() - _KNOWN:
            run.note(key, str(item[key])[:200], "Colonne inconnue : elle n’est pas lue.", line=rank)
        try:
            code, competent = _checked(*_understand(item))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise _another_shape(path, rank, item) from error
        _add(run, code, competent, served)


def _understand(item: Mapping[str, Any]) -> tuple[str, list[tuple[str, list[str]]]]:
    """INSEE code, and (type, service ids) of those that are competent there."""
    if "code_type_service_local" in item:
        return item["code_insee_commune"], [(item["code_type_service_local"], _ids(item["id_service_local"]))]
    if "type_service_local" in item:
        groups = item["type_service_local"]
        return item["code_insee_commune"], [(group["code_type_service_local"], _ids(group["organisme"])) for group in groups]
    key = next(key for key in _MAPS if key in item) if item.keys() & set(_MAPS) else ""
    return item["codeInsee"], [(name, _ids(ids)) for name, ids in item[key].items()]


def _checked(code: Any, competent: list[tuple[Any, list[str]]]) -> tuple[str, list[tuple[str, list[str]]]]:
    if not isinstance(code, str) or not all(isinstance(name, str) for name, _ in competent):
        raise TypeError("neither a code nor types")
    return code, competent


def _ids(value: Any) -> list[str]:
    """Service ids: a list, the JSON text of one, or one id."""
    if isinstance(value, str):
        value = parse_json_cell(value) if value.startswith("[") else [value]
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise TypeError("not ids")
    return [entry for entry in value if entry]


def _add(run: Run, code: str, competent: list[tuple[str, list[str]]], served: Served) -> None:
    known = served.today.get(code)
    if known is None:
        place = run.geocoder.get_commune(code)
        known = served.today[code] = place.code_commune if place else ""
        (served.named if known else served.unknown).add(known or code)
    if not known:
        return
    for name, ids in competent:
        if name not in served.types:
            continue
        for number in ids:
            served.communes.setdefault(number, set()).add(known)


def completed(record: SourcedRecord, served: Served, before: str) -> SourcedRecord:
    """A service's record with whom it serves.

    Args:
        record: The service, as the directory of services states it.
        served: What the files of this run say of competence.
        before: What an earlier run kept of it (``tokens``).
    """
    number = record.record_id.removeprefix(PREFIX)
    known = {code for code in _communes(before) if code not in served.named}
    coverage = _coverage(known | served.communes.get(number, set()))
    told = " ".join(entry.token for entry in coverage)
    raw = {header: text for header, text in record.raw.items() if header != COLUMN}
    origins = {name: headers for name, headers in record.origins.items() if name != "coverage"}
    return record.model_copy(
        update={
            "record": record.record.model_copy(update={"coverage": coverage}),
            "raw": raw | ({COLUMN: told} if told else {}),
            "origins": origins | ({"coverage": (COLUMN,)} if told else {}),
        }
    )


def tell(run: Run, served: Served, known: set[str]) -> None:
    """Note what the files name and nobody knows: communes, and services (ids that ``known`` lacks)."""
    if served.unknown:
        codes = ", ".join(sorted(served.unknown)[:20])
        run.note("code_insee_commune", codes, f"Communes inconnues du référentiel, laissées de côté : {len(served.unknown)}.")
    nameless = sorted(served.communes.keys() - known)
    if nameless:
        message = f"Services inconnus de l’annuaire, dont la compétence n’est pas gardée : {len(nameless)}. Importer leur liste."
        run.doubts.append(
            Doubt(line=None, field="id_service_local", value=nameless[0], message=message, level=DoubtLevel.DOUBTED)
        )


def _communes(tokens: str) -> set[str]:
    """The communes of a competence that was kept."""
    found: set[str] = set()
    for token in tokens.split():
        scope, _, code = token.partition(":")
        found |= communes_of(code) if scope == Scope.DEPARTEMENT else {code}
    return found


def _coverage(communes: set[str]) -> tuple[Coverage, ...]:
    """Communes as territories: a département of which none lacks is said by its own name."""
    by_departement: dict[str, set[str]] = {}
    for code in communes:
        by_departement.setdefault(departement_of_commune(code), set()).add(code)
    found: list[Coverage] = []
    for departement, codes in sorted(by_departement.items()):
        whole = communes_of(departement)
        if len(whole) > 1 and codes >= whole:
            found.append(Coverage(scope=Scope.DEPARTEMENT, code=departement))
        else:
            found += [Coverage(scope=Scope.COMMUNE, code=code) for code in sorted(codes)]
    return tuple(found)


def _zipped(path: Path) -> Iterator[tuple[int, Any]]:
    """The objects of the files of an archive, one commune each."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [entry for entry in archive.infolist() if entry.filename.endswith(".json")]
            size = sum(entry.file_size for entry in members)
            largest = max((entry.file_size for entry in members), default=0)
            if not members or len(members) > _MOST_MEMBERS or largest > _MOST_MEMBER_BYTES or size > _MOST_BYTES:
                raise unreadable(
                    path, f"{len(members)} members, {size} bytes", "n’est pas l’archive des communes (un petit JSON par commune)."
                )
            for rank, entry in enumerate(members, start=1):
                with archive.open(entry) as file:
                    item = json.loads(file.read(_MOST_MEMBER_BYTES))
                communes = item.get("commune") if isinstance(item, dict) else None
                yield from ((rank, commune) for commune in (communes if isinstance(communes, list) else [item]))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RecursionError, RuntimeError) as error:
        raise unreadable(path, str(error), "est une archive tronquée ou abîmée.") from error


def _another_shape(path: Path, rank: int, item: Any) -> StructureChanged:
    keys = list(item)[:10] if isinstance(item, dict) else type(item).__name__
    return StructureChanged(
        f"{path}, item {rank}: {keys}",
        public=f"Le fichier « {path.name[:120]} » n’a plus la forme attendue (élément {rank}) : commune, type, services.",
    )
