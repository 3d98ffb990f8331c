"""A real instance to break: a folder that holds the demonstration territory, commands run on it, and its server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.serving import free_port
from tests.torture.asking import ask, wait_for

ROOT = Path(__file__).resolve().parents[2]
RELAIS = [sys.executable, "-m", "relais"]
QUIET = {"RELAIS_THEME": "neutre", "RELAIS_API_ANONYMOUS": "1000000/minute;1000000/day", "RELAIS_LOG": "json"}


@dataclass
class Instance:
    """An installation, and the server that answers for it once started."""

    data: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    program: list[str] = field(default_factory=lambda: list(RELAIS))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    @property
    def given(self) -> dict[str, str]:
        own = {"RELAIS_DATA": str(self.data), "RELAIS_PORT": str(self.port)}
        return {**os.environ, **QUIET, **own, **self.environ}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        given = {**self.given, **more}
        return subprocess.run([*RELAIS, *arguments], cwd=ROOT, env=given, capture_output=True, text=True, check=False)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([*RELAIS, *arguments], cwd=ROOT, env=self.given, **quiet)  # type: ignore[call-overload, no-any-return]

    def json(self, *arguments: str) -> Any:
        """What a command answers."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def get(self, path: str, patience: float = 30) -> tuple[int, str]:
        """Ask the server."""
        return ask(self.address + path, patience)

    def wait(self, path: str = "/sante", status: int = 200, seconds: float = 120) -> None:
        """Wait for an answer."""
        assert wait_for(self.address + path, status, seconds), self.log.read_text()[-3000:]

    def workers(self) -> list[int]:
        """The server's processes that answer."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    @contextmanager
    def served(self) -> Iterator[None]:
        """The server, for the time of a block. It must still be there at its end, and stop when told."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*self.program, "serve"], cwd=ROOT, env=self.given, stdout=log, stderr=log)
        try:
            self.wait()
            yield
            assert self.process.poll() is None, self.log.read_text()[-3000:]
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def listings(self) -> int:
        """How many open listings the directory holds."""
        asked = "from directory.settings import read_settings as r; from relais.services import build_services as b;"
        asked += "print(sum(b(r()).repository.count_listings().values()))"
        done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, env=self.given, capture_output=True, text=True, check=True)
        return int(done.stdout)


def until(true: Any, seconds: float = 90) -> bool:
    """Whether something becomes true within so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.2)
    return False
