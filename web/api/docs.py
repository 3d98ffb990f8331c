"""The description (OpenAPI 3.1), its pages, and the page of the codes of refusals. Nothing is asked of a third party."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, send_from_directory
from flask_openapi.openapi import OpenAPI

from web.access import embeddable, public
from web.api.answers import answer
from web.api.blueprint import PREFIX, blueprint
from web.api.deprecation import ending_of
from web.api.problems import CODES

pages = Blueprint("api_docs", __name__)
SUMMARY = (
    "Annuaire des partenaires du parcours Ambition emploi, et propositions pour un élève. "
    "La lecture est ouverte à tous, dans de petites limites ; une clé en donne de plus larges. "
    "Mode d’emploi, pagination, limites et durée de vie des versions : docs/api.md."
)
INFO: dict[str, Any] = {
    "title": "API de Relais",
    "version": "1.0.0",
    "description": SUMMARY,
    "license": {"name": "MIT", "identifier": "MIT"},
}
KEY: dict[str, Any] = {
    "cle": {"type": "http", "scheme": "bearer", "description": "Une clé de l’API : « Authorization: Bearer relais_… »."}
}
_ASSETS = {"swagger-ui.css": "css", "swagger-ui-bundle.js": "js"}


@pages.get(f"{PREFIX}/openapi.json")
@embeddable
@public
def description() -> Response:
    """The description, made from the code."""
    return answer(describe())


@pages.get("/api/docs")
@public
def browse() -> str:
    """The description for people."""
    return render_template("api_docs.html", description=f"{PREFIX}/openapi.json")


@pages.get("/api/problemes")
@public
def problems() -> str:
    """The codes of refusals."""
    return render_template("api_problems.html", codes=CODES)


@pages.get("/api/docs/<name>")
@public
def asset(name: str) -> Response:
    """A file of Swagger UI, as its package has it."""
    if name not in _ASSETS:
        abort(404)
    folder = Path(str(resources.files("flask_openapi_swagger"))) / "templates" / "swagger" / _ASSETS[name]
    response = send_from_directory(folder, name)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def describe() -> dict[str, Any]:
    """The description of the running application."""
    app = current_app
    if not isinstance(app, OpenAPI):
        raise TypeError("the application was not made by create_app")
    described = _tidy(app.api_doc)
    for path in described["paths"].values():
        for operation in path.values():
            if ending_of(f"{blueprint.name}.{operation['operationId']}"):
                operation["deprecated"] = True
    return described


def _tidy(described: dict[str, Any]) -> dict[str, Any]:
    """The description without the copies of shared models that the library leaves inside each."""
    for schema in described["components"]["schemas"].values():
        schema.pop("$defs", None)
    return described
