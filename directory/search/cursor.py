"""Cursors: where the next page starts, signed so that only the same question on the same index can use it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace

from directory.errors import InvalidQuery
from directory.search.types import SearchQuery

_OFFSET_BYTES, _SEAL_BYTES = 4, 12


def write_cursor(offset: int, query: SearchQuery, key: str) -> str:
    """The cursor of the page that starts at ``offset`` (0-based rank) of this question's answers.

    Args:
        offset: Of the next page's first answer.
        query: The question, whatever its own cursor.
        key: Secret of the index as it stands; another one after each change, so that a stale cursor is noticed.
    """
    start = offset.to_bytes(_OFFSET_BYTES, "big")
    return base64.urlsafe_b64encode(start + _seal(start, query, key)).decode("ascii")


def read_cursor(query: SearchQuery, key: str) -> int:
    """The offset that the question's cursor names; 0 without one.

    Raises:
        InvalidQuery: The cursor was forged, belongs to another question, or to an index that changed since.
    """
    if query.cursor is None:
        return 0
    try:
        content = base64.b64decode(query.cursor.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _refused() from error
    start, seal = content[:_OFFSET_BYTES], content[_OFFSET_BYTES:]
    if not hmac.compare_digest(seal, _seal(start, query, key)):
        raise _refused()
    return int.from_bytes(start, "big")


def _seal(start: bytes, query: SearchQuery, key: str) -> bytes:
    # the page's size and the facets may change from one page to the next; the question may not
    question = replace(query, cursor=None, limit=1, with_facets=True, filters={})
    filters = sorted((name, sorted(values)) for name, values in query.filters.items())
    message = start + repr((question, filters)).encode("utf-8", "backslashreplace")
    return hmac.new(bytes.fromhex(key), message, hashlib.sha256).digest()[:_SEAL_BYTES]


def _refused() -> InvalidQuery:
    return InvalidQuery(
        "cursor", "forged or stale", public="Cette suite de résultats n’est plus valable : relancer la recherche."
    )
