"""The API asked by the thousand, by clients that stall, and by Schemathesis at length."""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.settings import read_settings
from relais.services import build_services
from tests.serving import free_port

pytestmark = pytest.mark.torture

ROOT = Path(__file__).resolve().parents[2]
V1 = "/api/v1"
ASKED = ("/api/v1/lieux/35115", "/widget/recherche?q=mission+locale")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, str]]:
    """The production server on the demonstration territory: its host, its port, a key that opens everything."""
    data, port = tmp_path_factory.mktemp("api"), free_port()
    environ = {
        **os.environ,
        "RELAIS_DATA": str(data),
        "RELAIS_PORT": str(port),
        "RELAIS_API_ANONYMOUS": "100000000/minute",
    }
    subprocess.run([sys.executable, "-m", "relais", "demo"], env=environ, check=True, capture_output=True)
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    new = make_key("Essais", tuple(ApiScope), services.clock(), per_minute=100_000, per_day=100_000_000)
    services.repository.keep_keys(new=new.key)
    with subprocess.Popen([sys.executable, "-m", "relais", "serve"], env=environ, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(3000):
                try:
                    get("127.0.0.1", port, "/sante")
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                pytest.fail("the server did not start")
            yield "127.0.0.1", port, new.text
        finally:
            process.send_signal(signal.SIGTERM)


def get(host: str, port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("path", ASKED)
def test_a_thousand_connections_at_once_are_all_answered(server: tuple[str, int, str], path: str) -> None:
    host, port, _ = server
    selector = selectors.DefaultSelector()
    opened = [socket.create_connection((host, port), timeout=60) for _ in range(1000)]
    for connection in opened:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        selector.register(connection, selectors.EVENT_READ)

    statuses = []
    until = time.monotonic() + 120
    while selector.get_map() and time.monotonic() < until:
        for chosen, _ in selector.select(timeout=5):
            connection = chosen.fileobj
            assert isinstance(connection, socket.socket)
            statuses.append(connection.recv(12))
            selector.unregister(connection)
            connection.close()

    assert statuses == [b"HTTP/1.1 200"] * 1000


STALLED = {
    "in its headers": b"GET /api/v1/fiches HTTP/1.1\r\nHost: x\r\nX-Half:",
    "in its body": b"POST /api/v1/propositions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b'Content-Length: 1000\r\nAuthorization: Bearer KEY\r\n\r\n{"place": "3',
    "before its first byte": b"",
}


@pytest.mark.parametrize("where", STALLED)
def test_clients_that_stall_do_not_keep_the_others_waiting_for_ever(server: tuple[str, int, str], where: str) -> None:
    host, port, key = server
    begun = STALLED[where].replace(b"KEY", key.encode())

    stalled = [socket.create_connection((host, port), timeout=60) for _ in range(40)]
    for connection in stalled:
        connection.sendall(begun)
    status = get(host, port, f"{V1}/lieux/35115")

    assert status == 200
    for connection in stalled:
        connection.close()


def test_readers_that_stall_in_a_file_do_not_keep_the_others_waiting(server: tuple[str, int, str]) -> None:
    host, port, key = server
    request = f"GET {V1}/exports/fiches.ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()

    stalled = []
    for _ in range(20):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect((host, port))
        connection.sendall(request)
        stalled.append(connection)
    status = get(host, port, f"{V1}/lieux/35115")

    assert status == 200
    for connection in stalled:
        connection.close()


def test_schemathesis_finds_no_failure_in_the_whole_description_at_length(server: tuple[str, int, str], tmp_path: Path) -> None:
    host, port, key = server
    config = ROOT / "tests" / "web" / "api" / "schemathesis.toml"
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run"]
    command += [f"http://{host}:{port}{V1}/openapi.json", "--header", f"Authorization: Bearer {key}", "--no-color"]
    command += ["--max-examples", "100", "--generation-database", "none"]

    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONUTF8": "1"}
    )

    assert done.returncode == 0, done.stdout[-8000:]
    print(*re.findall(r"^.*(?:Tested|generated|passed|No issues).*$", done.stdout, re.MULTILINE), sep="\n")
