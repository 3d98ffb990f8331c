"""``relais serve``: the real server, as a process of its own."""

from __future__ import annotations

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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def answer(url: str, body: bytes | None = None) -> tuple[int, str]:
    with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=20) as response:  # noqa: S310
        return response.status, response.read().decode()


def refused(url: str) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as error:
        answer(url)
    return error.value.code, error.value.read().decode()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> tuple[int, str]:
    for _ in range(300):
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
            page = answer(f"http://127.0.0.1:{port}/propositions", b"place=35300+Foug%C3%A8res&age=18&needs=logement")
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)

    assert home[0] == page[0] == 200
    assert "Fougères" in page[1]
    assert (too_long[0], "Adresse trop longue" in too_long[1]) == (414, True)
    assert process.returncode == 0, errors
    assert b"logement" not in errors
