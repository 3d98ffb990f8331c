"""``relais serve``: the real server, as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.serving import PATIENCE_S, free_port


def answer(url: str, body: bytes | None = None) -> tuple[int, str]:
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=PATIENCE_S) as response:  # noqa: S310
        return response.status, response.read().decode()


def refused(url: str) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as error:
        answer(url)
    return error.value.code, error.value.read().decode()


def raw(port: int, sent: bytes) -> bytes:
    """All that the server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


BROKEN = {
    b"GET /api/v1/lieux?q=a HTTP/1.1\r\nHost: localhost\r\nX-Long: "
    + b"Zephyrine" * 1000
    + b"\r\n\r\n": b"431 headers_too_large",
    b"Zephyrine /api/v1/lieux\r\n\r\n": b"400 bad_request",
    b"POST /propositions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nZephyrine\r\n": b"400 Demande incomprise",
}
"""Requests that are no HTTP → status, and a word of the answer."""
FORGED = (
    b"GET /sante HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"SCRIPT_NAME: /ailleurs\r\nPATH_INFO: /nulle-part\r\nX-Forwarded-Proto: https\r\n\r\n"
)
"""Who asks says another path than its own, as a proxy of this machine might pass it on."""


def wait_for(url: str, process: subprocess.Popen[bytes]) -> tuple[int, str]:
    for _ in range(1200):
        assert process.poll() is None, "the server stopped"
        try:
            return answer(url)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no answer")


def test_the_server_answers_a_student_and_stops_when_told(data: Path) -> None:
    port = free_port()
    environ = {**os.environ, "RELAIS_DATA": str(data), "RELAIS_PORT": str(port), "RELAIS_THEME": "neutre"}
    with subprocess.Popen([sys.executable, "-m", "relais", "serve"], env=environ, stderr=subprocess.PIPE) as process:
        try:
            home = wait_for(f"http://127.0.0.1:{port}/", process)
            too_long = refused(f"http://127.0.0.1:{port}/recherche?q={'a' * 10_000}")
            broken = {sent: raw(port, sent) for sent in BROKEN}
            forged = raw(port, FORGED)
            page = answer(f"http://127.0.0.1:{port}/propositions", b"place=35300+Foug%C3%A8res&age=18&needs=logement")
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE_S)

    assert home[0] == page[0] == 200
    assert forged.startswith(b"HTTP/1.1 200 ")
    assert b"Strict-Transport-Security" not in forged
    assert "Fougères" in page[1]
    assert (too_long[0], "Adresse trop longue" in too_long[1]) == (414, True)
    for sent, told in BROKEN.items():
        status, _, word = told.partition(b" ")
        assert broken[sent].startswith(b"HTTP/1.1 " + status), sent[:60]
        assert word in broken[sent]
    assert process.returncode == 0, errors
    assert b"logement" not in errors
    assert b"Zephyrine" not in errors


def test_the_server_starts_its_workers_without_a_connection_and_counts_for_all_of_them(data: Path) -> None:
    port, key = free_port(), "c0ffee5eaf00d1234567"
    environ = {**os.environ, "RELAIS_DATA": str(data), "RELAIS_PORT": str(port), "RELAIS_THEME": "neutre", "RELAIS_WORKERS": "2"}
    environ |= {"RELAIS_METRICS_KEY": key, "RELAIS_LOG": "json", "RELAIS_LOG_REQUESTS": "oui"}
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, "-m", "relais", "serve"], env=environ, stderr=subprocess.PIPE) as process:
        try:
            wait_for(f"{address}/sante", process)
            held = [str(each.readlink()) for each in Path(f"/proc/{process.pid}/fd").iterdir()]
            for _ in range(40):
                answer(f"{address}/recherche?q=Zephyrine")
            asked = urllib.request.Request(f"{address}/metrics", headers={"Authorization": f"Bearer {key}"})  # noqa: S310
            with urllib.request.urlopen(asked, timeout=PATIENCE_S) as response:  # noqa: S310
                figures = response.read().decode()
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE_S)

    lines = [json.loads(line) for line in errors.decode().splitlines() if line.startswith("{")]
    assert not [name for name in held if str(data) in name]
    assert 'relais_requests_total{method="GET",route="/recherche",status="200"} 40.0' in figures
    assert [line["route"] for line in lines].count("/recherche") == 40
    assert len({line["request"] for line in lines}) == len(lines)
    assert b"Zephyrine" not in errors
    assert b"Traceback" not in errors
