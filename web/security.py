"""What every answer carries and every request is held to: headers, sizes, no cookie, no query string in a log."""

from __future__ import annotations

from flask import Flask, Response, request

MAX_BODY_BYTES = 64 * 1024
_MAX_FORM_PARTS = 500

# An access log written with this format (gunicorn's) holds no query string, no referrer and no address of who asks.
ACCESS_LOG_FORMAT = '%(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'

_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",  # the design system's stylesheet draws boxes and marks with data: images
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_HEADERS = {
    "Content-Security-Policy": "; ".join(_DIRECTIVES),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}


def protect(app: Flask) -> None:
    """Set the limits and headers on an application."""
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES, MAX_FORM_PARTS=_MAX_FORM_PARTS)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = _cache_control(response)
    return response


def _cache_control(response: Response) -> str:
    # computers are shared: no page may be found again by the next person
    if request.endpoint != "static" or response.status_code >= 400:
        return "no-store"
    # an address with a version changes with the file's content (web.theme)
    return "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=86400"
