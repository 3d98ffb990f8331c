"""From an error to an answer: one table gives the status; people get a French page, programs a problem document (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from directory import accounts, api_keys, campaigns, companies, dossiers
from directory import errors as core
from directory.company_register import RegisterUnavailable
from directory.http import FetchError, ForbiddenAddress
from directory.link_checking import NetworkDown
from directory.mail import MailError
from matching.errors import CohortError, MatchingError, ProfileError
from web.access import FileTooLarge
from web.api import callers, refusals
from web.api.problems import problem
from web.openid import AnotherLycee, NoLycee, ProviderFailed, ProviderSilent, UnknownPerson
from web.params import UnknownField
from web.printing import PdfUnavailable
from web.watching import metrics, route_of

_log = logging.getLogger(__name__)

# Each class, or one above it that is not the root, stands here: a test checks it over all of them.
STATUS: dict[type[core.RelaisError], HTTPStatus] = {
    core.RelaisError: HTTPStatus.INTERNAL_SERVER_ERROR,
    core.DirectoryError: HTTPStatus.INTERNAL_SERVER_ERROR,
    core.InvalidValue: HTTPStatus.BAD_REQUEST,
    core.ExportError: HTTPStatus.INTERNAL_SERVER_ERROR,
    core.InvalidSetting: HTTPStatus.INTERNAL_SERVER_ERROR,
    core.JudgementRefused: HTTPStatus.CONFLICT,
    core.NothingToUndo: HTTPStatus.CONFLICT,
    core.RunNotUndoable: HTTPStatus.CONFLICT,
    core.StatementOutdated: HTTPStatus.CONFLICT,
    core.ListingNotFound: HTTPStatus.NOT_FOUND,
    core.DoubtNotFound: HTTPStatus.NOT_FOUND,
    core.ReportNotFound: HTTPStatus.NOT_FOUND,
    core.TooManyReports: HTTPStatus.TOO_MANY_REQUESTS,
    core.PairNotFound: HTTPStatus.NOT_FOUND,
    core.RunNotFound: HTTPStatus.NOT_FOUND,
    core.UploadNotFound: HTTPStatus.NOT_FOUND,
    core.DatabaseError: HTTPStatus.SERVICE_UNAVAILABLE,
    core.DatabaseBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    core.BackupRefused: HTTPStatus.CONFLICT,
    core.SearchError: HTTPStatus.SERVICE_UNAVAILABLE,
    core.IndexUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    core.InvalidQuery: HTTPStatus.BAD_REQUEST,
    core.GeocodingError: HTTPStatus.SERVICE_UNAVAILABLE,
    FetchError: HTTPStatus.SERVICE_UNAVAILABLE,
    ForbiddenAddress: HTTPStatus.BAD_REQUEST,
    NetworkDown: HTTPStatus.SERVICE_UNAVAILABLE,
    MatchingError: HTTPStatus.INTERNAL_SERVER_ERROR,
    CohortError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ProfileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownField: HTTPStatus.BAD_REQUEST,
    ProviderFailed: HTTPStatus.BAD_REQUEST,
    ProviderSilent: HTTPStatus.SERVICE_UNAVAILABLE,
    UnknownPerson: HTTPStatus.FORBIDDEN,
    AnotherLycee: HTTPStatus.FORBIDDEN,
    NoLycee: HTTPStatus.FORBIDDEN,
    PdfUnavailable: HTTPStatus.NOT_IMPLEMENTED,
    accounts.AccountNotFound: HTTPStatus.NOT_FOUND,
    accounts.AccountExists: HTTPStatus.CONFLICT,
    accounts.AccountNeeded: HTTPStatus.CONFLICT,
    accounts.LinkRefused: HTTPStatus.GONE,
    accounts.SignInNeeded: HTTPStatus.UNAUTHORIZED,
    accounts.NotPermitted: HTTPStatus.FORBIDDEN,
    FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    accounts.AccountsClosed: HTTPStatus.FORBIDDEN,
    dossiers.DossierNotFound: HTTPStatus.NOT_FOUND,
    dossiers.DossierChanged: HTTPStatus.CONFLICT,
    dossiers.DossierRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    campaigns.PartnerLinkRefused: HTTPStatus.GONE,
    campaigns.MailOff: HTTPStatus.CONFLICT,
    MailError: HTTPStatus.SERVICE_UNAVAILABLE,
    core.CampaignNotFound: HTTPStatus.NOT_FOUND,
    core.AnswerNotFound: HTTPStatus.NOT_FOUND,
    RegisterUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    companies.EntryNotFound: HTTPStatus.NOT_FOUND,
    companies.PersonOpposed: HTTPStatus.CONFLICT,
    companies.EntryChanged: HTTPStatus.CONFLICT,
    companies.PeriodOverlaps: HTTPStatus.CONFLICT,
    api_keys.KeyNotFound: HTTPStatus.NOT_FOUND,
    api_keys.KeyClosed: HTTPStatus.CONFLICT,
    refusals.ApiError: HTTPStatus.BAD_REQUEST,
    refusals.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.CommuneNotFound: HTTPStatus.NOT_FOUND,
    refusals.UnclearPlace: HTTPStatus.UNPROCESSABLE_ENTITY,
    refusals.NotJson: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    refusals.KeyRefused: HTTPStatus.UNAUTHORIZED,
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
}

_TITLES: dict[int, str] = {
    400: "Demande incomprise",
    403: "Accès refusé",
    404: "Page introuvable",
    405: "Demande refusée",
    410: "Ce lien n’ouvre plus rien",
    413: "Demande trop volumineuse",
    422: "Demande incomplète ou contradictoire",
    500: "Une erreur est survenue",
    503: "Service momentanément indisponible",
}
_TEXTS: dict[int, str] = {
    400: "La demande reçue n’a pas la forme attendue.",
    404: "Cette page n’existe pas ou n’existe plus. L’adresse est peut-être incomplète.",
    405: "Cette page ne répond pas à ce type de demande.",
    413: "La demande dépasse la taille acceptée. Aucune de ces pages n’attend autant de texte.",
    422: "Une réponse du formulaire ne peut pas être comprise.",
    500: "L’erreur vient du service et non de votre demande. Elle a été enregistrée, sans rien de ce que vous avez saisi.",
    503: "L’annuaire ne peut pas répondre pour l’instant. Réessayez dans quelques minutes.",
}
_TOLD: tuple[type[core.RelaisError], ...] = (ProviderSilent,)
"""Errors of the service whose sentence is for whoever asked: it says what to do, and names nothing from inside."""
_PROGRAMS = frozenset({"/suggestions", "/lieux", "/metiers", "/lycees", "/sante", "/oembed"})


def install(app: Flask) -> None:
    """Handle every error of an application by the table."""
    app.register_error_handler(core.RelaisError, _answer_ours)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unforeseen)


def status_of(error: core.RelaisError) -> HTTPStatus:
    """The status of an error of ours: its class's, or the nearest class above it that the table has."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _answer_ours(error: core.RelaisError) -> tuple[str | Response, int]:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _tell(error)
        # what broke inside is told to the operator; the sentence of the core may name a path
        return _answer(status, error if isinstance(error, _TOLD) else None)
    return _answer(status, error)


