"""Limits that several processes share, counted by a real Redis; and what happens when it does not answer."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.services import Services
from tests.redis_server import running_redis
from web import create_app

V1 = "/api/v1"
pytestmark = pytest.mark.redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with running_redis(tmp_path) as server:
        yield server


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
