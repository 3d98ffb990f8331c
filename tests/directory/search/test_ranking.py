"""What ranking may leave unread: nothing that would have been among the first."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import date

import pytest

from directory.search.analysis import stem
from directory.search.forms import StoredListing
from directory.search.ranking import Candidate, Relevance
from directory.search.stages import Word
from directory.search.types import Near, SearchQuery
from directory.vocabulary import Kind

NAMES = ("atelier mobilite", "atelier", "garage solidaire", "mission locale", "atelier de la mobilite solidaire", "permanence")


@dataclass
class Shelf:
    """Invented listings around a place, and which of them were read."""

    listings: list[StoredListing]
    kilometres: list[float]
    read: set[int] = field(default_factory=set)

    def candidates(self) -> list[Candidate]:
        return [
            Candidate(lambda rank=rank: self._take(rank), rank, km, rank % 7, serves=rank % 5 == 0)  # type: ignore[misc]
            for rank, km in enumerate(self.kilometres)
        ]

    def _take(self, rank: int) -> StoredListing:
        self.read.add(rank)
        return self.listings[rank]


def shelf(seed: int, kind: Kind) -> Shelf:
    chance = random.Random(seed)  # noqa: S311 - a test
    listings = [
        StoredListing(
            id=f"invente--{rank}",
            kind=kind,
            category="association",
            name="",
            commune="Rennes",
            code_commune="35238",
            structure="",
            demonstration=True,
            cancelled=False,
            last_day="",
            thematiques=chance.choice(("", "mobilite", "sante logement-hebergement")),
            description="",
            name_words=tuple(chance.choice(NAMES).split()),
            others="association rennes",
        )
        for rank in range(120)
    ]
    return Shelf(listings, [chance.choice((math.nan, *[chance.expovariate(1 / 80) for _ in range(9)])) for _ in listings])


@pytest.mark.parametrize("needs", [(), ("mobilite",)], ids=["words", "a need"])
@pytest.mark.parametrize("kind", [Kind.PARTNER, Kind.COMPANY])
@pytest.mark.parametrize("wanted", [1, 5, 20, 60])
@pytest.mark.parametrize("seed", range(5))
def test_leaving_far_ones_unread_changes_none_of_the_first(needs: tuple[str, ...], kind: Kind, wanted: int, seed: int) -> None:
    held = shelf(seed, kind)
    words = [Word(text, stem(text), 100, known=True) for text in ("atelier", "mobilite")]
    asked = SearchQuery(text="atelier mobilité", near=Near(latitude=48.1, longitude=-1.7), needs=needs, today=date(2026, 10, 1))
    relevance = Relevance(words, 300_000, loose=False, asked=asked)

    first = relevance.order(held.candidates(), wanted)[:wanted]
    left_unread = len(held.listings) - len(held.read)

    assert [(score, each.pk) for score, each in first] == [
        (score, each.pk) for score, each in relevance.order(held.candidates())[:wanted]
    ]
    if wanted == 1:
        assert left_unread