def _answer_http(error: HTTPException) -> tuple[str | Response, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error  # a redirection
    body, status = _answer(error.code, None)
    if isinstance(body, str):
        body = Response(body, mimetype="text/html")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            body.headers[name] = value
    return body, status


def _answer_unforeseen(error: Exception) -> tuple[str | Response, int]:
    _tell(error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, None)


def _tell(error: Exception) -> None:
    metrics().tell_error(error)
    # not as exc_info, whose text any handler would write: it may quote what was typed
    _log.error("%s %s: %s", request.method, route_of(), type(error).__name__, extra={"error": core.describe(error)})


def _answer(status: int, error: core.RelaisError | None) -> tuple[str | Response, int]:
    if callers.in_api():
        return problem(status, error), status
    title = _TITLES.get(status, "Demande refusée")
    text = error.public if error else _TEXTS.get(status, "Cette demande ne peut pas être satisfaite.")
    if _asked_by_a_program():
        document = jsonify(type="about:blank", title=title, status=int(status), detail=text)
        document.mimetype = "application/problem+json"
        return document, status
    entering = request.blueprint in {"accounts", "identities"}
    reference = g.trace.id if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    told = {"title": title, "text": text, "status": int(status), "entering": entering, "reference": reference}
    return render_template("error.html", **told), status


def _asked_by_a_program() -> bool:
    return request.path in _PROGRAMS  # a refused method has no endpoint
