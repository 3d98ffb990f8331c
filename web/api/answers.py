"""Answers of the API: JSON with a validator, conditional (``web.compression`` compresses it); or a file, streamed compressed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator

from flask import Flask, Response, request
from pydantic_core import to_json

from web.api.callers import in_api
from web.api.problems import problem

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 64 * 1024


def install(app: Flask) -> None:
    """Finish every answer of the API: how long it is kept, and conditions."""
    app.after_request(_finish)


def answer(data: object, *, content_type: str = "application/json", **headers: str) -> Response:
    """An answer, as JSON unless it is text already; reading again is conditional on its content (ETag)."""
    body = data if isinstance(data, str | bytes) else to_json(data)
    response = Response(body, content_type=content_type)
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def streamed(parts: Iterable[str], content_type: str, name: str) -> Response:
    """A file sent as it is made, compressed for who accepts it; nothing of it is held whole."""
    chunks = _gather(parts)
    head = request.method == "HEAD"
    # of a file that is made as it is sent nobody knows the length, with HEAD as little as with GET
    response = Response(iter(()) if head else chunks, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if _accepts_gzip():
        if not head:
            response.response = _compress(chunks)
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _gather(parts: Iterable[str]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part.encode())
        size += len(held[-1])
        if size >= _CHUNK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _compress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    squeezer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        if squeezed := squeezer.compress(chunk):
            yield squeezed
    yield squeezer.flush()


def _accepts_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def _finish(response: Response) -> Response:
    if not in_api():
        return response
    if "Cache-Control" not in response.headers:
        # answers of a match are of a person: nobody keeps them
        again = request.method in {"GET", "HEAD"} and response.status_code in {200, 304}
        response.headers["Cache-Control"] = "private, no-cache" if again else "no-store"
    if response.is_streamed or response.direct_passthrough or response.status_code != 200:
        return response
    if request.method in {"GET", "HEAD"}:
        if response.get_etag()[0] is None:
            # weak: the same content may be sent compressed or not
            response.set_etag(hashlib.blake2b(response.get_data(), digest_size=12).hexdigest(), weak=True)
        response.make_conditional(request)
        if response.status_code == 412:
            return problem(412)
    return response
