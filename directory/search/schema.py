"""What the embedded index stores of a document, and how it reads it back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from tantivy import Document, Schema, SchemaBuilder

from directory.search.analysis import SPACES, clean, joined_forms, other_writings, sound, split_words, stem
from directory.search.grid import cell_of
from directory.search.types import SearchDocument
from directory.vocabulary import REMOTE_MODE, Kind, Scope

SCHEMA_VERSION = 2
"""Raise it whenever a field or the analysis changes: an index of another version is rebuilt, never read."""

FACETS: tuple[str, ...] = (
    "kind",
    "category",
    "thematique",
    "public",
    "departement",
    "network",
    "pathway",
    "frais",
    "mode_accueil",
    "occupation",
    "demonstration",
)
HAS_POINT, NO_POINT, REMOTE = "point", "no-point", "remote"
NO_AGE_ABOVE, NO_DAY_BEFORE, NO_DAY_AFTER = 1000, 0, 9_999_999
_LONGEST_DESCRIPTION = 1500
_KEYS = 2**36
"""More than any listing's key, so that a day and a key fit in one number."""


def build_schema() -> Schema:
    """The index's fields.

    ``name``, ``core`` (name, words, commune) and ``everything`` (core and description) hold stems; ``plain`` and ``title`` hold
    the whole words of core and name, for prefixes and misspellings; ``sound`` their phonetic keys; ``cell`` the place on a grid.
    Bounds that are unknown are stored as bounds that never exclude.
    """
    builder = SchemaBuilder()
    builder.add_text_field("name", tokenizer_name=SPACES, index_option="freq")
    builder.add_text_field("core", tokenizer_name=SPACES, index_option="freq")
    builder.add_text_field("everything", tokenizer_name=SPACES, index_option="freq")
    builder.add_text_field("plain", tokenizer_name=SPACES, index_option="basic")
    builder.add_text_field("title", tokenizer_name=SPACES, index_option="basic")
    builder.add_text_field("sound", tokenizer_name=SPACES, index_option="basic")
    for facet in FACETS:
        builder.add_text_field(facet, tokenizer_name="raw", fast=True, index_option="basic")
    for name in ("territory", "coverage", "visibility", "tag"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("pk", indexed=True, fast=True)
    for name in ("age_min", "age_max", "first_day", "last_day", "day", "fresh", "updated", "remote"):
        builder.add_integer_field(name, fast=True)
    builder.add_integer_field("cell", indexed=True)
    builder.add_float_field("lat", fast=True)
    builder.add_float_field("lon", fast=True)
    builder.add_text_field("stored", tokenizer_name="raw", index_option="basic", stored=True)
    return builder.build()


@dataclass(frozen=True, slots=True)
class StoredListing:
    """What a hit needs of a document. ``name_words`` and ``other_words`` are folded: what ranking compares."""

    id: str
    kind: Kind
    category: str
    name: str
    commune: str
    code_commune: str
    description: str
    name_words: tuple[str, ...]
    other_words: tuple[str, ...]


def to_tantivy(document: SearchDocument) -> Document:
    """A document in the engine's form."""
    name, commune = clean(document.name), clean(document.commune)
    name_words = split_words(name)
    also = [*joined_forms(name), *other_writings(name_words)]
    other_words = list(dict.fromkeys([*split_words(document.words), *split_words(commune), *joined_forms(commune)]))
    title = " ".join([*name_words, *also])
    plain = " ".join([title, *other_words])
    core = " ".join(map(stem, plain.split()))
    row = Document()
    row.add_text("name", " ".join(map(stem, title.split())))
    row.add_text("core", core)
    row.add_text("everything", " ".join([core, *map(stem, split_words(document.description))]))
    row.add_text("plain", plain)
    row.add_text("title", title)
    row.add_text("sound", " ".join(filter(None, map(sound, plain.split()))))
    for field, values in _tokens(document).items():
        for value in dict.fromkeys(values):
            row.add_text(field, value)
    for field, number in _numbers(document).items():
        row.add_integer(field, number)
    if document.latitude is not None and document.longitude is not None:
        row.add_integer("cell", cell_of(document.latitude, document.longitude))
        row.add_float("lat", document.latitude)
        row.add_float("lon", document.longitude)
    row.add_text("stored", _store(document, name_words, [*also, *other_words]))
    return row


def _tokens(document: SearchDocument) -> dict[str, Iterable[str]]:
    domains = (code.partition("--")[0] for code in document.thematiques)
    served = (token.partition(":")[2] for token in document.coverage if token.startswith(f"{Scope.DEPARTEMENT}:"))
    located = document.latitude is not None and document.longitude is not None
    return {
        "kind": [document.kind],
        "category": [document.category],
        "thematique": [*document.thematiques, *domains],
        "public": document.publics,
        "departement": [*filter(None, [document.code_departement]), *served],
        "network": document.networks,
        "pathway": document.pathways,
        "frais": filter(None, [document.frais]),
        "mode_accueil": document.modes_accueil,
        "occupation": document.occupations,
        "demonstration": ["true" if document.demonstration else "false"],
        "territory": [*_own_territories(document), *document.territories],
        "coverage": document.coverage,
        "visibility": [document.visibility],
        "tag": [HAS_POINT if located else NO_POINT, *([REMOTE] if _is_remote(document) else [])],
    }


def _is_remote(document: SearchDocument) -> bool:
    return REMOTE_MODE in document.modes_accueil or Scope.REMOTE in document.coverage


def _own_territories(document: SearchDocument) -> Iterable[str]:
    if document.code_commune:
        yield f"{Scope.COMMUNE}:{document.code_commune}"
    if document.code_departement:
        yield f"{Scope.DEPARTEMENT}:{document.code_departement}"


def _numbers(document: SearchDocument) -> dict[str, int]:
    first, last = document.first_day, document.last_day or document.first_day
    updated = document.updated_at.toordinal() if document.updated_at else 0
    return {
        "pk": document.pk,
        "age_min": document.age_min or 0,
        "age_max": NO_AGE_ABOVE if document.age_max is None else document.age_max,
        "first_day": first.toordinal() if first else NO_DAY_BEFORE,
        "last_day": last.toordinal() if last else NO_DAY_AFTER,
        # the key makes both orders total: soonest first, then by key; freshest first, then by key
        "day": (first.toordinal() if first else NO_DAY_AFTER) * _KEYS + document.pk,
        "fresh": updated * _KEYS + _KEYS - 1 - document.pk,
        "updated": updated,
        "remote": int(_is_remote(document)),
    }


def _store(document: SearchDocument, name_words: list[str], other_words: list[str]) -> str:
    facts = [document.id, document.kind, document.category, clean(document.name), clean(document.commune), document.code_commune]
    description = clean(document.description)[:_LONGEST_DESCRIPTION]
    return json.dumps([*facts, description, " ".join(name_words), " ".join(other_words)], ensure_ascii=False)


def read_stored(text: str) -> StoredListing:
    """What ``to_tantivy`` stored, read back."""
    *facts, name_words, other_words = json.loads(text)
    listing_id, kind, category, name, commune, code_commune, description = facts
    return StoredListing(
        listing_id,
        Kind(kind),
        category,
        name,
        commune,
        code_commune,
        description,
        tuple(name_words.split(" ")),
        tuple(other_words.split(" ")),
    )
