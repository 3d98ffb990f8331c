"""Problem documents (RFC 9457): codes in English, sentences in French."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response
from pydantic import ValidationError
from pydantic_core import to_json

from directory import errors as core
from directory.errors import RelaisError
from matching.errors import CohortError, MatchingError, ProfileError
from web.api.refusals import ApiError, FieldError, InvalidRequest

CODES: dict[str, str] = {
    "bad_request": "Demande incomprise",
    "invalid_request": "Paramètre ou corps refusé",
    "invalid_value": "Valeur refusée",
    "invalid_query": "Recherche refusée",
    "invalid_cursor": "Curseur refusé",
    "invalid_profile": "Profil incomplet ou contradictoire",
    "invalid_cohort": "Cohorte incomplète ou contradictoire",
    "malformed_body": "Corps illisible",
    "unsupported_media_type": "Type de contenu refusé",
    "unclear_place": "Lieu inconnu ou ambigu",
    "key_required": "Clé nécessaire",
    "key_invalid": "Clé refusée",
    "scope_missing": "Clé sans ce droit",
    "origin_not_allowed": "Site non autorisé",
    "not_found": "Adresse inconnue",
    "listing_not_found": "Fiche inconnue",
    "commune_not_found": "Commune inconnue",
    "method_not_allowed": "Méthode refusée",
    "body_too_large": "Demande trop volumineuse",
    "headers_too_large": "En-têtes trop volumineux",
    "conflict": "Demande en conflit",
    "precondition_failed": "Version attendue dépassée",
    "too_many_requests": "Trop de demandes",
    "internal_error": "Une erreur est survenue",
    "unavailable": "Service momentanément indisponible",
}
"""Every code, and its title."""

_OF_STATUS = {
    400: "bad_request",
    401: "key_invalid",
    403: "scope_missing",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}
_OF_CLASS: dict[type[RelaisError], str] = {
    core.InvalidValue: "invalid_value",
    core.InvalidQuery: "invalid_query",
    core.ListingNotFound: "listing_not_found",
    ProfileError: "invalid_profile",
    CohortError: "invalid_cohort",
    MatchingError: "internal_error",
}
_PARAMETERS = {"cursor": "suite"}
"""Field of the core’s question → the parameter that gives it."""
_TEXTS = {
    404: "Cette adresse n’existe pas dans l’API. Les adresses sont décrites dans /api/docs.",
    405: "Cette adresse ne répond pas à cette méthode.",
    412: "Ce contenu n’est plus celui que nomme l’en-tête If-Match.",
    413: "La demande dépasse la taille acceptée.",
    429: "Le nombre de demandes permis est atteint : attendre le délai que donne l’en-tête Retry-After, ou demander une clé.",
    500: "L’erreur vient du service et non de la demande. Elle a été enregistrée, sans rien de ce qui a été envoyé.",
    503: "L’annuaire ne peut pas répondre pour l’instant. Réessayer dans quelques minutes.",
}


def problem(status: int, error: RelaisError | None = None) -> Response:
    """The problem document of a status, with what an error of ours says of it (nothing of what broke inside)."""
    told = error if error is not None and status < 500 else None
    code = code_of(told) if told else _OF_STATUS.get(status, "bad_request")
    document: dict[str, Any] = {
        "type": f"/api/problemes#{code}",
        "title": CODES[code],
        "status": int(status),
        "code": code,
        "detail": told.public if told else _TEXTS.get(status, "Cette demande ne peut pas être satisfaite."),
    }
    if errors := _fields(told):
        document["errors"] = [{"field": each.field, "code": each.code, "message": each.message} for each in errors]
    if suggestions := getattr(told, "suggestions", ()):
        document["suggestions"] = list(suggestions)
    answer = Response(to_json(document), status, content_type="application/problem+json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Relais"'
    return answer


def code_of(error: RelaisError) -> str:
    """The code of an error of ours."""
    if isinstance(error, ApiError):
        return error.code
    if isinstance(error, core.InvalidQuery) and error.field == "cursor":
        return "invalid_cursor"
    return next((_OF_CLASS[kind] for kind in type(error).__mro__ if kind in _OF_CLASS), "bad_request")


def _fields(error: RelaisError | None) -> Sequence[FieldError]:
    if isinstance(error, InvalidRequest):
        return error.errors
    field = getattr(error, "field", "")
    field = _PARAMETERS.get(field, field) if isinstance(error, core.InvalidQuery) else field
    return (FieldError(field, code_of(error), error.public),) if error and field else ()


# ---------------------------------------------------------------- what pydantic refuses, in French

_MESSAGES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas.",
    "string_type": "Un texte est attendu.",
    "string_too_long": "Le texte dépasse {max_length} caractères.",
    "string_too_short": "Le texte est trop court.",
    "string_pattern_mismatch": "Le texte n’a pas la forme attendue.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_from_float": "Un nombre entier est attendu.",
    "float_type": "Un nombre est attendu.",
    "float_parsing": "Un nombre est attendu.",
    "finite_number": "Un nombre est attendu.",
    "bool_type": "Vrai ou faux (true, false) est attendu.",
    "greater_than": "La valeur doit dépasser {gt}.",
    "greater_than_equal": "La valeur est au moins {ge}.",
    "less_than_equal": "La valeur est au plus {le}.",
    "literal_error": "Valeurs possibles : {expected}.",
    "enum": "Valeurs possibles : {expected}.",
    "date_type": "Une date (AAAA-MM-JJ) est attendue.",
    "date_parsing": "Une date (AAAA-MM-JJ) est attendue.",
    "date_from_datetime_parsing": "Une date (AAAA-MM-JJ) est attendue.",
    "list_type": "Une liste est attendue.",
    "too_long": "La liste dépasse {max_length} valeurs.",
    "too_short": "La liste compte au moins {min_length} valeur(s).",
    "model_type": "Un objet JSON est attendu.",
    "string_unicode": "Le texte n’est pas de l’Unicode valide.",
    "repeated": "Ce paramètre n’est donné qu’une fois.",
}
_MOST_ERRORS = 20


def refuse(error: ValidationError) -> Response:
    """Raise what a request's model refused, without the values that it quotes."""
    found = error.errors(include_url=False, include_input=False, include_context=True)[:_MOST_ERRORS]
    raise InvalidRequest([_field_error(each) for each in found]) from None


def _field_error(found: Any) -> FieldError:
    context = {**found.get("ctx", {})}
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", ", ").replace("'", "")[:300]
    message = _MESSAGES.get(found["type"], "Cette valeur n’est pas acceptée.").format_map(context)
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]).removeprefix(".")
    return FieldError(field=name[:200], code=found["type"], message=message)
