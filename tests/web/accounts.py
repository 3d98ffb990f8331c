"""What tests of accounts share: invented people, and a browser that fills forms in as they were given."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.accounts import parse_scope
from directory.models.accounts import Account, Area, Role
from directory.services import Services

LYCEE, OTHER = "0350011X", "0352009U"
PASSWORD = "les huîtres de Cancale"  # noqa: S105 - invented
SCOPES = {
    Role.REFERENT: {Area.LYCEE: LYCEE},
    Role.BUREAU: {Area.LYCEE: LYCEE},
    Role.ACADEMIE: {Area.ACADEMIE: "Rennes"},
    Role.ADMINISTRATOR: {},
}


@cache
def _digest() -> str:
    # argon2 is slow on purpose, and a digest says itself how slow: this one is read hundreds of times
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_account(services: Services, role: Role, email: str = "", scope: dict[Area, str] | None = None) -> Account:
    """An account of a role, its password chosen."""
    kept = services.repository.accounts
    scoped = parse_scope(role, SCOPES[role] if scope is None else scope)
    made = kept.add(email or f"{role}@essai.example", role, scoped, services.clock())
    return kept.change(made, password=_digest())


def token_of(page: str) -> str:
    """The token of the last form of a page."""
    return re.findall(r'name="jeton" value="([^"]*)"', page)[-1]


def hidden_of(page: str) -> dict[str, str]:
    """Every hidden field of the last form of a page."""
    form = page[page.rindex("<form") :]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)}


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    """Fill the sign-in form in and send it."""
    page = client.get("/connexion", query_string=more).text
    return client.post("/connexion", data={**hidden_of(page), "email": email, "secret": password})
