"""The description (OpenAPI 3.1), its pages, and the page of the codes of refusals. Nothing is asked of a third party."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, send_from_directory, url_for
from flask_openapi.openapi import OpenAPI

from web.access import embeddable, public
from web.api.answers import answer
from web.api.blueprint import PREFIX, blueprint
from web.api.deprecation import ending_of
from web.api.problems import CODES

pages = Blueprint("api_docs", __name__)
SUMMARY = """Annuaire des partenaires du parcours Ambition emploi, et propositions pour un élève. La lecture est ouverte à tous,
dans de petites limites ; une clé en donne de plus larges.

**Un premier appel**, sans clé : `GET /api/v1/recherche?q=mission+locale&lieu=35300+Fougères`. Le bouton « Try it out » de chaque
adresse le fait d’ici.

**Une clé** s’obtient du responsable de ce service et s’envoie ainsi : `Authorization: Bearer relais_…`. Les propositions, les
cohortes et les fichiers en demandent une.

**Les pages** : `next` est le curseur de la page suivante, à renvoyer dans `suite` avec les mêmes autres paramètres.

**Les limites** sont dites par `RateLimit-Policy` et `RateLimit` ; au-delà, la réponse est 429 et `Retry-After` dit quand revenir.
Une réponse déjà reçue, redemandée avec son `ETag` (`If-None-Match`), coûte 304 et aucun corps.

**Les refus** sont des documents RFC 9457 : `code` ne change pas, `detail` est une phrase à montrer
([liste des codes](/api/problemes)).

**Une version** vit douze mois au moins après l’annonce de sa fin (`Deprecation`, `Sunset`) ; d’ici là elle ne fait que grandir :
ignorer les champs inconnus."""
INFO: dict[str, Any] = {
    "title": "API de Relais",
    "version": "1.0.0",
    "description": SUMMARY,
    "license": {"name": "MIT", "identifier": "MIT"},
}
KEY: dict[str, Any] = {
    "cle": {"type": "http", "scheme": "bearer", "description": "Une clé de l’API : « Authorization: Bearer relais_… »."}
}
_FAMILIES = {
    "Chercher": ("recherche", "fiches", "lieux", "vocabulaire", "sources"),
    "Proposer à des élèves": ("propositions", "cohortes"),
    "Tenir une copie": ("changements", "exports"),
    "Suivre": ("flux",),
}
"""The families of routes, in the order in which someone new needs them → the first words of their paths."""
_ASSETS = {"swagger-ui.css": "css", "swagger-ui-bundle.js": "js"}


@pages.get(f"{PREFIX}/openapi.json")
@embeddable
@public
def description() -> Response:
    """The description, made from the code."""
    return answer(describe())


@pages.get("/api")
@public
def home() -> Response:
    """Where who types the API's address is led."""
    return redirect(url_for("api_docs.browse"))  # type: ignore[return-value]


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
    families = {word: family for family, words in _FAMILIES.items() for word in words}
    rank = list(families)
    paths = described["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            if ending_of(f"{blueprint.name}.{operation['operationId']}"):
                operation["deprecated"] = True
            operation["tags"] = [families[_word(path)]]
            scopes = [scope for way in operation["security"] for scope in way.get("cle", ())]
            if scopes and not operation["summary"].endswith(_key_needed(scopes)):
                operation["summary"] += _key_needed(scopes)
    described["paths"] = dict(sorted(paths.items(), key=lambda item: rank.index(_word(item[0]))))
    described["tags"] = [{"name": family} for family in _FAMILIES]
    return described


def _word(path: str) -> str:
    return path.removeprefix(f"{PREFIX}/").partition("/")[0]


def _key_needed(scopes: list[str]) -> str:
    return f" Avec une clé : {', '.join(scopes)}."


def _tidy(described: dict[str, Any]) -> dict[str, Any]:
    """The description without the copies of shared models that the library leaves inside each."""
    for schema in described["components"]["schemas"].values():
        schema.pop("$defs", None)
    return described
