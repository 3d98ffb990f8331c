"""For the machines that watch: is the process alive, may it be sent visitors, and its figures."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, jsonify, request

from web.access import public, services
from web.watching import metrics

pages = Blueprint("health", __name__)


@pages.get("/sante")
@public
def sante() -> tuple[Response, int]:
    """Whether visitors may be sent here: directory and index answer. 200, else 503."""
    core = services()
    revision = core.repository.revision()
    indexed = core.index.revision()
    ready = indexed is not None
    body = jsonify(statut="ok" if ready else "index absent", annuaire=revision, index=indexed, a_jour=indexed == revision)
    return body, 200 if ready else 503


@pages.get("/sante/vivant")
@public
def vivant() -> Response:
    """Whether this process answers, whatever the state of what it asks: it is started again when this fails, and only then."""
    return jsonify(statut="ok")


@pages.get("/metrics")
@public
def figures() -> Response:
    """The figures, for whoever holds RELAIS_METRICS_KEY; to anyone else there is no such page."""
    core = services()
    key = core.settings.metrics_key
    given = request.headers.get("Authorization", "")
    if not key or not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
        abort(404)
    return Response(metrics().write(core), mimetype="text/plain; version=0.0.4; charset=utf-8")
