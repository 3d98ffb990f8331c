"""Names that complete what is being typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tantivy import Occur, Query

from directory.search.analysis import clean, split_words
from directory.search.filters import hidden_from, terms
from directory.search.forms import StoredListing
from directory.search.generations import Generation
from directory.vocabulary import Visibility

_CANDIDATES = 200
_READ_CHARACTERS = 200


def suggest_names(generation: Generation, text: str, limit: int) -> tuple[str, ...]:
    """Names of public listings that hold the words typed, the last perhaps unfinished: those that start so, then the shortest."""
    words = split_words(clean(text[:_READ_CHARACTERS]))
    if not words or limit < 1:
        return ()
    schema = generation.schema
    *head, last = words
    parts = [(Occur.Must, Query.term_query(schema, "title", word, "basic")) for word in dict.fromkeys(head)]
    parts.append((Occur.Must, Query.fuzzy_term_query(schema, "title", last, 0, True, True)))
    parts.append((Occur.MustNot, terms(schema, "visibility", hidden_from(Visibility.PUBLIC))))
    found = generation.searcher.search(Query.boolean_query(parts), _CANDIDATES, False)
    listings = (generation.listing(address) for _, address in found.hits)
    return best_names(listings, words, limit)


def best_names(listings: Iterable[StoredListing], words: Sequence[str], limit: int) -> tuple[str, ...]:
    """The names of some listings, each once: those that start with the words typed, then the shortest."""
    typed = " ".join(words)
    names: dict[str, tuple[int, int, str]] = {}
    for listing in listings:
        folded = " ".join(listing.name_words)
        names.setdefault(folded, (not folded.startswith(typed), len(folded), listing.name))
    return tuple(name for *_, name in sorted(names.values())[:limit])
