"""Signing in and out, sessions and their ends, passwords and the links by which they are chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from directory.accounts import LINKS, digest_password, make_link
from directory.errors import DatabaseBusy
from directory.models.accounts import Account, Role
from directory.repository.accounts import IDLE, LONGEST
from directory.services import Services
from tests.serving import PATIENCE_S
from tests.web.accounts import PASSWORD, add_account, hidden_of, sign_in
from web import create_app
from web.access import PUBLIC

EMAIL = "camille@essai.example"
NEW = {"secret0": PASSWORD, "secret": "quarante châtaignes", "secret2": "quarante châtaignes"}


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(people: Services) -> Clock:
    return Clock(people.clock())


@pytest.fixture
def moving(people: Services, clock: Clock) -> Services:
    return replace(people, clock=clock)


@pytest.fixture
def account(moving: Services) -> Account:
    return add_account(moving, Role.REFERENT, EMAIL)


@pytest.fixture
def client(moving: Services) -> Iterator[FlaskClient]:
    with create_app(moving).test_client() as opened:
        yield opened


def signed_in(client: FlaskClient) -> bool:
    return "Vous êtes connecté" in client.get("/connexion").text


def link_of(services: Services, account: Account) -> str:
    return "/mot-de-passe/" + make_link(services.repository.signing_key(LINKS), account, services.clock())


def test_one_signs_in_and_out(client: FlaskClient, account: Account) -> None:
    opened = sign_in(client, EMAIL.upper(), suite="/mon-lycee?lycee=0350011X")
    shown = client.get("/connexion").text
    client.post("/deconnexion", data=hidden_of(shown))

    assert opened.headers["Location"] == "/mon-lycee?lycee=0350011X"
    assert "Vous êtes connecté" in shown
    assert not signed_in(client)


@pytest.mark.parametrize(
    "suite", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example", "ailleurs", "/a\nb", "//[", "/\t/x"]
)
def test_signing_in_sends_to_no_other_site(client: FlaskClient, account: Account, suite: str) -> None:
    assert sign_in(client, EMAIL, suite=suite).headers["Location"] == "/connexion"


def test_a_wrong_password_and_an_unknown_address_are_told_alike_and_keep_the_address(
    client: FlaskClient, account: Account
) -> None:
    wrong, unknown = sign_in(client, EMAIL, "autre chose entièrement"), sign_in(client, "personne@essai.example")

    assert wrong.status_code == unknown.status_code == 422
    assert "Adresse ou mot de passe inconnus" in wrong.text
    assert f'value="{EMAIL}"' in wrong.text
    assert PASSWORD not in unknown.text


def test_a_password_is_not_tried_without_end(client: FlaskClient, account: Account) -> None:
    tried = [sign_in(client, EMAIL, f"essai numéro {each}").status_code for each in range(6)]

    assert tried == [422] * 5 + [429]
    assert sign_in(client, EMAIL).status_code == 429


def test_one_network_cannot_shut_the_owner_of_an_account_out_from_everywhere(client: FlaskClient, account: Account) -> None:
    for each in range(60):
        sign_in(client, EMAIL, f"essai numéro {each}")

    page = client.get("/connexion").text
    elsewhere = client.post(
        "/connexion",
        data={**hidden_of(page), "email": EMAIL, "secret": PASSWORD},
        environ_overrides={"REMOTE_ADDR": "198.51.100.7"},
    )

    assert elsewhere.status_code == 303


def test_a_session_has_another_secret_each_time_and_the_older_opens_nothing_after_it_is_closed(
    client: FlaskClient, moving: Services, account: Account
) -> None:
    sign_in(client, EMAIL)
    first = client.get_cookie("relais")
    sign_in(client, EMAIL)
    second = client.get_cookie("relais")
    client.post("/deconnexion", data=hidden_of(client.get("/connexion").text))
    assert first is not None
    assert second is not None

    thief = create_app(moving).test_client()
    stolen = []
    for cookie in (first, second):
        thief.set_cookie("relais", cookie.value)
        stolen.append(signed_in(thief))

    assert first.value != second.value
    assert stolen == [False, False]


def test_the_cookie_of_a_session_is_for_this_site_alone_and_for_no_script(people: Services) -> None:
    settings = replace(people.settings, public_url="https://relais.example")
    add_account(people, Role.REFERENT, EMAIL)
    client = create_app(replace(people, settings=settings)).test_client()

    page = client.get("/connexion", base_url="https://relais.example")
    opened = client.post(
        "/connexion", base_url="https://relais.example", data={**hidden_of(page.text), "email": EMAIL, "secret": PASSWORD}
    )

    cookie = opened.headers["Set-Cookie"]
    assert cookie.startswith("__Host-relais=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert PASSWORD not in cookie
    assert EMAIL not in cookie


def test_a_session_ends_when_nothing_is_asked_for_a_while(client: FlaskClient, clock: Clock, account: Account) -> None:
    sign_in(client, EMAIL)
    clock.now += IDLE - timedelta(minutes=1)
    kept = signed_in(client)
    clock.now += IDLE

    assert kept
    assert not signed_in(client)


def test_a_session_ends_after_a_day_of_work_whatever_it_asks(client: FlaskClient, clock: Clock, account: Account) -> None:
    sign_in(client, EMAIL)
    opened = clock.now
    while clock.now + IDLE / 2 < opened + LONGEST:
        clock.now += IDLE / 2
        assert signed_in(client)
    clock.now += IDLE / 2

    assert not signed_in(client)


@pytest.mark.parametrize(
    "change",
    [
        lambda kept, account: kept.change(account, disabled_at=account.created_at),
        lambda kept, account: kept.change(account, role="bureau"),
        lambda kept, account: kept.set_password(account, "un autre mot de passe"),
    ],
    ids=["disabled", "another role", "another password"],
)
def test_a_session_closes_when_its_account_changes(
    client: FlaskClient, moving: Services, account: Account, change: Callable[..., object]
) -> None:
    sign_in(client, EMAIL)

    change(moving.repository.accounts, account)

    assert not signed_in(client)


def test_a_closed_account_does_not_sign_in(client: FlaskClient, moving: Services, account: Account) -> None:
    moving.repository.accounts.change(account, disabled_at=moving.clock())

    assert sign_in(client, EMAIL).status_code == 422


def test_a_sign_in_form_of_another_browser_is_refused(client: FlaskClient, moving: Services, account: Account) -> None:
    theirs = hidden_of(create_app(moving).test_client().get("/connexion").text)

    answer = client.post("/connexion", data={**theirs, "email": EMAIL, "secret": PASSWORD})

    assert answer.status_code == 422
    assert not signed_in(client)


def test_accounts_are_closed_where_the_address_is_not_private(client: FlaskClient, account: Account) -> None:
    answer = client.get("/connexion", base_url="http://relais.example")

    assert answer.status_code == 403
    assert "https" in answer.text
    assert client.get("/", base_url="http://relais.example").status_code == 200


def test_a_password_is_chosen_by_a_link_that_serves_once(client: FlaskClient, moving: Services, account: Account) -> None:
    link = link_of(moving, account)
    sent = hidden_of(client.get(link).text) | {"secret": "quarante châtaignes", "secret2": "quarante châtaignes"}

    chosen = client.post(link, data=sent)
    again = client.post(link, data=sent)

    assert chosen.status_code == 303
    assert again.status_code == 410
    assert sign_in(client, EMAIL).status_code == 422
    assert sign_in(client, EMAIL, "quarante châtaignes").status_code == 303


def test_a_link_is_over_after_a_day_and_a_forged_one_opens_nothing(
    client: FlaskClient, moving: Services, clock: Clock, account: Account
) -> None:
    link = link_of(moving, account)
    forged = [link[:-1] + ("0" if link[-1] != "0" else "1"), "/mot-de-passe/x", "/mot-de-passe/" + "0" * 16 + ".1." + "a" * 64]
    head, until, seal = link.rsplit(".", 2)
    forged.append(f"{head}.{int(until) + 1}.{seal}")

    refused = [client.get(each).status_code for each in forged]
    clock.now += timedelta(hours=24)

    assert refused == [410] * 4
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("court", "court", "au moins 12 caractères"),
        ("x" * 201, "x" * 201, "200 caractères au plus"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "répète"),
        ("camille-2026-camille", "camille-2026-camille", "reprend votre adresse"),
        ("quarante châtaignes", "quarante chataignes", "deux saisies"),
        ("motdepasse1234", "motdepasse1234", "essaie d’abord"),
        ("AzertyUiop2026!", "AzertyUiop2026!", "essaie d’abord"),
        ("lycée professionnel 2026", "lycée professionnel 2026", "essaie d’abord"),
    ],
)
def test_a_password_that_will_not_do_is_refused_beside_its_field(
    client: FlaskClient, moving: Services, account: Account, first: str, second: str, message: str
) -> None:
    link = link_of(moving, account)

    answer = client.post(link, data=hidden_of(client.get(link).text) | {"secret": first, "secret2": second})

    assert answer.status_code == 422
    assert message in answer.text
    assert first not in answer.text


def test_one_changes_ones_own_password_and_every_other_session_closes(
    client: FlaskClient, moving: Services, account: Account
) -> None:
    sign_in(client, EMAIL)
    other = create_app(moving).test_client()
    sign_in(other, EMAIL)
    page = client.get("/mot-de-passe").text

    wrong = client.post("/mot-de-passe", data=hidden_of(page) | NEW | {"secret0": "un autre, faux"})
    weak = client.post("/mot-de-passe", data=hidden_of(page) | NEW | {"secret": "court"})
    changed = client.post("/mot-de-passe", data=hidden_of(page) | NEW)

    assert [each.status_code for each in (wrong, weak, changed)] == [422, 422, 303]
    assert "pas votre mot de passe actuel" in wrong.text
    assert PASSWORD not in wrong.text + weak.text
    assert "Vos autres sessions sont fermées" in client.get(changed.headers["Location"]).text
    assert not signed_in(other)
    assert sign_in(other, EMAIL).status_code == 422
    assert sign_in(other, EMAIL, NEW["secret"]).status_code == 303


def test_a_session_left_open_does_not_let_a_password_be_tried_without_end(client: FlaskClient, account: Account) -> None:
    sign_in(client, EMAIL)
    page = client.get("/mot-de-passe").text

    tried = [client.post("/mot-de-passe", data=hidden_of(page) | NEW | {"secret0": f"essai {n}"}).status_code for n in range(5)]

    assert tried == [422] * 4 + [429]


def test_two_instances_have_other_keys_and_no_password_is_kept(
    people: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    account = add_account(people, Role.REFERENT, EMAIL)
    database = b"".join(path.read_bytes() for path in people.settings.data.glob("relais.sqlite3*"))

    assert len({bytes(people.repository.signing_key(name)) for name in ("sessions", "forms", LINKS)}) == 3
    assert PASSWORD.encode() not in database
    assert b"$argon2id$" in database
    assert account.has_password
    assert digest_password(PASSWORD) != digest_password(PASSWORD)


class LetterBox(ThreadingTCPServer):
    """An SMTP server that keeps what it is sent."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.letters: list[bytes] = []
        self.came = Event()


