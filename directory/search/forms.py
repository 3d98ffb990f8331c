"""What any engine is told of a document: its words, its tokens, its numbers; and what a hit needs, read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from directory.search.analysis import clean, joined_forms, other_writings, sound, split_words, stem
from directory.search.questions import FILTERS
from directory.search.types import SearchDocument
from directory.vocabulary import REMOTE_MODE, Kind, Scope

FORMS_VERSION = 9
"""Raise it whenever the analysis or a form changes: an index of another version is rebuilt, never read."""

FACETS: tuple[str, ...] = ("kind", *FILTERS)
HAS_POINT, NO_POINT, REMOTE = "point", "no-point", "remote"
NO_AGE_ABOVE, NO_DAY_BEFORE, NO_DAY_AFTER = 1000, 0, 9_999_999
_LONGEST_DESCRIPTION = 1500
_BETWEEN = "\x1f"
"""Between the texts that are stored of a listing (ASCII’s unit separator)."""
_KINDS = {kind.value: kind for kind in Kind}


class StoredListing(NamedTuple):
    """What a hit needs of a document. A tuple: of a hundred candidates, each is made anew for each question.

    ``name_words`` and ``others`` (words between spaces) are folded: what ranking compares. ``thematiques`` are its own codes
    between spaces, ``last_day`` an event's last day (ISO 8601) or empty.
    """

    id: str
    kind: Kind
    category: str
    name: str
    commune: str
    code_commune: str
    structure: str
    demonstration: bool
    cancelled: bool
    last_day: str
    thematiques: str
    description: str
    name_words: tuple[str, ...]
    others: str

    @property
    def other_words(self) -> tuple[str, ...]:
        """Words that find it besides its name's. Cut when asked for: most listings are ranked by their names."""
        return tuple(self.others.split(" "))

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that finds it, its description's apart."""
        return (*self.name_words, *self.other_words)


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """The folded words of a document.

    Attributes:
        name: The name's words.
        title: The same, followed by their joined and abbreviated forms.
        others: Other words that find it, and the commune's.
        body: The description's, and the name's of the structure that carries it.
    """

    name: tuple[str, ...]
    title: tuple[str, ...]
    others: tuple[str, ...]
    body: tuple[str, ...]

    @property
    def sounds(self) -> list[str]:
        """Phonetic keys of the title and the other words."""
        return list(filter(None, map(sound, (*self.title, *self.others))))


def words_of(document: SearchDocument) -> DocumentWords:
    """A document's words, as every engine indexes them."""
    name = clean(document.name)
    name_words = split_words(name)
    title = [*name_words, *joined_forms(name), *other_writings(name_words)]
    others = dict.fromkeys([*_said(document.words), *_place(document.commune)])
    body = split_words(f"{clean(document.structure)} {document.description}")
    return DocumentWords(tuple(name_words), tuple(title), tuple(others), (*body, *other_writings(body)))


# what codes mean and where a listing is come again from one listing to the next


@lru_cache(maxsize=20_000)
def _said(text: str) -> tuple[str, ...]:
    words = split_words(text)
    return (*words, *other_writings(words))


@lru_cache(maxsize=50_000)
def _place(commune: str) -> tuple[str, ...]:
    name = clean(commune)
    return (*split_words(name), *joined_forms(name))


def stems_of(words: Iterable[str]) -> str:
    """Words as their stems, in one text."""
    return " ".join(map(stem, words))


def tokens_of(document: SearchDocument) -> dict[str, Iterable[str]]:
    """Field → the exact words that filters and facets ask for; a value may come twice."""
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
        "accessibility": document.accessibility,
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


def numbers_of(document: SearchDocument) -> dict[str, int]:
    """Field → number. Bounds that are unknown are stored as bounds that never exclude."""
    first, last = document.first_day, document.last_day or document.first_day
    updated = document.updated_at.toordinal() if document.updated_at else 0
    return {
        "pk": document.pk,
        "age_min": document.age_min or 0,
        "age_max": NO_AGE_ABOVE if document.age_max is None else document.age_max,
        "first_day": first.toordinal() if first else NO_DAY_BEFORE,
        "last_day": last.toordinal() if last else NO_DAY_AFTER,
        "day": first.toordinal() if first else NO_DAY_AFTER,
        "updated": updated,
        "remote": int(_is_remote(document)),
    }


def write_stored(document: SearchDocument, words: DocumentWords) -> str:
    """What a hit needs, as one text for ``read_stored``."""
    facts = [document.id, document.kind, document.category, clean(document.name), clean(document.commune), document.code_commune]
    facts += [clean(document.structure), "1" if document.demonstration else "", "1" if document.cancelled else ""]
    last_day = document.last_day or document.first_day
    facts.append(last_day.isoformat() if last_day else "")
    facts.append(" ".join(document.thematiques))
    description = clean(document.description)[:_LONGEST_DESCRIPTION]
    other_words = [*words.title[len(words.name) :], *words.others]
    texts = [*map(str, facts), description, " ".join(words.name), " ".join(other_words)]
    return _BETWEEN.join(text.replace(_BETWEEN, " ") for text in texts)


def read_stored(text: str) -> StoredListing:
    """What ``write_stored`` wrote, read back."""
    facts = text.split(_BETWEEN)
    listing_id, kind, category, name, commune, code_commune, structure, demonstration, cancelled, *facts = facts
    last_day, thematiques, description, name_words, others = facts
    return StoredListing(
        listing_id,
        _KINDS[kind],
        category,
        name,
        commune,
        code_commune,
        structure,
        bool(demonstration),
        bool(cancelled),
        last_day,
        thematiques,
        description,
        tuple(name_words.split(" ")),
        others,
    )
