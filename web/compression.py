"""Answers are compressed for whoever can read them so: on a school's line, the stylesheet of the State weighs a tenth."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

SMALLEST = 1000
"""Bytes below which nothing is gained."""
_PAGE_LEVEL, _FILE_LEVEL = 4, 9
_FILES = frozenset({"static", "widget.script"})
_TEXTS = (
    "text/",
    "application/json",
    "application/javascript",
    "image/svg+xml",
    "application/ld+json",
    "application/problem+json",
    "application/atom+xml",
)


def install(app: Flask) -> None:
    """Compress an application's answers.

    What is secret and what a visitor typed may share a page only where the secret changes with each page (``web.tokens``):
    the length of a compressed page otherwise tells of both.
    """
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not (response.mimetype or "").startswith(_TEXTS):
        return response
    response.vary.add("Accept-Encoding")
    accepted = request.accept_encodings["gzip"] > 0
    plain = response.status_code in {200, 422, 400, 404} and "Content-Encoding" not in response.headers
    if not accepted or not plain or request.method == "HEAD":
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < SMALLEST:
        return response
    response.set_data(_file(body) if request.endpoint in _FILES else gzip.compress(body, _PAGE_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    if etag := response.get_etag()[0]:
        response.set_etag(etag, weak=True)  # the same text, in other bytes
    return response


@lru_cache(maxsize=64)
def _file(body: bytes) -> bytes:
    return gzip.compress(body, _FILE_LEVEL, mtime=0)
