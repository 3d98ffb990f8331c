"""The production server's worker: a client that stalls in the middle of a request, or of an answer, gives its thread back."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from web.api.problems import CODES

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
_OURS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)
"""What gunicorn tells as a request that cannot be read, and is no fault of who asked."""
_ILLEGIBLE = "La demande ne peut pas être lue : elle ne suit pas les règles de HTTP."
_REFUSED: dict[type[ParseException], tuple[int, str, str]] = {
    LimitRequestHeaders: (431, "headers_too_large", "Les en-têtes de la demande dépassent la taille acceptée."),
    UnsupportedTransferCoding: (501, "bad_request", "Ce codage de transfert n’est pas connu."),
    ExpectationFailed: (417, "bad_request", "L’attente de l’en-tête Expect ne peut pas être satisfaite."),
}


def _whole_answer(status: int, content_type: str, body: bytes) -> bytes:
    lines = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {content_type}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
        "Connection: close",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def _refusal(error: ParseException) -> bytes:
    """The whole answer to a request that cannot be read: a page for an address too long, else a problem document."""
    if isinstance(error, LimitRequestLine):
        return _whole_answer(414, "text/html; charset=utf-8", _PAGE)
    status, code, detail = _REFUSED.get(type(error), (400, "bad_request", _ILLEGIBLE))
    document = {"type": f"/api/problemes#{code}", "title": CODES[code], "status": status, "code": code, "detail": detail}
    return _whole_answer(status, "application/problem+json", json.dumps(document, ensure_ascii=False).encode())


class _Body:
    """A request's body; what cannot be read of it is a broken reading, which the application answers as such."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int | None = None) -> bytes:
        """At most so many bytes, all of them without a size."""
        return self._told(self._body.read, size)

    def readline(self, size: int | None = None) -> bytes:
        """A line, or as much of it."""
        return self._told(self._body.readline, size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    @staticmethod
    def _told(reading: Callable[[int | None], bytes], size: int | None) -> bytes:
        try:
            return reading(size)
        except ParseException as error:
            raise OSError("a body that is not as HTTP writes it") from error


def with_legible_bodies(app: Any) -> Any:
    """The application, given bodies of which a broken piece is no fault of the program."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        return app(environ, start_response)

    return answer


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
        """Answer a request that cannot be read, in French, and tell nothing of it to any log."""
        if not isinstance(exc, ParseException) or isinstance(exc, _OURS):
            super().handle_error(req, client, addr, exc)
            return
        try:
            client.sendall(_refusal(exc))
            # what is left of the request is read first: a connection closed over it would take the answer back
            client.shutdown(socket.SHUT_WR)
            for _ in range(_MOST_READINGS):
                if not client.recv(65_536):
                    break
        except OSError:
            pass  # who asked is gone
