"""The guarded way out, tried against a real server on the loopback."""

from __future__ import annotations

import gzip
import ipaddress
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from directory.http import Fetcher, FetchError, ForbiddenAddress, is_public


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
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetcher() -> Fetcher:
    loopback = ipaddress.ip_network("127.0.0.0/8")
    return Fetcher(allowed=lambda ip: ip in loopback, max_bytes=1_000_000, pause=0.01, timeout=2.0)


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
    ],
)  # fmt: skip
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
