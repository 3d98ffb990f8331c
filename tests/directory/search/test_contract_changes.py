"""What every SearchIndex must do when it is built, rebuilt and changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from directory.errors import IndexUnavailable
from directory.search.types import SearchDocument, SearchIndex, SearchQuery
from tests.directory.search.conftest import REVISION
from tests.directory.search.samples import (
    documents,
    make_document,
)


def test_the_index_says_which_revision_it_holds(index: SearchIndex) -> None:
    assert index.revision() == REVISION
    assert index.search(SearchQuery()).revision == REVISION


def test_an_index_never_built_is_unavailable(empty_index: SearchIndex) -> None:
    assert empty_index.revision() is None
    with pytest.raises(IndexUnavailable):
        empty_index.search(SearchQuery())
    with pytest.raises(IndexUnavailable):
        empty_index.suggest("a")


def test_a_rebuild_replaces_everything(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)

    held = empty_index.rebuild([make_document(99, "Nouvelle fiche")], 2)

    assert held == 1
    assert [hit.name for hit in empty_index.search(SearchQuery()).hits] == ["Nouvelle fiche"]
    assert empty_index.revision() == 2


def test_an_update_replaces_adds_and_takes_away(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Mission locale"), make_document(2, "Garage"), make_document(3, "Salon")], 1)

    empty_index.update([make_document(2, "Boulangerie"), make_document(4, "Chapellerie")], [3, 99], 2)

    page = empty_index.search(SearchQuery())
    assert sorted(hit.name for hit in page.hits) == ["Boulangerie", "Chapellerie", "Mission locale"]
    assert (page.total, page.revision, empty_index.revision()) == (3, 2, 2)
    assert empty_index.search(SearchQuery(text="garage")).total == 0
    assert empty_index.suggest("chapel") == ("Chapellerie",)


def test_many_updates_keep_everything(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(pk, f"Fiche {pk}") for pk in range(1, 6)], 1)

    for revision in range(2, 12):
        empty_index.update([make_document(revision, f"Fiche refaite {revision}")], [], revision)

    assert empty_index.search(SearchQuery(limit=100)).total == 11
    assert empty_index.search(SearchQuery(text="refaite")).total == 10


def test_an_index_never_built_cannot_be_updated(empty_index: SearchIndex) -> None:
    with pytest.raises(IndexUnavailable):
        empty_index.update([make_document(1, "Mission locale")], [], 2)


def test_an_update_that_fails_leaves_what_served(empty_index: SearchIndex) -> None:
    def broken() -> Iterator[SearchDocument]:
        yield make_document(2, "Garage")
        raise ValueError("source gone")

    empty_index.rebuild([make_document(1, "Mission locale")], 1)

    with pytest.raises(ValueError, match="source gone"):
        empty_index.update(broken(), [1], 2)

    assert [hit.name for hit in empty_index.search(SearchQuery()).hits] == ["Mission locale"]
    assert empty_index.revision() == 1


def test_an_index_of_nothing_answers_nothing(empty_index: SearchIndex) -> None:
    empty_index.rebuild([], 3)

    page = empty_index.search(SearchQuery(text="mission locale"))

    assert (page.total, page.hits, empty_index.suggest("m"), empty_index.revision()) == (0, (), (), 3)


def test_a_rebuild_that_fails_leaves_what_served(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)

    def broken() -> Any:
        yield make_document(1, "Une fiche")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        empty_index.rebuild(broken(), 2)

    assert empty_index.revision() == 1
    assert empty_index.search(SearchQuery(text="épernay")).total == 1
