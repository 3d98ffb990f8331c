"""The Base Adresse Nationale's batch geocoding, played on the loopback: it knows a few invented addresses, and can misbehave."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import serving

# street → what the service knows of it: latitude, longitude, score, type
KNOWN = {
    "1 rue du Port inventé": (48.1109, -1.6800, 0.95, "housenumber"),
    "Rue des Exemples inventés": (48.1050, -1.6790, 0.88, "street"),
    "12 avenue incertaine": (48.1100, -1.6700, 0.52, "housenumber"),
    "3 place très lointaine": (43.3000, 5.4000, 0.97, "housenumber"),
    "Mairie inventée": (48.1110, -1.6790, 0.91, "municipality"),
}


@dataclass
class Ban:
    """The server's address, how it behaves, and what it was asked.

    Attributes:
        mood: ``well``, ``429``, ``500``, ``400``, ``slow``, ``garbage``, ``html``, ``partial``, ``nonsense`` or ``wearing``
            (well for two requests, then 503).
        asked: The rows received, in order.
        forms: The names of the form's fields, request by request.
    """

    url: str
    mood: str = "well"
    asked: list[dict[str, str]] = field(default_factory=list)
    forms: list[list[str]] = field(default_factory=list)


@contextmanager
def serve_ban() -> Iterator[Ban]:
    """The server, for the time of the block."""
    ban = Ban("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fields = _form(self.headers["Content-Type"], body)
            ban.forms.append([name for name, _ in fields])
            rows = list(csv.DictReader(io.StringIO(dict(fields)["data"])))
            ban.asked += rows
            status, answer = _behave(ban, rows)
            if ban.mood == "slow":
                threading.Event().wait(3)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            with suppress(OSError):  # a client that did not wait
                self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    with serving(Handler) as ban.url:
        yield ban


def _behave(ban: Ban, rows: list[dict[str, str]]) -> tuple[int, bytes]:
    if ban.mood in {"400", "429", "500"} or (ban.mood == "wearing" and len(ban.forms) > 2):
        return 503 if ban.mood == "wearing" else int(ban.mood), b"{}"
    if ban.mood == "garbage":
        return 200, bytes(range(256)) * 20
    if ban.mood == "html":
        return 200, b"<!DOCTYPE html><html><body>Maintenance</body></html>"
    if ban.mood == "partial":
        rows = rows[: len(rows) // 2]
    return 200, _answers(rows, nonsense=ban.mood == "nonsense")


def _answers(rows: list[dict[str, str]], *, nonsense: bool) -> bytes:
    table = io.StringIO()
    names = ("latitude", "longitude", "result_score", "result_type", "result_label", "result_status")
    writer: Any = csv.DictWriter(table, [*rows[0], *names] if rows else names)
    writer.writeheader()
    for row in rows:
        known = KNOWN.get(row["adresse"])
        if nonsense:
            found = ["inf", "n/a", "NaN", "housenumber", "", "ok"]
        elif known is None:
            found = ["", "", "", "", "", "not-found"]
        else:
            latitude, longitude, score, kind = known
            found = [str(latitude), str(longitude), str(score), kind, f"{row['adresse']} {row['commune']}", "ok"]
        writer.writerow(row | dict(zip(names, found, strict=True)))
    return table.getvalue().encode()


def _form(content_type: str, body: bytes) -> list[tuple[str, str]]:
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [
        (str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True).decode())
        for part in parts  # type: ignore[union-attr]
    ]
