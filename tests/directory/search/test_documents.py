"""What the index is told of a listing: other words that find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from directory import referentials
from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import PublishedListing
from directory.search.documents import build_documents
from directory.search.types import SearchDocument, SearchIndex, SearchQuery
from directory.vocabulary import ACCESSIBILITY_CONTACT
from tests.factories import listing

THEN = datetime(2026, 11, 25, tzinfo=UTC)


class _Imported:
    """A store that holds two invented job titles."""

    def referential_versions(self) -> dict[str, int]:
        return {"appellations": 1}

    def load_referential(self, _name: str) -> dict[str, dict[str, Any]]:
        named: Mapping[str, str] = {"Zinguiste / Zinguiste d’exemple": "F1619", "Agent zingueur": "F1619"}
        return {str(rank): {"label": label, "rome": code} for rank, (label, code) in enumerate(named.items())}


@pytest.fixture
def imported() -> Iterator[None]:
    """ROME's job titles, imported for the time of a test."""
    referentials.use(_Imported())
    yield
    referentials.use(None)


def company(gazetteer: Gazetteer, code: str) -> SearchDocument:
    """The document of an invented company of one occupation."""
    record = listing(kind="company", category="entreprise", name="Ets Exemple", occupations=(code,))
    published = PublishedListing(pk=1, id="x--1", record=record, revision=1, first_seen=THEN, last_changed=THEN)
    return next(build_documents([published], gazetteer))


@pytest.mark.parametrize(
    ("code", "typed"),
    [("F1604", "plaquiste"), ("F1602", "melec"), ("F1602", "electricien"), ("H2913", "soudeuse"), ("G1602", "commis de cuisine")],
)
def test_a_company_is_found_by_the_names_of_its_trade(
    empty_index: SearchIndex, gazetteer: Gazetteer, code: str, typed: str
) -> None:
    empty_index.rebuild([company(gazetteer, code)], 1)

    page = empty_index.search(SearchQuery(text=typed))

    assert (page.total, page.exact) == (1, 1)


def test_the_job_titles_that_were_imported_find_it_too(empty_index: SearchIndex, gazetteer: Gazetteer, imported: None) -> None:
    empty_index.rebuild([company(gazetteer, "F1619")], 1)

    assert empty_index.search(SearchQuery(text="zinguiste")).exact == 1
    assert "agent" not in company(gazetteer, "F1619").words.split()


@pytest.mark.parametrize(("visibility", "kept"), [("public", ("decrite",)), ("bassin", ())])
def test_the_page_that_describes_access_for_people_with_disabilities_is_a_filter(
    gazetteer: Gazetteer, visibility: str, kept: tuple[str, ...]
) -> None:
    page = {"label": ACCESSIBILITY_CONTACT, "url": "https://exemple.fr/acces/1", "visibility": visibility}
    published = PublishedListing(
        pk=1, id="x--1", record=listing(contacts=(page,)), revision=1, first_seen=THEN, last_changed=THEN
    )

    assert next(build_documents([published], gazetteer)).accessibility == kept
