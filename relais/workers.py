"""The production server's worker: a client that stalls in the middle of a request, or of an answer, gives its thread back."""

from __future__ import annotations

import socket
import struct
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

PATIENCE_S = 10
"""How long one reading or writing of a connection may wait."""


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threads, whose connections wait for so long and no longer.

    A client that goes on sending a byte now and then is held back by the reverse proxy (docs/api.md), not here.
    """

    def enqueue_req(self, conn: Any) -> Any:
        """Give a connection to a thread."""
        # the kernel's own limits: they outlive the changes of mode that gunicorn makes
        limit = struct.pack("ll", PATIENCE_S, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        return super().enqueue_req(conn)
