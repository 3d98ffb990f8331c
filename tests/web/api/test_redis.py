"""Limits that several processes share, counted by a real Redis; and what happens when it does not answer."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.services import Services
from tests.serving import free_port
from web import create_app

V1 = "/api/v1"
pytestmark = pytest.mark.redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis absent de cette machine (apt-get install redis-server)")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}", server
        server.kill()


def test_two_processes_count_together_and_apart_when_redis_is_gone(
    services: Services, redis: tuple[str, subprocess.Popen[bytes]]
) -> None:
    address, server = redis
    settings = replace(services.settings, api_limits=address, api_anonymous="3/minute")
    first, second = (create_app(replace(services, settings=settings)).test_client() for _ in range(2))

    together = [client.get(f"{V1}/lieux/35115").status_code for client in (first, second, first, second)]
    server.kill()
    server.wait()
    alone = [first.get(f"{V1}/lieux/35115").status_code for _ in range(2)]

    assert together == [200, 200, 200, 429]
    assert alone == [200, 200]
