"""The index that the contract is tested on, one fixture for each engine."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from directory.search.embedded import EmbeddedIndex
from directory.search.meilisearch import MeilisearchIndex
from directory.search.types import SearchIndex, SearchQuery
from tests.directory.search.samples import documents
from tests.meilisearch_server import PATIENCE_S, MeilisearchServer

REVISION = 7
Ask = Callable[..., list[int]]


def _embedded(request: pytest.FixtureRequest, folder: Path) -> SearchIndex:
    return EmbeddedIndex(folder / "index")


def _meilisearch(request: pytest.FixtureRequest, folder: Path) -> SearchIndex:
    server: MeilisearchServer = request.getfixturevalue("meilisearch_server")
    return MeilisearchIndex(server.url, server.key, uid=f"test-{secrets.token_hex(6)}", timeout_s=PATIENCE_S)


ENGINES: dict[str, Callable[[pytest.FixtureRequest, Path], SearchIndex]] = {"embedded": _embedded, "meilisearch": _meilisearch}
PARAMS = ["embedded", pytest.param("meilisearch", marks=pytest.mark.meilisearch)]


@pytest.fixture(scope="session", params=PARAMS)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """An index of the invented directory: read by tests, never rebuilt by them."""
    built = ENGINES[request.param](request, tmp_path_factory.mktemp("contract"))
    built.rebuild(documents(), REVISION)
    return built


@pytest.fixture(params=PARAMS)
def empty_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """An index that was never built."""
    index = ENGINES[request.param](request, tmp_path)
    yield index
    if isinstance(index, MeilisearchIndex) and index._server.has(index.uid):
        index._server.drop(index.uid)


@pytest.fixture
def ask(index: SearchIndex) -> Ask:
    """The keys of the hits of a question, in order."""

    def asked(text: str = "", **facts: object) -> list[int]:
        page = index.search(SearchQuery(text=text, **({"limit": 100, "with_facets": False} | facts)))
        return [int(hit.id.removeprefix("invente--")) for hit in page.hits]

    return asked
