"""Signing in by the instance's OpenID Connect provider, and joining an account to the person whom it knows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from directory.accounts import LinkRefused, NotPermitted, parse_email, parse_scope
from directory.errors import InvalidValue
from directory.models.accounts import Account, Area, Role
from web import openid, sessions
from web.access import find_account, public, services
from web.openid import AnotherLycee, NoLycee, UnknownPerson
from web.pages.accounts import account_of, next_path
from web.sessions import check_private, check_site, own_address, read_form

pages = Blueprint("identities", __name__)

_PLAN = "oidc-plan"
_LONGEST_PATH = 300
"""Characters of a path that the cookie holds meanwhile: browsers drop one of more than 4096 bytes."""


@pages.get("/connexion/fournisseur")
@public
def go() -> Any:
    """Send to the provider, to sign in."""
    path = request.args.get("suite", "")
    return _leave_with({"suite": path if len(path) <= _LONGEST_PATH else ""})


@pages.get("/connexion/relier")
@public
def join() -> Any:
    """Send to the provider, to say which person an account is: the one signed in, or that of a link.

    Raises:
        NotPermitted: What was followed was not on a page of this session.
    """
    check_site()
    token, link = read_form(), request.args.get("lien", "")
    if token is None or token.expired or not (link or find_account()):
        raise NotPermitted("join")
    if link:
        account_of(link)
    return _leave_with({"relier": link or "moi"})


@pages.get("/connexion/retour")
@public
def come_back() -> Response:
    """Read the provider's answer, and open a session.

    Raises:
        UnknownPerson: No account is this person's.
        LinkRefused: The link that joins served meanwhile, or the account closed.
        AnotherLycee: The provider says that this référent has left the lycée.
        NoLycee: It should say of which lycée they are, and does not.
    """
    _check_open()
    plan = session.pop(_PLAN, {})
    core = services()
    claims = openid.read_answer(core.settings)
    issuer, subject = core.settings.oidc_issuer, claims["sub"]
    if "relier" in plan:
        found = _join(plan["relier"], issuer, subject)
    else:
        found = core.repository.accounts.find_by_identity(issuer, subject) or _make_account(claims)
    if found.disabled_at is not None:
        raise UnknownPerson
    _check_lycee(found, claims)
    sessions.sign_in(found)
    return redirect(next_path(plan.get("suite", "")), 303)


@pages.get("/connexion/quitter")
@public
def leave() -> Response:
    """Send to the provider's own page to sign out."""
    _check_open()
    home = own_address() + url_for("accounts.sign_in_form")
    return redirect(openid.end_session_address(home) or home, 303)


def _check_open() -> None:
    check_private()
    if not openid.has_provider():
        abort(404)


def _leave_with(plan: dict[str, str]) -> Any:
    _check_open()
    answer = openid.redirect_to_provider(own_address() + url_for("identities.come_back"))
    session[_PLAN] = plan
    return answer


def _join(what: str, issuer: str, subject: str) -> Account:
    mine = find_account() if what == "moi" else account_of(what)
    if mine is None:
        raise LinkRefused
    return services().repository.accounts.join(mine, issuer, subject)


def _check_lycee(found: Account, claims: dict[str, Any]) -> None:
    """Refuse who is not said to be of their account's lycée.

    Where a claim is named, its absence refuses too: an agent who has left is one of whom the provider says no lycée any more.
    """
    claim = services().settings.oidc_uai_claim
    if not claim or found.area != Area.LYCEE:
        return
    said = claims.get(claim)
    lycees = [said] if isinstance(said, str) else said
    if not isinstance(lycees, list) or not any(lycees):
        raise NoLycee
    if found.code not in lycees:
        raise AnotherLycee


def _make_account(claims: dict[str, Any]) -> Account:
    """An account for a référent whom the provider says to be of a lycée, where the instance lets it.

    Raises:
        UnknownPerson: It does not, or the provider says no lycée.
    """
    core = services()
    uai, email = claims.get(core.settings.oidc_uai_claim or "-"), claims.get("email")
    if not isinstance(uai, str) or not isinstance(email, str) or claims.get("email_verified") is False:
        raise UnknownPerson
    try:
        address, scope = parse_email(email), parse_scope(Role.REFERENT, {Area.LYCEE: uai})
    except InvalidValue as error:
        raise UnknownPerson from error
    accounts = core.repository.accounts
    # an account of this address is its owner's to join: a provider's word on an address opens nothing
    made = accounts.add(address, Role.REFERENT, scope, core.clock())
    return accounts.join(made, core.settings.oidc_issuer, str(claims["sub"]))
