"""The API for programs, ``/api/v1``: ``make_app`` makes an application that can be described, ``install`` gives it the routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_openapi.openapi import OpenAPI

from directory.settings import Settings
from web.api import answers, bodies, callers, deprecation, docs, limits
from web.api.blueprint import blueprint
from web.api.problems import refuse
from web.api.routes import exports, feeds, listings, matching, reference, search
from web.api.schemas.base import Problem

__all__ = ["install", "make_app"]

ROUTES = (search, listings, matching, reference, exports, feeds)


def make_app(name: str, **options: Any) -> OpenAPI:
    """A Flask application whose API is described by its own code."""
    app: OpenAPI = OpenAPI(
        name,
        info=docs.INFO,
        security_schemes=docs.KEY,
        validation_error_callback=refuse,
        validation_error_model=Problem,
        doc_ui=False,
        **options,
    )
    # what we use of 3.2, the library's default, 3.1 has too; tools know 3.1
    app.openapi_version = "3.1.0"
    return app


def install(app: OpenAPI, settings: Settings) -> None:
    """Give an application the API's routes, and what every request and answer of theirs is held to."""
    # before a request, in this order: who asks, how much, what their key opens, what came
    callers.install(app)
    limits.install(app, settings.api_limits, settings.api_anonymous)
    bodies.install(app)
    # after it, the last installed is the first to run
    answers.install(app)
    deprecation.install(app)
    app.register_api(blueprint)
    app.register_blueprint(docs.pages)
    app.extensions["relais-lists"] = dict(_list_parameters(app))


def _list_parameters(app: OpenAPI) -> Iterator[tuple[str, frozenset[str]]]:
    """Endpoint → the parameters that may be given several times."""
    for path in app.api_doc["paths"].values():
        for operation in path.values():
            lists = [each["name"] for each in operation.get("parameters", ()) if each["schema"].get("type") == "array"]
            yield f"{blueprint.name}.{operation['operationId']}", frozenset(lists)
