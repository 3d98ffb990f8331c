"""The blueprint of the API's first version, and what all of its routes may answer."""

from __future__ import annotations

from typing import Any

from flask_openapi.blueprint import APIBlueprint

from directory.models.keys import ApiScope

VERSION = "v1"
PREFIX = f"/api/{VERSION}"
_REFUSALS = {
    400: "Demande incomprise, ou curseur refusé",
    401: "Clé nécessaire, ou refusée",
    403: "La clé n’ouvre pas cela, ou pas depuis ce site",
    413: "Demande trop volumineuse",
    422: "Paramètre ou corps refusé",
    429: "Trop de demandes : voir Retry-After",
    500: "Erreur du service",
    503: "Service momentanément indisponible",
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def refusals(*more: int) -> dict[str | int, Any]:
    """The problem documents of these statuses, beside those of every route."""
    texts = {
        **_REFUSALS,
        404: "Introuvable",
        415: "Corps qui n’est pas du JSON",
        304: "Inchangé",
        412: "Version attendue dépassée (If-Match)",
    }
    return {
        str(status): {"description": texts[status], **({} if status == 304 else {"content": _PROBLEM})}
        for status in sorted({*_REFUSALS, *more, *((412,) if 304 in more else ())})
    }


def secured(scope: ApiScope | None = None) -> list[dict[str, list[str]]]:
    """How a route is opened: by a key, or without one for what anyone may read."""
    return [{"cle": [str(scope)]}] if scope else [{}, {"cle": []}]


def operation_id(*, name: str, **_: object) -> str:
    """The view's own name."""
    return name


blueprint = APIBlueprint("api", __name__, url_prefix=PREFIX, operation_id_callback=operation_id)
