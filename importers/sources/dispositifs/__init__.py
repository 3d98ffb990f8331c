"""National schemes: dated, sourced data that ships with the program (dispositifs.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources
from typing import Any

from directory.models.record import Contact, Coverage, ListingRecord, SourcedRecord
from directory.vocabulary import Kind, Scope, categories
from importers.errors import StructureChanged
from importers.run import Run

Window = tuple[date, date]
"""First and last day, both inclusive."""

FILE = "dispositifs.toml"
_AS_THEY_ARE = frozenset(
    {
        "category", "name", "age_min", "age_max", "publics", "pathways", "thematiques", "types", "networks", "frais",
        "valid_from", "valid_until", "source_url",
    }
)  # fmt: skip
_TURNED = frozenset({"kind", "description", "conditions", "basis", "checked", "each_year", "coverage", "phone", "door", "site"})


def records(run: Run) -> Iterator[SourcedRecord]:
    """Every scheme of the packaged file.

    Raises:
        StructureChanged: A table has an unknown key or a value that a listing refuses: the file is ours, so nothing is published.
    """
    text = resources.files(__name__).joinpath(FILE).read_text(encoding="utf-8")
    for number, (name, table) in enumerate(tomllib.loads(text).items(), start=1):
        run.read += 1
        yield from read_scheme(name, table, today=run.now.date(), line=number)


def read_scheme(name: str, table: Mapping[str, Any], *, today: date, line: int | None = None) -> Iterator[SourcedRecord]:
    """The scheme of a table; a yearly one is two: this session (open, or the last one) and the next.

    Args:
        name: The table's name: the record's id.
        table: Keys as the head of dispositifs.toml says.
        today: Settles the sessions of a yearly scheme.
        line: The table's rank in the file, 1-based.

    Raises:
        StructureChanged: An unknown key, or a value that a listing refuses.
    """
    unknown = sorted(table.keys() - _AS_THEY_ARE - _TURNED)
    if unknown:
        raise _refusal(name, f"clé inconnue « {unknown[0]} »")
    raw = {key: _text(value) for key, value in table.items()}
    origins: dict[str, tuple[str, ...]] = {field: (key,) for key in table for field in _FIELDS_OF.get(key, (key,))}
    try:
        for suffix, window in _sessions(table, today):
            record = ListingRecord(**_fields(table, window))
            yield SourcedRecord(source="dispositifs", record_id=name + suffix, record=record, raw=raw, origins=origins, line=line)
    except (KeyError, ValueError) as error:  # pydantic's ValidationError is a ValueError
        raise _refusal(name, str(error)) from error


_FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "basis": ("checked_by",),
    "checked": ("checked_at",),
    "each_year": ("valid_from", "valid_until"),
    "phone": ("contacts",),
    "door": ("contacts",),
    "site": ("contacts",),
}


def _sessions(table: Mapping[str, Any], today: date) -> tuple[tuple[str, Window | None], ...]:
    if "each_year" not in table:
        return (("", None),)
    this, following = yearly_windows(*table["each_year"], today=today)
    return ("", this), ("_suivante", following)


def _fields(table: Mapping[str, Any], window: Window | None) -> dict[str, Any]:
    filled: dict[str, Any] = {"networks": categories()[table["category"]].networks}
    filled |= {key: table[key] for key in _AS_THEY_ARE & table.keys()}
    if window:
        filled |= {"name": table["name"].format(year=window[0].year), "valid_from": window[0], "valid_until": window[1]}
    return filled | {
        "kind": Kind(table.get("kind", Kind.SCHEME)),
        "description": " ".join(table["description"].split()),
        "conditions": " ".join(table.get("conditions", "").split()),
        "coverage": tuple(_coverage(token) for token in table["coverage"]),
        "contacts": _contacts(table),
        "modes_accueil": ("a-distance",) if "remote" in table["coverage"] else (),
        "checked_at": table.get("checked"),
        "checked_by": f"équipe Relais, d’après : {table['basis']}",
    }


def _contacts(table: Mapping[str, Any]) -> tuple[Contact, ...]:
    """An emergency's number, or whom a référent asks; each with the service's own pages."""
    phone, door, site = (table.get(key, "") for key in ("phone", "door", "site"))
    if not (phone or door or site):
        return ()
    return (Contact(label="Appel gratuit, jour et nuit" if phone else door, phone=phone, url=site),)


def yearly_windows(opens: str, closes: str, *, today: date) -> tuple[Window, Window]:
    """The window that is open or was last, and the one after it.

    Args:
        opens: First day, ``MM-DD``.
        closes: Last day of the same year, ``MM-DD``, inclusive.
        today: The day asked.

    Raises:
        ValueError: A day is not one.
    """
    year = today.year - (date.fromisoformat(f"{today.year}-{opens}") > today)
    this, following = (
        (date.fromisoformat(f"{start}-{opens}"), date.fromisoformat(f"{start}-{closes}")) for start in (year, year + 1)
    )
    return this, following


def _coverage(token: str) -> Coverage:
    scope, _, code = token.partition(":")
    return Coverage(scope=Scope(scope), code=code)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refusal(name: str, why: str) -> StructureChanged:
    return StructureChanged(
        f"{FILE}: table {name!r}: {why}", public=f"Le dispositif « {name} » du fichier {FILE} est refusé : {why}"
    )
