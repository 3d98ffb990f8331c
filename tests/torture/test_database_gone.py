"""The database goes away under a service that is asked, and comes back: told at once, and served again without a new start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql_server import PostgresqlServer, running_server
from tests.serving import free_port
from tests.torture.asking import ask, wait_for

pytestmark = [pytest.mark.torture, pytest.mark.postgresql]
TIMES = 3


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of the test's own: it is stopped in the middle of its work."""
    with running_server() as server:
        yield server


def test_pages_say_that_the_directory_is_away_and_answer_when_it_is_back(server: PostgresqlServer, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environ = dict(
        os.environ,
        RELAIS_DATA=str(tmp_path),
        RELAIS_DATABASE_URL=server.create_database(),
        RELAIS_PORT=str(port),
        RELAIS_THEME="neutre",
    )
    relais = [sys.executable, "-m", "relais"]
    subprocess.run([*relais, "demo"], env=environ, check=True, capture_output=True)
    asked = subprocess.run([*relais, "search", "mission locale", "--json"], env=environ, check=True, capture_output=True)
    listing = json.loads(asked.stdout)["hits"][0]["id"]
    pages = [f"{address}/recherche?q=mission", f"{address}/fiches/{listing}", f"{address}/sante"]
    with (tmp_path / "log").open("wb") as log:
        serving = subprocess.Popen([*relais, "serve"], env=environ, stdout=log, stderr=log)
    try:
        assert wait_for(pages[-1], 200)
        for _ in range(TIMES):
            server.stop()
            away = [ask(page) for page in pages]
            server.start()
            assert wait_for(pages[-1], 200)
            back = [ask(page)[0] for page in pages]

            assert [status for status, _ in away] == [503, 503, 503]
            assert "Réessayez dans quelques minutes" in away[0][1]
            assert back == [200, 200, 200]
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)
