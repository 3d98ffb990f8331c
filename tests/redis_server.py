"""A real Redis for the tests: on the loopback, in memory, with nothing written."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import free_port

IN_MEMORY = ("--save", "")


@contextmanager
def running_redis(
    folder: Path, port: int | None = None, options: Sequence[str] = IN_MEMORY
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server for the time of a block: its address and its process. The test is passed over where there is no Redis."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("Redis absent de cette machine (apt-get install redis-server)")
    port = port or free_port()
    command = [program, *options, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield f"redis://127.0.0.1:{port}", server
        finally:
            server.kill()


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Redis did not start")
