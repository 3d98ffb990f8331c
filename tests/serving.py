"""A server on the loopback that plays an online service's part, for the time of a block."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PATIENCE_S = 120.0
"""How long a test waits for what must come: only one that fails waits so long, and the machine may be busy with others."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve with a handler; the block is given the server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def patience_with(request: pytest.FixtureRequest, *, slow: float) -> float:
    """Seconds that the test’s client waits: as long as it takes, but where the server’s mood is to be slow."""
    mood = request.node.callspec.params.get("mood") if hasattr(request.node, "callspec") else None
    return slow if mood == "slow" else PATIENCE_S


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
