"""Each request watched: its id, how long it takes, what it asks of the database; measured, and told where it is slow."""

from __future__ import annotations

import logging
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, g, request

from directory import tracing
from directory.settings import Settings

if TYPE_CHECKING:
    from web.metrics import Metrics

HEADER = "X-Request-ID"
_METRICS = "relais-metrics"
_UNKNOWN = "(inconnue)"
_log = logging.getLogger(__name__)


def install(app: Flask, settings: Settings, shared_metrics: Path | None) -> None:
    """Watch every request of an application. Before all else, so that what the others do is seen.

    Args:
        app: The application.
        settings: When a request is slow; whether the proxy's ids are believed.
        shared_metrics: Where the processes of the server keep their counts; None when this one is alone.
    """
    # the library decides at its import whether several processes are added up: `relais serve` says so before
    from web.metrics import Metrics  # noqa: PLC0415

    app.extensions[_METRICS] = Metrics(shared_metrics)

    def begin() -> None:
        # an id that is not our proxy's could be anything that a visitor wants to see in a log
        given = request.headers.get(HEADER, "") if settings.proxies else ""
        known = re.fullmatch(r"[0-9A-Za-z._-]{8,64}", given, re.ASCII)
        g.trace, g.started = tracing.Trace(given if known else secrets.token_hex(8)), time.perf_counter()
        tracing.begin(g.trace)

    def end(response: Response) -> Response:
        trace: tracing.Trace = g.trace
        response.headers[HEADER] = trace.id
        seconds, route = time.perf_counter() - g.started, route_of()
        metrics().tell_request(route, request.method, response.status_code, seconds, trace)
        slow = bool(settings.slow_ms) and seconds * 1000 >= settings.slow_ms
        said = {
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "queries": trace.queries,
            "query_ms": round(trace.query_s * 1000, 1),
        }
        _log.log(logging.WARNING if slow else logging.INFO, "slow request" if slow else "request", extra=said)
        return response

    def forget(_error: BaseException | None) -> None:
        tracing.begin(None)

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(forget)


def metrics() -> Metrics:
    """What the application under way measures."""
    return cast("Metrics", current_app.extensions[_METRICS])


def route_of() -> str:
    """The rule that was asked: a path may hold a link that chooses a password, or the code of a student."""
    return request.url_rule.rule if request.url_rule else _UNKNOWN
