"""The embedded index's fields, and a document in the engine's form."""

from __future__ import annotations

from tantivy import Document, Schema, SchemaBuilder

from directory.search.analysis import SPACES
from directory.search.forms import FACETS, FORMS_VERSION, numbers_of, stems_of, tokens_of, words_of, write_stored
from directory.search.grid import cell_of
from directory.search.types import SearchDocument

SCHEMA_VERSION = 100 * FORMS_VERSION + 3
"""Raise its last part whenever a field changes: an index of another version is rebuilt, never read."""

_KEYS = 2**36
"""More than any listing's key, so that a day and a key fit in one number."""


def build_schema() -> Schema:
    """The index's fields.

    ``name``, ``core`` (name, words, commune) and ``everything`` (core and description) hold stems; ``plain`` and ``title`` hold
    the whole words of core and name, for prefixes and misspellings; ``sound`` their phonetic keys; ``cell`` the place on a grid.
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
    builder.add_bytes_field("stored", stored=True)  # bytes: a text would be indexed too, as one word of its whole length
    return builder.build()


def to_tantivy(document: SearchDocument) -> Document:
    """A document in the engine's form."""
    words = words_of(document)
    title = " ".join(words.title)
    plain = (*words.title, *words.others)
    core = stems_of(plain)
    row = Document()
    row.add_text("name", stems_of(words.title))
    row.add_text("core", core)
    row.add_text("everything", f"{core} {stems_of(words.body)}")
    row.add_text("plain", " ".join(plain))
    row.add_text("title", title)
    row.add_text("sound", " ".join(words.sounds))
    for field, values in tokens_of(document).items():
        for value in dict.fromkeys(values):
            row.add_text(field, value)
    for field, number in _numbers(document).items():
        row.add_integer(field, number)
    if document.latitude is not None and document.longitude is not None:
        row.add_integer("cell", cell_of(document.latitude, document.longitude))
        row.add_float("lat", document.latitude)
        row.add_float("lon", document.longitude)
    row.add_bytes("stored", write_stored(document, words).encode())
    return row


def _numbers(document: SearchDocument) -> dict[str, int]:
    numbers = numbers_of(document)
    # the key makes both orders total: soonest first, then by key; freshest first, then by key
    return numbers | {
        "day": numbers["day"] * _KEYS + document.pk,
        "fresh": numbers["updated"] * _KEYS + _KEYS - 1 - document.pk,
    }
