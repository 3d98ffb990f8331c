"""Signing in by an OpenID Connect provider that is really served, and that may lie."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.accounts import LINKS, make_link
from directory.models.accounts import Role
from directory.services import Services
from tests.oidc_provider import CLIENT, SECRET, OidcProvider
from tests.serving import PATIENCE_S
from tests.web.accounts import LYCEE, OTHER, add_account, hidden_of, sign_in
from web import create_app


@pytest.fixture(scope="module")
def started() -> Iterator[OidcProvider]:
    served = OidcProvider()
    yield served
    served.close()


@pytest.fixture
def provider(started: OidcProvider) -> OidcProvider:
    started.person, started.lies, started.asked = {"sub": "personne-1"}, {}, []
    started.wrong_key = started.refuses = False
    return started


@pytest.fixture
def settled(people: Services, provider: OidcProvider) -> Services:
    settings = replace(
        people.settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_label="Essai Connect"
    )
    return replace(people, settings=settings)


@pytest.fixture
def client(settled: Services) -> Iterator[FlaskClient]:
    with create_app(settled).test_client() as opened:
        yield opened


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def follow(address: str) -> str:
    """Where the provider sends the browser back."""
    try:
        urllib.request.build_opener(_Stay()).open(address, timeout=PATIENCE_S)
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    raise AssertionError("no redirection")


def through(client: FlaskClient, start: str = "/connexion/fournisseur") -> TestResponse:
    """Go to the provider and come back."""
    back = urlsplit(follow(client.get(start).headers["Location"]))
    return client.get(f"{back.path}?{back.query}")


def button(page: str, words: str) -> str:
    found = re.search(rf'href="([^"]+)">[^<]*{words}', page)
    assert found
    return unescape(found.group(1))


def signed_in(client: FlaskClient) -> bool:
    return "Vous êtes connecté" in client.get("/connexion").text


def joined(settled: Services, provider: OidcProvider) -> None:
    settled.repository.accounts.join(add_account(settled, Role.REFERENT), provider.issuer, "personne-1")


def test_a_person_whom_the_provider_knows_signs_in_with_state_nonce_and_pkce(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    joined(settled, provider)

    opened = through(client, "/connexion/fournisseur?suite=/mon-lycee")

    assert opened.headers["Location"] == "/mon-lycee"
    assert signed_in(client)
    asked = provider.asked[0]
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 16
    assert asked["scope"] == "openid"


def test_a_path_too_long_for_the_cookie_is_let_go_and_one_signs_in_all_the_same(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    joined(settled, provider)

    opened = through(client, "/connexion/fournisseur?" + urlencode({"suite": "/recherche?q=" + "éàù" * 600}))

    assert opened.headers["Location"] == "/connexion"
    assert signed_in(client)


def test_a_person_without_account_is_told_so_and_none_is_made(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    provider.person = {"sub": "inconnue", "email": "referent@essai.example", "email_verified": True, "uai": LYCEE}
    add_account(settled, Role.REFERENT)

    answer = through(client)

    assert answer.status_code == 403
    assert "aucun compte" in answer.text
    assert not signed_in(client)
    assert [each.subject for each in settled.repository.accounts.list_all()] == [None]


def test_an_account_is_made_where_the_setting_says_so_for_the_lycee_that_the_provider_says(
    settled: Services, provider: OidcProvider
) -> None:
    services = replace(settled, settings=replace(settled.settings, oidc_uai_claim="uai"))
    client = create_app(services).test_client()
    provider.person = {"sub": "nouvelle", "email": "Nouvelle@essai.example", "uai": LYCEE}

    through(client)

    made = services.repository.accounts.list_all()
    assert signed_in(client)
    assert [(each.email, each.role, each.code, each.subject) for each in made] == [
        ("nouvelle@essai.example", Role.REFERENT, LYCEE, "nouvelle")
    ]


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "x", "email": "a@essai.example"},
        {"sub": "x", "email": "a@essai.example", "uai": "0350011Z"},
        {"sub": "x", "email": "a@essai.example", "uai": [LYCEE]},
        {"sub": "x", "uai": LYCEE},
        {"sub": "x", "email": "a@essai.example", "uai": LYCEE, "email_verified": False},
        {"sub": "x", "email": "referent@essai.example", "uai": LYCEE},
    ],
    ids=["no lycée", "no such lycée", "several", "no address", "address not verified", "address of another account"],
)
def test_no_account_is_made_of_what_the_provider_does_not_say_well(
    settled: Services, provider: OidcProvider, person: dict[str, Any]
) -> None:
    services = replace(settled, settings=replace(settled.settings, oidc_uai_claim="uai"))
    add_account(services, Role.REFERENT)
    client = create_app(services).test_client()
    provider.person = person

    refused = through(client)

    assert refused.status_code in {403, 409}
    assert not signed_in(client)
    assert [each.subject for each in services.repository.accounts.list_all()] == [None]


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "un autre"},
        {"nonce": None},
        {"aud": "un autre site"},
        {"iss": "https://ailleurs.example"},
        {"exp": 1_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_token_that_lies_opens_nothing(
    client: FlaskClient, settled: Services, provider: OidcProvider, lie: dict[str, Any]
) -> None:
    joined(settled, provider)
    provider.lies = lie

    answer = through(client)

    assert answer.status_code == 400
    assert "ne peut pas être vérifiée" in answer.text
    assert not signed_in(client)


def test_a_token_signed_by_another_key_opens_nothing(client: FlaskClient, settled: Services, provider: OidcProvider) -> None:
    joined(settled, provider)
    provider.wrong_key = True

    assert through(client).status_code == 400
    assert not signed_in(client)


def test_an_answer_of_another_browser_a_forged_state_or_one_sent_twice_opens_nothing(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    joined(settled, provider)
    victim = create_app(settled).test_client()
    back = follow(client.get("/connexion/fournisseur").headers["Location"]).split("://", 1)[1].partition("/")[2]

    stolen = victim.get("/" + back)
    first = client.get("/" + back)
    second = client.get("/" + back)

    assert (stolen.status_code, first.status_code, second.status_code) == (400, 303, 400)
    assert client.get("/connexion/retour?code=x&state=y").status_code == 400
    assert client.get("/connexion/retour").status_code == 400


def test_a_refusal_and_a_provider_that_is_away_are_said_in_french(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    provider.refuses = True
    refused = through(client)
    provider.refuses = False
    away = replace(settled, settings=replace(settled.settings, oidc_issuer="http://127.0.0.1:9"))
    silent = create_app(away).test_client().get("/connexion/fournisseur")

    assert refused.status_code == 400
    assert "annulée ou refusée" in refused.text
    assert silent.status_code == 503
    assert "Le fournisseur d’identité ne répond pas" in silent.text
    assert "par mot de passe" in silent.text
    assert 'href="/connexion"' in silent.text[silent.text.index("<main") :]


def test_an_account_is_joined_by_its_link_and_signs_in_by_the_provider_from_then_on(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    kept = settled.repository.accounts
    made = kept.add("a@essai.example", Role.ADMINISTRATOR, ("tout", ""), settled.clock())  # type: ignore[arg-type]
    link = "/mot-de-passe/" + make_link(settled.repository.signing_key(LINKS), made, settled.clock())

    through(client, button(client.get(link).text, "se connecter par"))
    client.post("/deconnexion", data=hidden_of(client.get("/connexion").text))
    out = client.get("/connexion?ailleurs=1").text
    through(client)

    assert signed_in(client)
    assert kept.get_by_email("a@essai.example").subject == "personne-1"
    assert client.get(link).status_code == 410
    assert client.get(button(out, "déconnectez-vous-en")).headers["Location"].startswith(f"{provider.issuer}/leave")


def test_an_account_is_joined_once_signed_in_and_never_by_a_link_of_another_site(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    account = add_account(settled, Role.REFERENT)
    sign_in(client, account.email)

    forged = client.get("/connexion/relier?jeton=x")
    elsewhere = client.get(
        button(client.get("/connexion").text, "Se connecter désormais"), headers={"Sec-Fetch-Site": "cross-site"}
    )
    nobody = settled.repository.accounts.find_by_identity(provider.issuer, "personne-1")
    through(client, button(client.get("/connexion").text, "Se connecter désormais"))

    assert (forged.status_code, elsewhere.status_code, nobody) == (403, 403, None)
    found = settled.repository.accounts.find_by_identity(provider.issuer, "personne-1")
    assert found is not None
    assert found.id == account.id


def test_a_person_is_one_account(client: FlaskClient, settled: Services, provider: OidcProvider) -> None:
    joined(settled, provider)
    other = add_account(settled, Role.BUREAU)
    sign_in(client, other.email)

    answer = through(client, button(client.get("/connexion").text, "Se connecter désormais"))

    assert answer.status_code == 409


def test_a_closed_account_does_not_come_in_by_the_provider(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    joined(settled, provider)
    kept = settled.repository.accounts
    kept.change(kept.get_by_email("referent@essai.example"), disabled_at=settled.clock())

    assert through(client).status_code == 403
    assert not signed_in(client)


@pytest.mark.parametrize(
    ("said", "status"), [(OTHER, 403), ([OTHER], 403), (LYCEE, 303), ([OTHER, LYCEE], 303), (None, 403), ([], 403), (7, 403)]
)
def test_a_referent_who_left_the_lycee_does_not_come_in_with_its_account(
    settled: Services, provider: OidcProvider, said: object, status: int
) -> None:
    joined(settled, provider)
    services = replace(settled, settings=replace(settled.settings, oidc_uai_claim="uai"))
    client = create_app(services).test_client()
    provider.person = {"sub": "personne-1"} | ({} if said is None else {"uai": said})

    answer = through(client)

    assert answer.status_code == status
    assert signed_in(client) == (status == 303)


def test_without_a_provider_its_pages_are_not_there(people: Services) -> None:
    client = create_app(people).test_client()

    assert client.get("/connexion/fournisseur").status_code == 404
    assert "fournisseur" not in client.get("/connexion").text


def test_nothing_of_a_token_is_kept_in_the_cookie_once_signed_in(
    client: FlaskClient, settled: Services, provider: OidcProvider
) -> None:
    joined(settled, provider)

    through(client)

    with client.session_transaction() as held:
        assert set(held) <= {"s", "f"}
    assert parse_qs(urlsplit(provider.issuer).query) == {}
