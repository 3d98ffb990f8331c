"""Nothing of a listing that is not public, nor of who corrected it, on any page that a visitor or another role can open."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.models.accounts import Role
from directory.models.curation import Curation, Topic, Wish
from directory.services import Services
from tests.factories import sourced
from tests.web.accounts import add_account, sign_in
from tests.web.conftest import NOW
from tests.web.test_desk import publish
from web import create_app

CONCEALED = "demonstration--secret"
HIDDEN = (
    "Association réservée",
    "demonstration--secret",
    "Secret corrigé",
    "auteur@essai.example",
    "raison gardée",
    "Camille Réservée",
    "ajoutée en privé",
)
VISITED = (
    "/",
    "/recherche",
    "/recherche?q=association",
    "/recherche?q=r%C3%A9serv%C3%A9e",
    "/recherche?q=secret+corrig%C3%A9",
    "/recherche?lieu=foug%C3%A8res",
    "/recherche?q=camille",
    "/suggestions?q=assoc",
    "/suggestions?q=secret",
    "/suggestions?q=ajout",
    "/fiches/demonstration--ml",
    "/fiches/demonstration--secret",
    "/fiches/demonstration--secret/signaler",
    "/fiches/demonstration--secret/dates.ics",
    "/mon-lycee",
    "/api/v1/fiches?limite=100",
    "/api/v1/recherche?limite=100",
    "/api/v1/fiches/demonstration--secret",
    "/api/v1/changements",
    "/api/v1/flux/nouveautes.atom",
    "/api/v1/sources",
)
CURATED = (
    "/bureau",
    "/bureau/journal",
    "/bureau/journal?auteur=auteur@essai.example",
    "/bureau/exporter?forme=csv&dep=",
    "/bureau/exporter?forme=xlsx&dep=",
    "/bureau/file/a-verifier?dep=",
    "/bureau/file/doublons?dep=",
    "/bureau/file/disparues?dep=",
    "/bureau/fiches/demonstration--secret",
    "/bureau/fiches/demonstration--secret/histoire",
    "/bureau/fiches/demonstration--secret/corriger/nom",
    "/bureau/ajouter/evenement?depuis=demonstration--secret",
)


@pytest.fixture
def curated(own: Services) -> Services:
    """The directory, its hidden listing and a public one corrected by someone, for a reason."""
    private = {"kind": "partner", "category": "association", "name": "Fiche ajoutée en privé", "visibility": "private"}
    publish(own, "tableur", sourced("p", "tableur", **private))
    by = Curation(author="auteur@essai.example", reason="raison gardée", now=NOW, nonce="", trust=own.trust)
    wishes = [
        Wish(listing_id="demonstration--secret", topic=Topic.NAME, values={"name": "Secret corrigé"}),
        Wish(listing_id="demonstration--ml", topic=Topic.HOURS, values={"opening_hours": "Mo 09:00-12:00"}),
    ]
    own.repository.curation.curate(wishes, by)
    own.keeper.catch_up()
    return own


def every_page(app: Flask) -> tuple[str, ...]:
    """Every address that can be opened, of a page that is added one day too: the hidden listing is what it is about."""
    return tuple(
        str(built[1])
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.rpartition(".")[2] != "static"
        if (
            built := rule.build(
                {name: 1 if "Integer" in type(rule._converters[name]).__name__ else CONCEALED for name in rule.arguments}
            )
        )
    )


def leaks(client: FlaskClient, paths: tuple[str, ...], hidden: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path in paths:
        answer = client.get(path)
        text = answer.get_data(as_text=False).decode(errors="replace").lower()
        asked = unquote_plus(path).lower()
        # what was asked for stands in the answer: only what is beyond it tells something
        yield from ((path, each) for each in hidden if each.lower() in text and each.lower() not in asked)


@pytest.mark.parametrize("role", [None, Role.REFERENT, Role.BUREAU, Role.ACADEMIE])
def test_no_page_tells_what_is_not_public_nor_who_corrected_what(curated: Services, role: Role | None) -> None:
    app = create_app(curated)
    client, pages = app.test_client(), every_page(app)
    if role is not None:
        sign_in(client, add_account(curated, role).email)
    colleagues_read = {"auteur@essai.example", "raison gardée"} if role is Role.BUREAU else set()

    assert list(leaks(client, VISITED, HIDDEN)) == []
    assert list(leaks(client, pages, tuple(each for each in HIDDEN if each not in colleagues_read))) == []
    assert len(pages) > 80


def test_the_desk_tells_a_bureau_nothing_of_what_is_not_public(curated: Services) -> None:
    client = create_app(curated).test_client()
    sign_in(client, add_account(curated, Role.BUREAU).email)
    colleagues_read = {"auteur@essai.example", "raison gardée"}

    assert list(leaks(client, CURATED, tuple(each for each in HIDDEN if each not in colleagues_read))) == []
