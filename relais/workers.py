"""The production server's worker: a client that stalls in the middle of a request, or of an answer, gives its thread back."""

from __future__ import annotations

import socket
import struct
from typing import Any

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

PATIENCE_S = 10
"""How long one reading or writing of a connection may wait."""


_MOST_READINGS = 16
"""Times 64 KiB: how much of a request that is refused is read at most."""

_PAGE = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Adresse trop longue – Relais</title></head>
<body>
<h1>Adresse trop longue</h1>
<p>Cette recherche est trop longue pour tenir dans une adresse. Écrivez quelques mots : ce que vous cherchez, et où.</p>
<p><a href="/recherche">Revenir à la recherche</a></p>
</body>
</html>
""".encode()
_TOO_LONG = (
    b"HTTP/1.1 414 URI Too Long\r\nContent-Type: text/html; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_PAGE), _PAGE)
)


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

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that cannot be read; in French where a person may have written it: an address too long."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        try:
            client.sendall(_TOO_LONG)
            # what is left of the request is read first: a connection closed over it would take the answer back
            client.shutdown(socket.SHUT_WR)
            for _ in range(_MOST_READINGS):
                if not client.recv(65_536):
                    break
        except OSError:
            pass  # who asked is gone
