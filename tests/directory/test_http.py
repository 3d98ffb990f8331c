"""The guarded way out, tried against a real server on the loopback."""

from __future__ import annotations

import gzip
import ipaddress
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from directory.http import Fetcher, FetchError, ForbiddenAddress, Request, is_public, is_public_or_loopback
from directory.http_cache import HttpCache
from tests.serving import PATIENCE_S, serving


class _Server(BaseHTTPRequestHandler):
    """Plays the servers that an import may meet."""

    hits: ClassVar[dict[str, int]] = {}

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.hits[path] = self.hits.get(path, 0) + 1
        getattr(self, "_" + path.strip("/").partition(".")[0], self._absent)()

    def log_message(self, *args: object) -> None:
        pass

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _absent(self) -> None:
        self._send(404)

    def _liste(self) -> None:
        self._send(200, "nom;ville\nÉté;Épernay\n".encode())

    def _gzip(self) -> None:
        self._send(200, gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip")

    def _loop(self) -> None:
        self._send(302, Location="/loop")

    def _moved(self) -> None:
        self._send(301, Location="/liste.csv")

    def _inside(self) -> None:
        self._send(302, Location="http://169.254.169.254/latest/meta-data")

    def _file(self) -> None:
        self._send(302, Location="file:///etc/passwd")

    def _shy(self) -> None:
        if self.hits[self.path] < 3:
            self._send(503)
        else:
            self._send(200, b"enfin")

    def _short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"dix octets")

    def _patient(self) -> None:
        if self.hits[self.path] < 2:
            self._send(429, Retry_After="1")
        else:
            self._send(200, b"enfin")

    def _never(self) -> None:
        self._send(429, Retry_After="86400")

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"0")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            pass

    def _mute(self) -> None:
        time.sleep(1)

    def _marked(self) -> None:
        if self.headers.get("If-None-Match") == '"v1"':
            self.send_response(304)
            self.end_headers()
        else:
            self._send(200, b"une fois", ETag='"v1"')

    def _echo(self) -> None:
        self._send(200, f"{self.path} {self.headers.get('X-Key', 'sans clef')}".encode())

    def _elsewhere(self) -> None:
        self._send(302, Location=f"http://localhost:{self.server.server_address[1]}/echo")

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"0" * 65536)
        except OSError:
            pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(_Server) as url:
        yield url


@pytest.fixture
def fetcher() -> Fetcher:
    loopback = ipaddress.ip_network("127.0.0.0/8")
    return Fetcher(allowed=lambda ip: ip in loopback, max_bytes=1_000_000, pause=0.01, timeout=PATIENCE_S)


