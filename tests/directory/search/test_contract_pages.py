"""What every SearchIndex must do with order, pages and cursors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.errors import InvalidQuery
from directory.search.types import SearchIndex, SearchQuery
from directory.vocabulary import Visibility
from tests.directory.search.conftest import Ask
from tests.directory.search.samples import (
    FORUM_PAST,
    MISSION_RENNES,
    SALON,
    documents,
    make_document,
    near_rennes,
)

QUESTIONS = pytest.mark.parametrize(
    "question",
    [
        SearchQuery(),
        SearchQuery(text="rennes"),
        SearchQuery(text="mission locale zanzibar"),
        SearchQuery(near=near_rennes(), sort="distance"),
        SearchQuery(near=near_rennes(radius_km=50.0)),
        SearchQuery(sort="date"),
        SearchQuery(text="rennes", sort="date", viewer=Visibility.PRIVATE),
    ],
    ids=["everything", "text", "widened", "nearest", "radius", "date", "private"],
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@QUESTIONS
def test_pages_neither_skip_nor_repeat(index: SearchIndex, question: SearchQuery, size: int) -> None:
    whole = [hit.id for hit in index.search(replace(question, limit=100)).hits]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = index.search(replace(question, limit=size, cursor=cursor))
        seen += [hit.id for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break

    assert seen == whole
    assert len(seen) == len(set(seen)) == page.total


@QUESTIONS
def test_a_question_without_hits_counts_as_the_whole_does(index: SearchIndex, question: SearchQuery) -> None:
    whole, counted = index.search(question), index.search(replace(question, limit=0))

    assert counted == replace(whole, hits=(), next=None)


def test_pages_of_many_equal_answers_neither_skip_nor_repeat(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(pk, f"Atelier couture {pk % 7}", "Rennes") for pk in range(1, 701)], 1)
    for facts in (
        {"text": "couture"},
        {"text": "couture", "near": near_rennes()},
        {},
        {"near": near_rennes(), "sort": "distance"},
    ):
        seen: list[str] = []
        page = empty_index.search(SearchQuery(limit=90, **facts))
        seen += [hit.id for hit in page.hits]
        while page.next:
            page = empty_index.search(SearchQuery(limit=90, cursor=page.next, **facts))
            seen += [hit.id for hit in page.hits]

        assert len(seen) == len(set(seen)) == page.total == 700


def test_dated_listings_come_soonest_first_then_the_undated(ask: Ask) -> None:
    found = ask(sort="date")

    assert found[:2] == [FORUM_PAST, SALON]


def test_without_text_the_freshest_comes_first(ask: Ask) -> None:
    assert ask()[0] == MISSION_RENNES


def test_a_cursor_serves_another_page_size(index: SearchIndex) -> None:
    first = index.search(SearchQuery(text="rennes", limit=2))

    second = index.search(SearchQuery(text="rennes", limit=5, cursor=first.next, with_facets=False))

    assert not {hit.id for hit in first.hits} & {hit.id for hit in second.hits}


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "!!!!", "é", "A" * 500, "\ud800", "AAAAAAAAAAAAAAAAAAAAAA=="])
def test_a_forged_cursor_is_refused(index: SearchIndex, cursor: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        index.search(SearchQuery(text="rennes", cursor=cursor))

    assert refused.value.field == "cursor"


def test_a_cursor_of_another_question_is_refused(index: SearchIndex) -> None:
    cursor = index.search(SearchQuery(text="rennes", limit=1)).next

    with pytest.raises(InvalidQuery, match="cursor"):
        index.search(SearchQuery(text="rennes", limit=1, cursor=cursor, viewer=Visibility.PRIVATE))


def test_a_cursor_of_an_index_rebuilt_since_is_refused(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)
    cursor = empty_index.search(SearchQuery(limit=2)).next
    empty_index.rebuild(documents(), 2)

    with pytest.raises(InvalidQuery, match="cursor"):
        empty_index.search(SearchQuery(limit=2, cursor=cursor))


def test_more_than_a_thousand_answers_are_counted_and_each_can_be_reached(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(pk, f"Atelier couture {pk % 7}") for pk in range(1, 1251)], 1)

    page = empty_index.search(SearchQuery(text="couture", limit=100))
    seen = [hit.id for hit in page.hits]
    while page.next:
        page = empty_index.search(SearchQuery(text="couture", limit=100, cursor=page.next))
        seen += [hit.id for hit in page.hits]

    assert len(seen) == len(set(seen)) == page.total == 1250


def test_the_last_cursor_gives_the_end_and_no_other(index: SearchIndex) -> None:
    first = index.search(SearchQuery(text="mission locale", limit=2))

    last = index.search(SearchQuery(text="mission locale", limit=2, cursor=first.next))

    assert (len(last.hits), last.next) == (1, None)
