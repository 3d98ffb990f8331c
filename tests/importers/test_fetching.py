"""Sources that are published at an address, fetched from a server on the loopback that plays its part."""

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
from importers.errors import UnreadableFile
from importers.fetching import fetch_inputs
from importers.source import Key, Online, Pages, get_source
from tests.serving import PATIENCE_S, serving

SAMPLE = Path(__file__).resolve().parents[2] / "importers/sources/missions_locales/sample_milo.json"
ITEMS = list(range(7))


class _Api(BaseHTTPRequestHandler):
    """An API that gives seven items by pages of three, in each of the ways that are known; and some that do not behave."""

    asked: ClassVar[list[str]] = []
    sent: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.sent.append((self.headers["Content-Type"], self.rfile.read(length).decode()))
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, body = getattr(self, "_" + parts.path.strip("/"))(query)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass

    def _offset(self, query: dict[str, str]) -> tuple[int, Any]:
        start = int(query.get("offset", 0))
        return 200, {"total_count": 7, "results": ITEMS[start : start + int(query["limit"])]}

    def _page(self, query: dict[str, str]) -> tuple[int, Any]:
        start = (int(query.get("page", 1)) - 1) * 3
        return 200, {"meta": {"total": 7}, "results": ITEMS[start : start + 3]}

    def _after(self, query: dict[str, str]) -> tuple[int, Any]:
        start = int(query.get("after[]", 0))
        return 200, {"results": ITEMS[start : start + 3], "after": [start + 3] if start + 3 < 7 else None}

    def _next(self, query: dict[str, str]) -> tuple[int, Any]:
        start = int(query.get("from", 0))
        return 200, {"results": ITEMS[start : start + 3], "next": f"/next?from={start + 3}" if start < 6 else None}

    def _deaf(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, {"results": ITEMS[:3]}

    def _short(self, query: dict[str, str]) -> tuple[int, Any]:
        return 200, {"total_count": 100, "results": [] if "offset" in query else ITEMS}

    def _changed(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, {"resultats": ITEMS}

    def _html(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, b"<!DOCTYPE html><html><body>Connectez-vous</body></html>"

    def _broken(self, query: dict[str, str]) -> tuple[int, Any]:
        return (500, {}) if "offset" in query else (200, {"results": ITEMS})

    def _locked(self, _: dict[str, str]) -> tuple[int, Any]:
        return (200, SAMPLE.read_bytes()) if self.headers.get("Authorization") == "Apikey la-clef" else (401, {})

    def _jeton(self, _: dict[str, str]) -> tuple[int, Any]:
        good = "client_secret=la-clef" in self.sent[-1][1]
        return (200, {"access_token": "un-jeton", "expires_in": 1500}) if good else (200, {"error": "invalid_client"})

    def _evenements(self, query: dict[str, str]) -> tuple[int, Any]:
        if self.command != "POST" or self.headers["Authorization"] != "Bearer un-jeton":
            return 401, {}
        start = int(query["page"]) * int(query["size"])
        return 200, {"totalElements": 7, "content": ITEMS[start : start + int(query["size"])]}

    def _moved(self, _: dict[str, str]) -> tuple[int, Any]:
        return 307, {}

    def _liste(self, _: dict[str, str]) -> tuple[int, Any]:
        return 200, SAMPLE.read_bytes()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(_Api) as url:
        yield url


@pytest.fixture
def fetch(address: str, tmp_path: Path) -> Callable[..., Path]:
    """Fetches the address of a source that is declared so."""

    def call(path: str, *, setting: str = "", given: tuple[str, ...] = (), code: str = "", **online: Any) -> Path:
        source = replace(get_source("missions_locales"), online=(Online(url=f"{address}/{path}", **online),))
        keys = {"missions_locales": setting} if setting else {}
        fetcher = Fetcher(allowed=is_public_or_loopback, pause=0.01, timeout=PATIENCE_S)
        return fetch_inputs(source, given, tmp_path / str(len(list(tmp_path.iterdir()))), fetcher, keys=keys, departement=code)[0]

    return call


OFFSET = Pages(by="offset", position="offset", items="results", total="total_count", size=("limit", 3))


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        ("offset", OFFSET),
        ("page", Pages(by="page", position="page", items="results", total="meta.total")),
        ("after", Pages(by="after", position="after[]", items="results", cursor="after")),
        ("next", Pages(by="next", items="results", cursor="next")),
    ],
)
def test_every_page_is_read_once_and_in_order(fetch: Callable[..., Path], path: str, pages: Pages) -> None:
    assert json.loads(fetch(path, pages=pages).read_text()) == ITEMS


@pytest.mark.parametrize(
    ("path", "online", "said"),
    [
        ("deaf", {"pages": OFFSET}, "la même page"),
        ("short", {"pages": OFFSET}, "annonce 100 éléments et en donne 7"),
        ("changed", {"pages": OFFSET}, "« results » manque"),
        ("broken", {"pages": OFFSET}, "statut 500"),
        ("offset", {"pages": replace(OFFSET, most=2)}, "dépasse 2 pages"),
        ("html", {}, "pas envoyé les données attendues"),
        ("liste", {"content": "table"}, "pas envoyé les données attendues"),
        ("locked", {"key": Key(header="Authorization", prefix="Apikey ")}, "RELAIS_KEY_MISSIONS_LOCALES"),
        ("locked", {"key": Key(header="Authorization", required=False)}, "refuse l’accès (401)"),
    ],
)
def test_what_is_not_the_whole_list_stops(fetch: Callable[..., Path], path: str, online: dict[str, Any], said: str) -> None:
    with pytest.raises(RelaisError) as stopped:
        fetch(path, **online)

    assert said in stopped.value.public


def test_the_key_is_sent_as_the_source_says_and_only_to_its_addresses(
    fetch: Callable[..., Path], address: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = Key(header="Authorization", prefix="Apikey ")
    caplog.set_level("DEBUG")

    path = fetch("locked", key=key, setting="la-clef")

    assert path.read_bytes() == SAMPLE.read_bytes()
    with pytest.raises(RelaisError) as stopped:
        fetch("other", key=key, setting="la-clef", given=(f"{address}/locked",))
    assert "401" in stopped.value.public
    assert "la-clef" not in caplog.text + str(stopped.value)


def test_a_key_is_exchanged_for_a_token_where_the_service_wants_one(fetch: Callable[..., Path], address: str) -> None:
    key = Key(header="Authorization", prefix="Bearer ", token_url=f"{address}/jeton", scope="api evenements")
    pages = Pages(by="page", position="page", first=0, items="content", total="totalElements", size=("size", 3))
    asked = {"key": key, "pages": pages, "body": "{}", "departement_body": '{"departements": ["{code}"]}'}

    path = fetch("evenements", setting="moi:la-clef", code="35", **asked)

    assert json.loads(path.read_text()) == ITEMS
    assert _Api.sent[-1] == ("application/json", '{"departements": ["35"]}')
    assert "scope=api+evenements" in _Api.sent[0][1]
    assert not list(path.parent.glob("token/*"))


@pytest.mark.parametrize(("setting", "said"), [("moi:autre", "pas donné de jeton"), ("moi", "« identifiant:secret » attendu")])
def test_a_refused_key_is_told_and_not_repeated(fetch: Callable[..., Path], address: str, setting: str, said: str) -> None:
    key = Key(header="Authorization", token_url=f"{address}/jeton")

    with pytest.raises(RelaisError) as stopped:
        fetch("evenements", setting=setting, key=key, body="{}")

    assert said in stopped.value.public
    assert "moi:autre" not in str(stopped.value) + stopped.value.public


def test_a_question_with_a_body_is_not_sent_elsewhere(fetch: Callable[..., Path]) -> None:
    with pytest.raises(RelaisError) as stopped:
        fetch("moved", body="{}")

    assert "renvoie ailleurs" in stopped.value.public


def test_an_address_given_by_hand_follows_the_paging_of_its_source(fetch: Callable[..., Path], address: str) -> None:
    path = fetch("offset", pages=OFFSET, given=(f"{address}/offset?where=35",))

    assert json.loads(path.read_text()) == ITEMS
    assert _Api.asked[-1] == "/offset?where=35&limit=3&offset=6"


def test_an_address_is_asked_for_one_departement_where_it_can_be(fetch: Callable[..., Path]) -> None:
    fetch("liste", code="35", departement={"where": 'code = "{code3}"'})
    one = _Api.asked[-1]
    fetch("liste", departement={"where": 'code = "{code3}"'})

    assert (one, _Api.asked[-1]) == ("/liste?where=code+%3D+%22035%22", "/liste")


@pytest.mark.parametrize("address", ["ftp://exemple.org/liste.csv", "file:///etc/passwd", "s3://seau/liste.csv"])
def test_an_address_of_another_kind_is_refused_as_such(address: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        fetch_inputs(get_source("psad"), [address], tmp_path, Fetcher())

    assert "http:// ou https://" in refused.value.public
