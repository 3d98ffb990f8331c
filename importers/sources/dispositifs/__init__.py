"""National schemes: dated, sourced data that ships with the program (dispositifs.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources
from typing import Any

from pydantic import ValidationError

from directory.models.record import Contact, Coverage, ListingRecord, SourcedRecord
from directory.vocabulary import Kind, Scope, categories
from importers.errors import StructureChanged
from importers.run import Run

FILE = "dispositifs.toml"
_AS_THEY_ARE = frozenset(
    {
        "category", "name", "age_min", "age_max", "publics", "pathways", "thematiques", "types", "networks", "frais",
        "valid_from", "valid_until", "source_url",
    }
)  # fmt: skip
_TURNED = frozenset({"kind", "description", "conditions", "basis", "checked", "each_year", "coverage", "phone"})


def records(run: Run) -> Iterator[SourcedRecord]:
    """Every scheme of the packaged file.

    Raises:
        StructureChanged: A table has an unknown key or a value that a listing refuses: the file is ours, so nothing is published.
    """
    text = resources.files(__name__).joinpath(FILE).read_text(encoding="utf-8")
    for number, (name, table) in enumerate(tomllib.loads(text).items(), start=1):
        run.read += 1
        yield read_scheme(name, table, today=run.now.date(), line=number)


def read_scheme(name: str, table: Mapping[str, Any], *, today: date, line: int | None = None) -> SourcedRecord:
    """One scheme from its table.

    Args:
        name: The table's name: the record's id.
        table: Keys as the head of dispositifs.toml says.
        today: Settles which of the yearly windows is published.
        line: The table's rank in the file, 1-based.

    Raises:
        StructureChanged: An unknown key, or a value that a listing refuses.
    """
    unknown = sorted(table.keys() - _AS_THEY_ARE - _TURNED)
    if unknown:
        raise _refusal(name, f"clé inconnue « {unknown[0]} »")
    try:
        record = ListingRecord(**_fields(table, today))
    except (KeyError, ValidationError, ValueError) as error:
        raise _refusal(name, str(error)) from error
    raw = {key: _text(value) for key, value in table.items()}
    origins: dict[str, tuple[str, ...]] = {field: (key,) for key in table for field in _FIELDS_OF.get(key, (key,))}
    return SourcedRecord(source="dispositifs", record_id=name, record=record, raw=raw, origins=origins, line=line)


_FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "basis": ("checked_by",),
    "checked": ("checked_at",),
    "each_year": ("valid_from", "valid_until"),
    "phone": ("contacts",),
}


def _fields(table: Mapping[str, Any], today: date) -> dict[str, Any]:
    category = categories()[table["category"]]
    given = {key: table[key] for key in _AS_THEY_ARE & table.keys()}
    filled = {"networks": category.networks, "pathways": category.pathways, "thematiques": category.thematiques} | given
    if "each_year" in table:
        filled["valid_from"], filled["valid_until"] = yearly_window(*table["each_year"], today=today)
    return filled | {
        "kind": Kind(table.get("kind", Kind.SCHEME)),
        "description": " ".join(table["description"].split()),
        "conditions": " ".join(table.get("conditions", "").split()),
        "coverage": tuple(_coverage(token) for token in table["coverage"]),
        "contacts": (Contact(label="Appel gratuit, jour et nuit", phone=table["phone"]),) if "phone" in table else (),
        "modes_accueil": ("a-distance",) if "remote" in table["coverage"] else (),
        "checked_at": table.get("checked"),
        "checked_by": f"équipe Relais, d’après : {table['basis']}",
    }


def yearly_window(opens: str, closes: str, *, today: date) -> tuple[date, date]:
    """The first window that is not over.

    Args:
        opens: First day, ``MM-DD``.
        closes: Last day of the same year, ``MM-DD``, inclusive.
        today: The day asked.

    Raises:
        ValueError: A day is not one.
    """
    year = today.year + (date.fromisoformat(f"{today.year}-{closes}") < today)
    return date.fromisoformat(f"{year}-{opens}"), date.fromisoformat(f"{year}-{closes}")


def _coverage(token: str) -> Coverage:
    scope, _, code = token.partition(":")
    return Coverage(scope=Scope(scope), code=code)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refusal(name: str, why: str) -> StructureChanged:
    return StructureChanged(
        f"{FILE}: table {name!r}: {why}", public=f"Le dispositif « {name} » du fichier {FILE} est refusé : {why}"
    )
