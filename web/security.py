"""What every answer carries and every request is held to: headers, sizes, no cookie, no query string in a log."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request

from web.access import OPEN

MAX_BODY_BYTES = 64 * 1024
_MAX_FORM_PARTS = 500

# An access log written with this format (gunicorn's) holds no query string, no referrer and no address of who asks.
ACCESS_LOG_FORMAT = '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'

_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the design system's stylesheet draws boxes and marks with data: images
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}


_KEPT = {"basemap.communes": 86_400, "widget.colours": 86_400, "widget.script": 3600}
"""Endpoint → seconds that anyone may keep its answer: it is the same for everyone, and says nothing of who asks."""


def protect(app: Flask, tiles: str = "") -> None:
    """Set the limits and headers on an application.

    Args:
        app: The application.
        tiles: Address of the maps' background, whose site images may then come from; empty for none.
    """
    parts = urlsplit(tiles)
    site = f" {parts.scheme}://{parts.netloc}" if tiles else ""
    directives = {**_DIRECTIVES, "img-src": _DIRECTIVES["img-src"] + site}
    usual = _policy(directives)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES, MAX_FORM_PARTS=_MAX_FORM_PARTS)

    def add_headers(response: Response) -> Response:
        own: dict[str, str] = g.get("allowed", {})
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _policy({**directives, **own}) if own else usual
        if request.is_secure:  # only there do browsers heed it
            response.headers["Strict-Transport-Security"] = f"max-age={365 * 24 * 3600}"
        if "frame-ancestors" in own:
            del response.headers["X-Frame-Options"]  # it can name no site
            # a site that isolates its pages asks the same of what it frames
            response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if _is_embeddable():
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.path.startswith("/api/"):
            # which site may read an answer is said by the API (web.api.callers), and how long it is kept
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            response.headers["Cache-Control"] = _cache_control(response)
        return response

    app.after_request(add_headers)


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def allow(directive: str, *sources: str) -> None:
    """Allow these sources in the policy of the answer under way, in place of the pages' own."""
    g.allowed = {**g.get("allowed", {}), directive: " ".join(sources)}


def _is_embeddable() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "sharing", "") == OPEN


def _cache_control(response: Response) -> str:
    if request.endpoint in _KEPT and response.status_code < 400:
        return f"public, max-age={_KEPT[request.endpoint]}"
    # computers are shared: no page may be found again by the next person
    if request.endpoint != "static" or response.status_code >= 400:
        return "no-store"
    # an address with a version changes with the file's content (web.theme)
    return "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=86400"
