"""How the end of a route is announced: ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594), a link, and the description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Flask, Response, current_app, request
from werkzeug.http import http_date

from web.access import View

LEAST = timedelta(days=365)
"""How long what is announced still answers, at least."""


@dataclass(frozen=True, slots=True)
class Ending:
    """When a route's end was announced, when it comes, and the page that says what to change."""

    announced: date
    ends: date
    page: str


def deprecated(announced: date, ends: date, page: str) -> Callable[[View], View]:
    """Announce the end of a route.

    Raises:
        ValueError: It would come before the twelve months that are promised.
    """
    if ends - announced < LEAST:
        raise ValueError(f"announced on {announced}, it may not end on {ends}")

    def declare(view: View) -> View:
        view.ending = Ending(announced, ends, page)  # type: ignore[attr-defined]
        return view

    return declare


def install(app: Flask) -> None:
    """Announce, in every answer of a route, that it ends."""
    app.after_request(_announce)


def ending_of(endpoint: str | None) -> Ending | None:
    """What was announced of a route; None when it goes on."""
    found: Ending | None = getattr(current_app.view_functions.get(endpoint or ""), "ending", None)
    return found


def _announce(response: Response) -> Response:
    ending = ending_of(request.endpoint)
    if ending is not None:
        response.headers["Deprecation"] = f"@{int(_start_of(ending.announced).timestamp())}"
        response.headers["Sunset"] = http_date(_start_of(ending.ends))
        response.headers.add("Link", f'<{ending.page}>; rel="deprecation"; type="text/html"')
    return response


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
