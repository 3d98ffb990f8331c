"""data·inclusion and the company APIs, each played by a server on the loopback, read as their sources declare them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.errors import RelaisError
from directory.http import Fetcher, is_public_or_loopback
from importers.fetching import fetch_inputs
from importers.source import get_source
from tests.importers.test_companies import payload
from tests.importers.test_data_inclusion import services, structures
from tests.serving import PATIENCE_S, serving


class _Apis(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, body = self._answer(parts.path, query)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path.startswith("/api/v1/"):
            if self.headers.get("Authorization") != "Bearer la-clef":
                return 401, {"detail": "Not authenticated"}
            items = structures() if path.endswith("structures") else services()
            page, total = int(query.get("page", 1)), len(items)
            return 200, {"items": items[page - 1 : page], "total": total, "page": page, "size": 1, "pages": total}
        if path == "/api-sirene/3.11/siret":
            if self.headers.get("X-INSEE-Api-Key-Integration") != "la-clef":
                return 401, {}
            found = json.loads(payload("api-sirene").read_text(encoding="utf-8"))
            start = int(query.get("debut", 0))
            return 200, {"header": {"total": 4}, "etablissements": found["etablissements"][start : start + 3]}
        found = json.loads(payload("recherche-entreprises").read_text(encoding="utf-8"))
        page = int(query.get("page", 1))
        return 200, {**found, "results": found["results"][page - 1 : page], "page": page}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(_Apis) as url:
        yield url


@pytest.fixture
def fetch(address: str, tmp_path: Path) -> Callable[..., tuple[Path, ...]]:
    """Fetches a source with its own declaration, its server's name excepted."""

    def call(name: str, *given: str, key: str = "la-clef", code: str = "") -> tuple[Path, ...]:
        source = get_source(name)
        online = tuple(
            replace(entry, url=_here(entry.url, address), prefix=_here(entry.prefix, address)) for entry in source.online
        )
        fetcher = Fetcher(allowed=is_public_or_loopback, pause=0.01, timeout=PATIENCE_S)
        inputs = [f"{address}{path}" for path in given]
        keys = {name: key} if key else {}
        return fetch_inputs(replace(source, online=online), inputs, tmp_path, fetcher, keys=keys, departement=code)

    return call


def _here(url: str, address: str) -> str:
    return f"{address}{urlsplit(url).path}" if url else ""


def test_data_inclusion_is_fetched_page_by_page_with_its_key(
    fetch: Callable[..., tuple[Path, ...]], read: Callable[..., Any]
) -> None:
    paths = fetch("data_inclusion", code="35")

    records, run = read("data_inclusion", *paths)
    assert len(records) == len(structures()) + len(services())
    assert run.doubts == []
    assert all("code_departement=35" in path for path in _Apis.asked[-5:])


def test_data_inclusion_without_its_key_says_which_setting_it_needs(fetch: Callable[..., tuple[Path, ...]]) -> None:
    with pytest.raises(RelaisError) as stopped:
        fetch("data_inclusion", key="")

    assert "RELAIS_KEY_DATA_INCLUSION" in stopped.value.public


@pytest.mark.parametrize(
    ("path", "siret"),
    [("/api-sirene/3.11/siret?q=codeCommuneEtablissement:35236", "10000002500013"), ("/search?q=garage", "10000003300017")],
)
def test_an_address_of_a_company_api_is_read_to_its_last_page(
    path: str, siret: str, fetch: Callable[..., tuple[Path, ...]], read: Callable[..., Any]
) -> None:
    records, _ = read("entreprises", *fetch("entreprises", path))

    assert records[0].record_id == siret
