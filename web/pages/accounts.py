"""Signing in and out, and choosing a password by a link."""

from __future__ import annotations

import threading

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory import accounts
from directory.accounts import LINK_LASTS, LINKS, LinkRefused, check_link, check_password, make_link, parse_email, read_link
from directory.errors import InvalidValue
from directory.mail import send_letter
from directory.models.accounts import ROLE_LABELS, Account, Role
from web import sessions
from web.access import account as signed_in
from web.access import find_account, for_roles, public, services
from web.sessions import check_site, own_address, read_form
from web.throttle import may_try

pages = Blueprint("accounts", __name__)

_WRONG = "Adresse ou mot de passe inconnus."
_MANY = "Trop d’essais : attendez un quart d’heure, ou demandez un nouveau mot de passe à votre administrateur."
_STALE = "Cette page n’est plus valable : envoyez à nouveau."


@pages.get("/connexion")
@public
def sign_in_form() -> str:
    """The blank form; for whoever is signed in, who they are."""
    sessions.check_private()
    return _sign_in_page()


@pages.post("/connexion")
@public
def sign_in() -> str | tuple[str, int] | Response:
    """Open a session, or give the form back."""
    sessions.check_private()
    check_site()
    email, password = request.form.get("email", "")[:254], request.form.get("secret", "")
    email = email if email.isprintable() else ""
    token = read_form()
    if token is None or token.expired:
        return _sign_in_page(_STALE), 422
    if not may_try("sign-in", email):
        return _sign_in_page(_MANY), 429
    found = services().repository.accounts.check(email.strip().lower(), password[: accounts.LONGEST_PASSWORD + 1])
    if found is None:
        return _sign_in_page(_WRONG), 422
    sessions.sign_in(found)
    return redirect(next_path(request.form.get("suite", "")), 303)


@pages.post("/deconnexion")
@public
def sign_out() -> tuple[str, int] | Response:
    """Close the session, and send back to the start."""
    check_site()
    if find_account() is not None and read_form() is None:
        return _sign_in_page(_STALE), 422
    found = find_account()
    sessions.sign_out()
    return redirect(url_for("accounts.sign_in_form", ailleurs=1 if found and found.issuer else None), 303)


@pages.get("/mot-de-passe/<link>")
@public
def password_form(link: str) -> str:
    """The form in which a password is chosen."""
    sessions.check_private()
    return _password_page(account_of(link), link)


@pages.post("/mot-de-passe/<link>")
@public
def choose_password(link: str) -> str | tuple[str, int] | Response:
    """Keep the password, close every session of the account, and ask to sign in."""
    sessions.check_private()
    check_site()
    found = account_of(link)
    token, password = read_form(), request.form.get("secret", "")
    if token is None or token.expired:
        return _password_page(found, link, {"": _STALE}), 422
    errors = _refused(password, found)
    if errors:
        return _password_page(found, link, errors), 422
    if not services().repository.accounts.set_password(found, password):
        raise LinkRefused
    sessions.sign_out()
    return redirect(url_for("accounts.sign_in_form", choisi=1), 303)


@pages.get("/mot-de-passe")
@for_roles(*Role)
def own_password_form() -> str:
    """The form in which whoever is signed in chooses another password."""
    return _own_password_page()


@pages.post("/mot-de-passe")
@for_roles(*Role)
def change_password() -> tuple[str, int] | Response:
    """Keep another password, close every other session of the account, and open a new one here."""
    mine, kept = signed_in(), services().repository.accounts
    password = request.form.get("secret", "")
    if not may_try("sign-in", mine.email):
        return _own_password_page({"": _MANY}), 429
    if kept.check(mine.email, request.form.get("secret0", "")[: accounts.LONGEST_PASSWORD + 1]) is None:
        return _own_password_page({"secret0": "Ce n’est pas votre mot de passe actuel."}), 422
    errors = _refused(password, mine)
    if errors:
        return _own_password_page(errors), 422
    if not kept.set_password(mine, password):
        return _own_password_page({"": _STALE}), 409
    sessions.sign_in(kept.get_by_email(mine.email))
    return redirect(url_for("accounts.sign_in_form", choisi=1), 303)