def test_a_file_is_fetched_under_its_own_name(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    path = fetcher.fetch_file(f"{address}/liste.csv?cle=secret", tmp_path)

    assert path.name == "liste.csv"
    assert "Épernay" in path.read_text(encoding="utf-8")


def test_a_redirect_is_followed(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    assert fetcher.fetch_file(f"{address}/moved", tmp_path).name == "liste.csv"


def test_a_redirect_to_a_private_address_is_refused(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    with pytest.raises(ForbiddenAddress):
        fetcher.fetch_file(f"{address}/inside", tmp_path)


@pytest.mark.parametrize("path", ["file", "loop"])
def test_a_redirect_out_of_http_or_without_end_is_refused(fetcher: Fetcher, address: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(FetchError):
        fetcher.fetch_file(f"{address}/{path}", tmp_path)


@pytest.mark.parametrize("path", ["gzip", "endless"])
def test_a_body_past_the_limit_is_refused_once_unpacked_and_nothing_is_kept(
    fetcher: Fetcher, address: str, tmp_path: Path, path: str
) -> None:
    with pytest.raises(FetchError, match="too large") as caught:
        fetcher.fetch_file(f"{address}/{path}", tmp_path)

    assert "dépasse 1 Mo" in caught.value.public
    assert not list(tmp_path.iterdir())


def test_a_passing_outage_is_tried_again(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    assert fetcher.fetch_file(f"{address}/shy", tmp_path).read_bytes() == b"enfin"


def test_the_time_that_a_server_asks_to_wait_is_waited(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    assert fetcher.fetch_file(f"{address}/patient", tmp_path).read_bytes() == b"enfin"


def test_a_server_that_asks_to_wait_until_tomorrow_is_told_at_once(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="429") as caught:
        fetcher.fetch_file(f"{address}/never", tmp_path)

    assert "dans 1440 min" in caught.value.public


@pytest.mark.parametrize("path", ["drip", "mute"])
def test_an_answer_that_comes_too_slowly_is_cut_at_the_deadline(
    fetcher: Fetcher, address: str, tmp_path: Path, path: str
) -> None:
    with pytest.raises(FetchError, match=r"deadline|délai"):
        replace(fetcher, deadline=0.4).fetch_file(f"{address}/{path}", tmp_path)

    assert not list(tmp_path.iterdir())


def test_a_file_that_has_not_changed_is_not_sent_again(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    keeping = replace(fetcher, cache=HttpCache(tmp_path / "cache"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    keeping.fetch_file(f"{address}/marked?cle=secret", tmp_path / "one")

    again = keeping.fetch_file(f"{address}/marked?cle=secret", tmp_path / "two")

    assert again.read_bytes() == b"une fois"
    assert b"secret" not in b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert _Server.hits["/marked"] == 2


def test_a_damaged_copy_is_asked_anew(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    keeping = replace(fetcher, cache=HttpCache(tmp_path / "cache"))
    keeping.fetch_file(f"{address}/marked", tmp_path)
    next((tmp_path / "cache").rglob("body")).write_bytes(b"une")

    assert keeping.fetch_file(f"{address}/marked", tmp_path).read_bytes() == b"une fois"


def test_what_a_check_refuses_is_not_kept(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise FetchError(address, "no", public=f"{path.name} refusé.")

    keeping = replace(fetcher, cache=HttpCache(tmp_path / "cache"))

    with pytest.raises(FetchError, match="no"):
        keeping.fetch_file(Request(url=f"{address}/marked", check=refuse), tmp_path)

    assert not (tmp_path / "marked").exists()
    assert not list((tmp_path / "cache").glob("*"))


def test_a_key_is_sent_to_its_server_and_does_not_follow_to_another(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    wide = replace(fetcher, allowed=is_public_or_loopback)
    header, parameter = {"X-Key": "secret"}, {"cle": "secret"}
    asked = Request(url=f"{address}/echo?a=1", headers=header, secret=parameter)

    there = wide.fetch_file(asked, tmp_path).read_text()
    elsewhere = wide.fetch_file(replace(asked, url=f"{address}/elsewhere"), tmp_path).read_text()

    assert there == "/echo?a=1&cle=secret secret"
    assert elsewhere == "/echo sans clef"
    assert "secret" not in repr(asked)


def test_an_address_is_asked_with_its_accents(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    assert "/echo?q=%C3%A9t%C3%A9" in fetcher.fetch_file(f"{address}/echo?q=été", tmp_path).read_text()


def test_a_body_cut_short_is_an_error_and_not_a_file(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError):
        fetcher.fetch_file(f"{address}/short", tmp_path)

    assert not list(tmp_path.iterdir())


def test_an_absent_file_names_the_status_and_never_the_key(fetcher: Fetcher, address: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch_file(f"{address}/nulle-part?cle=secret", tmp_path)

    assert "404" in caught.value.public
    assert "secret" not in str(caught.value) + caught.value.public


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://0.0.0.0/", "http://2130706433/"]
)
def test_the_loopback_is_refused_however_it_is_written(url: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError):
        Fetcher().fetch_file(url, tmp_path)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("224.0.0.1", False), ("::1", False), ("fe80::1", False), ("fc00::1", False),
        ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("2a00:1450::1", True),
        ("192.0.0.8", False), ("64:ff9b:1::a00:1", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
