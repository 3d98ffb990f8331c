"""Judged questions over the demonstration territory: floors on what comes first, on both engines. A drift is a failure."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from directory.database import open_engine
from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import PublishedListing
from directory.repository import Repository
from directory.search.asking import Answer, ask
from directory.search.documents import build_documents
from directory.search.types import SearchIndex, SearchQuery
from tests.conftest import Once
from tests.directory.search.conftest import ENGINES, PARAMS
from tests.territory import load_territory

TODAY = date(2026, 11, 25)
SUCCESS_AT_1, SUCCESS_AT_1_OF_A_KIND, NDCG_AT_10 = 0.98, 0.95, 0.95
"""Floors on both engines; no question that has an answer may find nothing, and no other one may find anything."""
_SOURCES = {"d": "demonstration", "s": "dispositifs"}


@dataclass(frozen=True)
class Question:
    """What is typed, and the ids that answer it; none when nothing should."""

    kind: str
    text: str
    right: frozenset[str]


@dataclass(frozen=True)
class Figures:
    """What a question got."""

    first: bool
    ndcg: float
    empty: bool


@pytest.fixture(scope="module")
def listings(once: Once, gazetteer_store: Path) -> list[PublishedListing]:
    """The demonstration territory and the national schemes, as they are published."""
    folder = once("demonstration", partial(load_territory, gazetteer_store=gazetteer_store))
    engine = open_engine(f"sqlite:///{folder / 'relais.sqlite3'}")
    found = list(Repository(engine).iterate_listings())
    engine.dispose()
    return found


@pytest.fixture(scope="module", params=PARAMS)
def index(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    listings: list[PublishedListing],
    gazetteer: Gazetteer,
) -> SearchIndex:
    built = ENGINES[request.param](request, tmp_path_factory.mktemp("golden-index"))
    built.rebuild(build_documents(listings, gazetteer), 1)
    return built


def read_questions(listings: list[PublishedListing], gazetteer: Gazetteer) -> Iterator[Question]:
    """The golden set, its categories spelt out as ids."""
    kinds = tomllib.loads((Path(__file__).parent / "golden.toml").read_text(encoding="utf-8"))
    known = {listing.id for listing in listings}
    for kind, questions in kinds.items():
        for text, answers in questions.items():
            right: set[str] = set()
            for answer in answers:
                head, _, rest = answer.partition(":")
                category, _, commune = rest.partition("@")
                if head == "category":
                    found = {
                        listing.id
                        for listing in listings
                        if listing.record.category == category
                        and (not commune or gazetteer.commune_name(listing.record.code_commune or "") == commune)
                    }
                else:
                    found = {f"{_SOURCES[head]}--{rest}"} & known
                assert found, f"{kind} « {text} » : {answer} answers to no listing"
                right |= found
            yield Question(kind, text, frozenset(right))


def judge(question: Question, answer: Answer) -> Figures:
    """Whether the first hit answers; the normalised gain of the first ten; whether nothing was found."""
    ids = [hit.id for hit in answer.page.hits[:10]]
    gain = sum(1 / math.log2(rank + 2) for rank, found in enumerate(ids) if found in question.right)
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(question.right))))
    if not question.right:
        return Figures(first=not ids, ndcg=float(not ids), empty=not ids)
    return Figures(first=bool(ids) and ids[0] in question.right, ndcg=gain / ideal, empty=not ids)


def test_the_golden_set_is_answered_above_its_floors(
    index: SearchIndex, listings: list[PublishedListing], gazetteer: Gazetteer
) -> None:
    questions = list(read_questions(listings, gazetteer))

    figures: dict[str, list[Figures]] = {}
    missed = []
    for question in questions:
        query = SearchQuery(text=question.text, with_facets=False, limit=10)
        answer = ask(index, query, find_place=gazetteer.find_named, today=TODAY)
        got = judge(question, answer)
        figures.setdefault(question.kind, []).append(got)
        if not got.first:
            missed.append((question.kind, question.text, [hit.id for hit in answer.page.hits[:3]]))

    judged = [each for kind, some in figures.items() if kind != "nothing" for each in some]
    assert len(questions) >= 150
    assert sum(each.first for each in judged) / len(judged) >= SUCCESS_AT_1, missed
    assert sum(each.ndcg for each in judged) / len(judged) >= NDCG_AT_10, missed
    assert not any(each.empty for each in judged), missed
    assert all(each.empty for each in figures["nothing"])
    assert all(sum(each.first for each in some) / len(some) >= SUCCESS_AT_1_OF_A_KIND for some in figures.values()), missed