@pages.get("/mot-de-passe-oublie")
@public
def forgotten_form() -> str:
    """The form that asks for a link; where no letter can be sent, whom to ask."""
    sessions.check_private()
    return _forgotten_page()


@pages.post("/mot-de-passe-oublie")
@public
def forgotten() -> str | tuple[str, int]:
    """Send a link; the answer is the same whether the account exists or not."""
    sessions.check_private()
    check_site()
    token = read_form()
    if token is None or token.expired:
        return _forgotten_page(error=_STALE), 422
    try:
        email = parse_email(request.form.get("email", ""))
    except InvalidValue as error:
        return _forgotten_page(wrong=error.public), 422
    if not may_try("forgotten", email):
        return _forgotten_page(error=_MANY), 429
    core = services()
    found = core.repository.accounts.find_by_email(email)
    if core.settings.smtp_url and found is not None and found.disabled_at is None:
        # apart, so that the time of the answer says nothing
        threading.Thread(
            target=_send_link, args=(found, password_link(found), core.settings.smtp_url, core.settings.smtp_from)
        ).start()
    return _forgotten_page(sent=True)


def password_link(account: Account) -> str:
    """The link by which an account's password is chosen."""
    core = services()
    token = make_link(core.repository.signing_key(LINKS), account, core.clock())
    return own_address() + url_for("accounts.password_form", link=token)


def _send_link(account: Account, link: str, server: str, sender: str) -> None:
    hours = int(LINK_LASTS.total_seconds() // 3600)
    text = (
        f"Bonjour,\n\nPour choisir le mot de passe de votre compte Relais ({ROLE_LABELS[account.role]}), ouvrez ce lien "
        f"dans les {hours} heures. Il ne sert qu’une fois.\n\n{link}\n\nSi vous n’avez rien demandé, ne faites rien.\n"
    )
    send_letter(server, sender or account.email, account.email, "Relais : choisir votre mot de passe", text)


def account_of(link: str) -> Account:
    """The account of a link that opens.

    Raises:
        LinkRefused: It opens nothing.
    """
    core = services()
    read = read_link(link)
    found = core.repository.accounts.find(read[0]) if read else None
    return check_link(core.repository.signing_key(LINKS), found, link, core.clock())


def next_path(path: str) -> str:
    """Where to go once signed in: a path of this site, nothing else."""
    here = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if here else url_for("accounts.sign_in_form")


def _sign_in_page(error: str = "") -> str:
    return render_template(
        "sign_in.html",
        error=error,
        email=request.form.get("email", ""),
        suite=request.values.get("suite", ""),
        chosen="choisi" in request.args,
        elsewhere="ailleurs" in request.args,
        roles=ROLE_LABELS,
    )


def _refused(password: str, account: Account) -> dict[str, str]:
    """What is wrong with a new password and its second typing, by field."""
    try:
        check_password(password, account.email)
    except InvalidValue as error:
        return {"secret": error.public}
    return {} if password == request.form.get("secret2", "") else {"secret2": "Les deux saisies diffèrent."}


def _password_page(account: Account, link: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "password.html", email=account.email, link=link, errors=errors or {}, shortest=accounts.SHORTEST_PASSWORD
    )


def _own_password_page(errors: dict[str, str] | None = None) -> str:
    return _password_page(signed_in(), "", errors)


def _forgotten_page(*, error: str = "", wrong: str = "", sent: bool = False) -> str:
    letters = bool(services().settings.smtp_url)
    return render_template(
        "forgotten.html", error=error, wrong=wrong, sent=sent, letters=letters, email=request.form.get("email", "")
    )
