"""Cursors of the API's lists: where the next page starts, signed, and bound to the question that they continue."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence

from flask import current_app

from web.access import services
from web.api.refusals import InvalidCursor

_SEAL_BYTES = 16
_CURSORS = "api-cursors"


def write_cursor(question: Sequence[object], position: Sequence[int]) -> str:
    """The cursor that continues a question after a position.

    Args:
        question: What it is of: the list's name and every filter.
        position: Numbers that tell where the page ended.
    """
    place = json.dumps(list(position), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_seal(question, place) + place).decode().rstrip("=")


def read_cursor(question: Sequence[object], cursor: str, length: int) -> tuple[int, ...]:
    """The position that a cursor tells; zeros for an empty cursor.

    Raises:
        InvalidCursor: It was forged, or is another question's.
    """
    if not cursor:
        return (0,) * length
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor from error
    seal, place = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(question, place)):
        raise InvalidCursor
    position = tuple(json.loads(place))
    if len(position) != length:
        raise InvalidCursor
    return position


def _seal(question: Sequence[object], place: bytes) -> bytes:
    message = json.dumps([str(part) for part in question]).encode() + b"\0" + place
    return hmac.new(secret(_CURSORS), message, hashlib.sha256).digest()[:_SEAL_BYTES]


def secret(name: str) -> bytes:
    """A secret of this instance, read once by each application."""
    known: dict[str, bytes] = current_app.extensions.setdefault("relais-secrets", {})
    if name not in known:
        known[name] = services().repository.signing_key(name)
    return known[name]
