"""What the server is told: its settings, and a document in its form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from directory.search.forms import FACETS, FORMS_VERSION, numbers_of, stems_of, tokens_of, words_of, write_stored
from directory.search.types import SearchDocument

SETTINGS_VERSION = 100 * FORMS_VERSION + 1
"""Raise its last part whenever a setting or a field changes: an index of another version is rebuilt, never read."""

META = 0
"""Key of the document that tells what the index holds. Listings' keys start at 1."""

NAME, OTHERS, BODY = "name_stems", "other_stems", "body_stems"
TITLE, PLAIN, SOUND = "title_words", "other_words", "sounds"

_MARK = "x"
"""The server counts a misspelt first letter twice: before each word that may be misspelt stands a letter that never is."""

_FILTERED = ("pk", "kind", *FACETS, "territory", "coverage", "visibility", "tag", "meta")
_COMPARED = ("age_min", "age_max", "first_day", "last_day")
_MOST_HITS, _MOST_FACET_VALUES = 1_000_000, 5000

SETTINGS: dict[str, Any] = {
    "searchableAttributes": [NAME, TITLE, OTHERS, PLAIN, SOUND, BODY],
    "displayedAttributes": ["pk", "stored", "updated", "_geo", "meta"],
    "filterableAttributes": [
        {
            "attributePatterns": list(dict.fromkeys(_FILTERED)),
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": False}},
        },
        {
            "attributePatterns": list(_COMPARED),
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": True}},
        },
        "_geo",
    ],
    "sortableAttributes": ["_geo", "pk", "day", "updated"],
    # sort first, so that « nearest » means nearest; no proximity: our own score orders the first candidates
    "rankingRules": ["sort", "words", "typo", "attribute", "exactness"],
    "proximityPrecision": "byAttribute",
    # one letter more than ours, for the mark
    "typoTolerance": {"minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9}, "disableOnNumbers": True},
    "pagination": {"maxTotalHits": _MOST_HITS},
    "faceting": {"maxValuesPerFacet": _MOST_FACET_VALUES, "sortFacetValuesBy": {"*": "count"}},
    "facetSearch": False,
}


def marked(word: str) -> str:
    """A word as the server may find it misspelt; numbers never are."""
    return word if word.isdecimal() else _MARK + word


def to_meilisearch(document: SearchDocument) -> dict[str, Any]:
    """A document in the server's form."""
    words = words_of(document)
    row: dict[str, Any] = {name: list(dict.fromkeys(values)) for name, values in tokens_of(document).items()}
    row |= numbers_of(document)
    row |= {NAME: stems_of(words.title), OTHERS: stems_of(words.others), BODY: stems_of(words.body)}
    row |= {TITLE: _marked(words.title), PLAIN: _marked(words.others), SOUND: " ".join(words.sounds)}
    if document.latitude is not None and document.longitude is not None:
        row["_geo"] = {"lat": document.latitude, "lng": document.longitude}
    return row | {"pk": document.pk, "stored": write_stored(document, words)}


def _marked(words: Iterable[str]) -> str:
    return " ".join(map(marked, words))
