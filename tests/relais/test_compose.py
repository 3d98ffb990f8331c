"""What the compose file starts, started by hand: Redis as it says, the pages with its settings on the engines it names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
import yaml

from tests.meilisearch_server import MeilisearchServer
from tests.postgresql_server import PostgresqlServer
from tests.redis_server import running_redis
from tests.serving import PATIENCE_S, free_port

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "DOMAINE": "relais.example",
    "BASE_SECRET": "3f6c0a9be27d4465b3e08c1f",
    "COMPTEURS_SECRET": "77e1b0c9d2a84f3365cafe10",
    "FIGURES_SECRET": "b4a1d09c7e83f2650e1dd7c2",
}
pytestmark = [pytest.mark.postgresql, pytest.mark.meilisearch, pytest.mark.redis]


@contextmanager
def running(command: list[str], environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as written,
        subprocess.Popen(command, env={**os.environ, **environ}, stdout=written, stderr=written) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)


def ask(address: str, **headers: str) -> tuple[int, str]:
    """Ask as the proxy does."""
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "relais.example"}
    request = urllib.request.Request(address, headers={**forwarded, **headers})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


def test_the_processes_of_the_compose_file_work_together_with_its_settings(
    tmp_path: Path, demonstration: Path, postgresql_server: PostgresqlServer, meilisearch_server: MeilisearchServer
) -> None:
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    for name, secret in {**SECRETS, "MOTEUR_SECRET": meilisearch_server.key}.items():
        text = text.replace(f"${{{name}:?}}", secret)
    services = yaml.safe_load(text)["services"]
    port, counters = free_port(), free_port()
    url = postgresql_server.create_database()
    # hosts have other names here, and this PostgreSQL takes whoever has its socket
    given = {
        name: value.replace("http://moteur:7700", meilisearch_server.url)
        .replace("@compteurs:6379", f"@127.0.0.1:{counters}")
        .replace(f"postgresql://relais:{SECRETS['BASE_SECRET']}@base/relais", url)
        for name, value in services["relais"]["environment"].items()
    }
    (tmp_path / "cache").symlink_to(demonstration / "cache")  # the gazetteer takes seconds to build
    environ = {
        **given,
        "RELAIS_DATA": str(tmp_path),
        "RELAIS_PORT": str(port),
        "RELAIS_LOG": "json",
        "RELAIS_SEARCH_TIMEOUT": "120",
    }
    relais = [sys.executable, "-m", "relais"]
    address = f"http://127.0.0.1:{port}"

    with running_redis(tmp_path, counters, services["compteurs"]["command"][1:]):
        subprocess.run([*relais, "demo"], env={**os.environ, **environ}, check=True, capture_output=True)
        with running([*relais, *services["relais"].get("command", ["serve"])], environ, tmp_path / "log") as serving:
            until = time.monotonic() + PATIENCE_S
            while ask(f"{address}/sante")[0] != 200:
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                assert serving.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.2)
            search, api = ask(f"{address}/recherche?q=mission+locale"), ask(f"{address}/api/v1/recherche?q=mission+locale")
            signing_in = ask(f"{address}/connexion")
            figures = ask(f"{address}/metrics", Authorization=f"Bearer {SECRETS['FIGURES_SECRET']}")
            taken = subprocess.run(
                ["redis-cli", "-p", str(counters), "--no-auth-warning", "-a", SECRETS["COMPTEURS_SECRET"], "KEYS", "*"],
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
    postgresql_server.drop_database(url)

    log = (tmp_path / "log").read_text()
    assert (search[0], api[0], signing_in[0], figures[0]) == (200, 200, 200, 200)
    assert "Mission locale" in search[1]
    assert json.loads(api[1])["total"] > 0
    assert 'relais_up{part="index"} 1.0' in figures[1]
    assert "relais" in taken
    assert "203.0.113.7" not in taken + log
    assert not [name for name, drawn in SECRETS.items() if name != "DOMAINE" and drawn in log]
    assert "secours" not in search[1]
