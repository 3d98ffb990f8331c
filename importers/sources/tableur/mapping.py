"""A column mapping (TOML): checked whole before any row is read, each fault named by its key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.territory import departements
from directory.vocabulary import THEMATIQUES, Kind, Pathway, Visibility, categories
from importers.errors import ImporterError
from importers.source import Column, Source

_KEYS = frozenset(
    {
        "nom_source", "kind", "category", "visibility", "complete", "separateurs",
        "colonnes", "facultatives", "ignorees", "feuille", "categories", "constantes",
    }
)  # fmt: skip
_CONSTANTS = frozenset({"departement", "thematiques", "pathways", "bassin"})


class MappingRefused(ImporterError):
    """A mapping cannot be used; its public sentence names the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """How a table is read.

    Attributes:
        name: Whose table it is; begins the record ids.
        category: Category of every row, or empty: then the row's own, or what its name states.
        complete: Whether the table holds all of its source, so that what it no longer holds has vanished.
        separators: Characters between the values of a cell.
        columns: Declared columns; « telephone#2 » is read together with « telephone ».
        ignored: Headers that nobody reads, on purpose.
        sheet: The sheet to read; empty to choose.
        by_value: A value of the column ``categorie`` → a category.
        constants: What holds for every row (``departement``, ``bassin``, ``thematiques``, ``pathways``).
    """

    name: str
    kind: Kind
    category: str
    visibility: Visibility
    complete: bool
    separators: str
    columns: Mapping[str, Column]
    ignored: tuple[str, ...] = ()
    sheet: str = ""
    by_value: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse_mapping(table: Mapping[str, Any], source: Source) -> ColumnMapping:
    """Check a mapping.

    Args:
        table: The TOML document.
        source: The source ``tableur``, whose columns are the fields that may be mapped.

    Raises:
        MappingRefused: An unknown key, a field that does not exist, a value outside its vocabulary.
    """
    for key in table:
        _known(key, _KEYS, key)
    name = str(table.get("nom_source", ""))
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise _refused("nom_source", "il faut un nom court en minuscules, sans espace (« partenaires-lycee »)")
    kind = Kind(_known(str(table.get("kind", "partner")), frozenset(Kind), "kind"))
    category = str(table.get("category", ""))
    if category:
        check_category(category, kind, "category")
    by_value = {str(value): str(code) for value, code in _table(table, "categories").items()}
    for value, code in by_value.items():
        check_category(code, kind, f"categories.{value}")
    if not isinstance(table.get("complete", False), bool):
        raise _refused("complete", "il faut true ou false")
    return ColumnMapping(
        name=name,
        kind=kind,
        category=category,
        visibility=Visibility(_known(str(table.get("visibility", "public")), frozenset(Visibility), "visibility")),
        complete=table.get("complete", False),
        separators=str(table.get("separateurs", ";|\n")),
        columns=_columns(table, source),
        ignored=_texts(table, "ignorees"),
        sheet=str(table.get("feuille", "")),
        by_value=by_value,
        constants=_constants(table),
    )


def check_category(code: str, kind: Kind, key: str) -> None:
    """Refuse a category that does not exist, or that is not of this kind.

    Raises:
        MappingRefused: Either.
    """
    category = categories().get(code)
    if category is None or kind not in category.kinds:
        raise _refused(key, f"« {code} » n’est pas une catégorie de {kind}")


def _columns(table: Mapping[str, Any], source: Source) -> dict[str, Column]:
    mapped = _table(table, "colonnes")
    optional = {str(name) for name in table.get("facultatives", [])}
    for name in optional:
        _known(name, frozenset(mapped), "facultatives")
    columns = {}
    for name, headers in mapped.items():
        _known(name, frozenset(source.columns), f"colonnes.{name}")
        together = isinstance(headers, Mapping)
        several = headers.get("ensemble") if together else headers
        several = several if isinstance(several, list) else [several]
        if not several or not all(isinstance(header, str) and header.strip() for header in several):
            raise _refused(
                f"colonnes.{name}",
                "il faut un en-tête, une liste (le premier trouvé est lu), ou { ensemble = […] } (tous sont lus)",
            )
        required = name not in optional
        for rank, one in enumerate([[header] for header in several] if together else [several], start=1):
            key = name if rank == 1 else f"{name}#{rank}"
            columns[key] = Column(name=key, headers=tuple(one), required=required)
    if "nom" not in columns:
        raise _refused("colonnes.nom", "aucune colonne ne donne le nom")
    return columns


def _constants(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    vocabularies = {
        "thematiques": frozenset(THEMATIQUES),
        "pathways": frozenset(Pathway),
        "departement": frozenset(departements()),
    }
    constants = {}
    for key, value in _table(table, "constantes").items():
        _known(key, _CONSTANTS, f"constantes.{key}")
        values = tuple(map(str, value if isinstance(value, list) else [value]))
        for one in values if key in vocabularies else ():
            _known(one, vocabularies[key], f"constantes.{key}")
        constants[key] = values
    return constants


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise _refused(key, "il faut une liste de textes")
    return tuple(value)


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        raise _refused(key, "il faut une section [" + key + "]")
    return value


def _known(value: str, allowed: frozenset[str], key: str) -> str:
    if value not in allowed:
        choices = ", ".join(sorted(map(str, allowed))[:40])
        raise _refused(key, f"« {value[:80]} » est inconnu (connus : {choices})")
    return value


def _refused(key: str, reason: str) -> MappingRefused:
    return MappingRefused(f"mapping key {key!r}: {reason}", public=f"Correspondance refusée, clé « {key} » : {reason}.")