class _Smtp(StreamRequestHandler):
    server: LetterBox

    def handle(self) -> None:
        self.say("220 essai")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(b"".join(lines))
                self.server.came.set()
            if verb == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def letter_box() -> Iterator[LetterBox]:
    server = LetterBox()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_forgotten_password_is_mended_by_a_letter_and_the_page_says_the_same_to_whoever_has_no_account(
    moving: Services, account: Account, letter_box: LetterBox
) -> None:
    server = f"smtp://127.0.0.1:{letter_box.server_address[1]}"
    settings = replace(moving.settings, smtp_url=server, smtp_from="relais@essai.example")
    client = create_app(replace(moving, settings=settings)).test_client()

    def ask(email: str) -> str:
        return client.post(
            "/mot-de-passe-oublie", data=hidden_of(client.get("/mot-de-passe-oublie").text) | {"email": email}
        ).text

    known, unknown = ask(EMAIL), ask("personne@essai.example")
    assert letter_box.came.wait(PATIENCE_S)

    letter = message_from_bytes(letter_box.letters[0], policy=policy.default)
    link = next(word for word in letter.get_content().split() if word.startswith("http"))
    assert known == unknown
    assert letter["To"] == EMAIL
    assert client.get(urlsplit(link).path).status_code == 200
    assert len(letter_box.letters) == 1


def test_the_log_of_an_error_names_the_route_and_never_the_link_that_chooses_a_password(
    client: FlaskClient, moving: Services, account: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = link_of(moving, account)
    app = client.application
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(**_: object) -> str:
        raise DatabaseBusy("locked", public="La base est occupée.")

    broken.access = PUBLIC  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "accounts.password_form", broken)
    answer = client.get(link)

    assert answer.status_code == 503
    assert "GET /mot-de-passe/<link>: DatabaseBusy" in caplog.text
    assert link.rpartition("/")[2] not in caplog.text
