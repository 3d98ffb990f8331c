"""A lycée with its référent at a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Account, Area, Role
from directory.services import Services
from tests.web.accounts import LYCEE, add_account, sign_in
from web import create_app
from web.pages.dossier_acts import dossier_to_json

FIELDS = {"etat": "repere", "diplome": "non-obtenu", "naissance": "03/2009", "metier": "cuisinier", "note": "", "rappel": ""}


HTML = '<b>gras</b> "><script>alert(1)</script>'


@dataclass
class School:
    """A lycée with its référent at a browser, and what tests do there."""

    services: Services
    account: Account
    client: FlaskClient

    def open(self, **fields: str) -> str:
        answer = self.send("/dossiers/nouveau", FIELDS | fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].split("/")[2].partition("?")[0]

    def send(self, path: str, fields: dict[str, str], form_at: str = "") -> TestResponse:
        """Fill a form in and send it, with the token that its page gives."""
        page = self.client.get(form_at or path)
        return self.client.post(path, data=fields | {"jeton": tokens_of(page.text)[-1]})

    def page(self, code: str) -> str:
        return self.client.get(f"/dossiers/{code}").text

    def change(self, code: str, **fields: str) -> TestResponse:
        version = re.findall(r'name="version" value="(\d*)"', self.page(code))[0]
        return self.send(f"/dossiers/{code}", FIELDS | {"version": version} | fields)

    def step_of(self, code: str) -> int:
        return int(re.findall(rf"/dossiers/{code}/demarches/(\d+)", self.page(code))[-1])

    def get(self, code: str) -> dict[str, object]:
        return dossier_to_json(self.services.repository.dossiers.get(self.account, code, self.services.clock()))


def tokens_of(page: str) -> list[str]:
    return re.findall(r'name="jeton" value="([^"]*)"', page)


@pytest.fixture
def make_school(people: Services) -> Callable[..., School]:
    def make(uai: str = LYCEE, email: str = "referent@essai.example", services: Services = people) -> School:
        account = services.repository.accounts.find_by_email(email) or add_account(
            services, Role.REFERENT, email, {Area.LYCEE: uai}
        )
        client = create_app(services).test_client()
        sign_in(client, account.email)
        return School(services, account, client)

    return make


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school()
