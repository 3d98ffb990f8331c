"""Who is signed in, and what every request of an account is held to: its role, its session, the token of its form."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response

from directory.accounts import AccountsClosed, NotPermitted
from directory.errors import DatabaseError
from directory.field_labels import field_label
from directory.models.accounts import CURATORS, Account
from directory.models.dossiers import DIPLOMA_LABELS, STATE_LABELS, STEP_LABELS
from directory.settings import is_loopback
from web.access import FileTooLarge, services
from web.security import MAX_BODY_BYTES
from web.tokens import LASTS, Token, make_token, read_token

TOKEN = "jeton"  # noqa: S105 - the name of a field
"""The hidden field of every form that an account sends."""

_KEY = "forms"
_SESSION_KEY = "sessions"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SECRET, _FORM = "s", "f"
_MACHINE = frozenset({"version", "vu", "cle", "geste", "dep", "relu", "suite", "referent"})
"""Fields that a page fills in by itself."""
_FIELDS = {
    "etat": "Où en est-on",
    "naissance": "Mois de naissance",
    "diplome": "Diplôme préparé",
    "metier": "Métier ou domaine visé",
    "rappel": "Rappel",
    "note": "Note",
    "partenaire": "Organisme",
    "etape": "Ce qu’a donné la démarche",
    "dossier": "Dossier",
    "email": "Adresse électronique",
    "raison": "Raison",
    "valeur": "Valeur",
    "liste": "Nom de la liste",
}
"""What the fields of accounts' forms are called, where what was typed is shown again."""


def install(app: Flask, public_url: str) -> None:
    """Read the session of each request, and hold the routes of accounts to what they declare."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-relais" if public_url.startswith("https") else "relais",
        SESSION_COOKIE_SECURE=public_url.startswith("https"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.session_interface = _Sessions()
    app.before_request(_identify)
    app.before_request(_guard)
    app.context_processor(
        lambda: {"account": g.get("account"), "form_token": form_token, "curators": CURATORS, "reminders": _count_reminders}
    )


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie. Its key is random, made in the database at the first need: no secret is set, none has a default."""

    def open_session(self, app: Flask, request: Request) -> Any:
        # who brings no cookie has nothing to verify: the key is not asked of a database that may be away
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: Any, response: Any) -> None:
        if session is not None:  # it could not be opened: the error's page is all there is
            super().save_session(app, session, response)

    def get_signing_serializer(self, app: Flask) -> Any:
        if not app.secret_key:
            app.secret_key = services().repository.signing_key(_SESSION_KEY)
        return super().get_signing_serializer(app)


def sign_in(account: Account) -> None:
    """Open a session: a new secret, whatever the browser held before.

    Raises:
        AccountsClosed: The address is not private on the way.
    """
    check_private()
    sign_out()
    session[_SECRET] = services().repository.accounts.open_session(account, services().clock())
    g.account = account


def sign_out() -> None:
    """Close the session that the browser holds, and forget all that its cookie says."""
    held = session.get(_SECRET)
    if held:
        services().repository.accounts.close_session(held)
    session.clear()
    g.account = None


def check_private() -> None:
    """Let the request pass when nobody on the way can read it.

    Raises:
        AccountsClosed: It came in clear, from another machine.
    """
    if not services().settings.public_url and not is_loopback(urlsplit(request.host_url).hostname):
        raise AccountsClosed


def own_address() -> str:
    """The address of the pages, for links that are followed from elsewhere. Never what the request says of its host."""
    return services().settings.public_url or request.host_url.rstrip("/")


def form_token() -> str:
    """A token for a form: it binds it to this session, for some hours."""
    core = services()
    return make_token(core.repository.signing_key(_KEY), _purpose(), core.clock())


def read_form() -> Token | None:
    """The token of the form that was sent (or of the address, for a link that acts); None when it is not of this session."""
    core = services()
    return read_token(core.repository.signing_key(_KEY), _purpose(), request.values.get(TOKEN, ""), core.clock())


def nonce() -> str:
    """What tells the form that was sent from every other: sent twice, it is one thing."""
    return str(g.form.nonce)


def typed() -> list[tuple[str, str]]:
    """What the form holds, without its token and its secrets."""
    return [(name, value) for name, value in request.form.items(multi=True) if name != TOKEN and not name.startswith("secret")]


def readable(typed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was typed as people read it: the names of the fields in French, without what the page itself had put there."""
    words = {str(value): label for labels in (STATE_LABELS, DIPLOMA_LABELS, STEP_LABELS) for value, label in labels.items()}
    return [
        (_FIELDS.get(name) or field_label(name), words.get(value, value))
        for name, value in typed
        if value and name not in _MACHINE
    ]


def _purpose() -> str:
    held = session.get(_SECRET) or session.get(_FORM)
    if not held:
        held = session[_FORM] = secrets.token_urlsafe(16)
    return f"form {held}"


def _count_reminders() -> int:
    try:
        return services().repository.dossiers.count_due(g.account, services().clock().date())
    except DatabaseError:  # an error's page is shown all the same
        return 0


def _identify() -> None:
    g.account = None
    if (
        request.endpoint == "static"
        or request.path.startswith("/api/")
        or current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
    ):
        return
    held = session.get(_SECRET)
    if held:
        g.account = services().repository.accounts.find_session(held, services().clock())


def _guard() -> Response | None:
    """Refuse what the route does not allow.

    Raises:
        NotPermitted: Another role is asked, or the form comes from another site.
    """
    if request.endpoint is None:
        return None  # no such page
    access: object = getattr(current_app.view_functions[request.endpoint], "access", frozenset())
    if not isinstance(access, frozenset):
        return None
    check_private()
    if request.method not in _SAFE:
        check_site()
    if g.account is None:
        return _ask_to_sign_in()
    if g.account.role not in access:
        raise NotPermitted
    if getattr(current_app.view_functions[request.endpoint], "takes_files", False):
        # before the form is read, and after who sends it is known
        most = services().settings.max_upload_mb
        request.max_content_length = most * 1_000_000 + MAX_BODY_BYTES
        if (request.content_length or 0) > request.max_content_length:
            raise FileTooLarge(most)
        # a file is read by pieces of 64 KiB beside what is left of the piece before: both count
        request.max_form_memory_size = 2 * MAX_BODY_BYTES
    return None if request.method in _SAFE else _check_token()


def check_site() -> None:
    """Let a form pass that comes from these pages; what browsers that do not say it send is held by the token.

    Raises:
        NotPermitted: The browser says that another site sends it.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise NotPermitted("site")


def _ask_to_sign_in() -> Response:
    if request.method in _SAFE:
        return redirect(url_for("accounts.sign_in_form", suite=request.full_path.rstrip("?")), 303)
    return _again("La session est terminée", 401)


def _check_token() -> Response | None:
    token = read_form()
    if token is None or token.expired:
        return _again("À relire avant d’envoyer", 422)
    g.form = token
    return None


def _again(title: str, status: int) -> Response:
    """What was typed, to be sent again: nothing of it is lost, and nothing was done."""
    page = render_template(
        "again.html",
        title=title,
        typed=typed(),
        seen=readable(typed()),
        path=request.full_path.rstrip("?"),
        hours=int(LASTS.total_seconds() // 3600),
    )
    return make_response(page, status)
