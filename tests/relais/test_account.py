"""``relais account``: made, listed, changed, closed; the password is chosen by a link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from directory.database import open_engine
from directory.dossiers import DossierFields
from directory.models.dossiers import DossierState
from directory.repository import Repository
from directory.settings import read_settings
from relais.services import build_services
from web import create_app


def test_an_account_is_made_and_its_link_opens_the_page_where_a_password_is_chosen(command: Any, data: Path) -> None:
    made = command("account", "add", "Camille@Essai.example", "--role", "referent", "--lycee", "0350011X", "--name", "C. Essai")
    listed = command("account", "list", "--json").json()
    client = create_app(build_services(read_settings({"RELAIS_DATA": str(data)}))).test_client()

    page = client.get(urlsplit(made.out.strip()).path)

    assert made.out.startswith("http://127.0.0.1:8000/mot-de-passe/")
    assert page.status_code == 200
    assert "camille@essai.example" in page.text
    assert [(each["email"], each["role"], each["code"], each["has_password"]) for each in listed] == [
        ("camille@essai.example", "referent", "0350011X", False)
    ]
    assert "C. Essai" not in command("account", "list").err


def test_a_role_is_changed_an_account_closed_and_opened_again(command: Any) -> None:
    command("account", "add", "a@essai.example", "--role", "bureau", "--bassin", "essai")

    changed = command("account", "role", "a@essai.example", "--role", "academie", "--academie", "Rennes")
    closed = command("account", "disable", "a@essai.example")
    link = command("account", "reset", "a@essai.example")
    opened = command("account", "disable", "a@essai.example", "--undo")

    assert "académie (academie Rennes)" in changed.out
    assert "fermé" in closed.out
    assert link.status == 2
    assert "rouvert" in opened.out
    assert command("account", "reset", "a@essai.example").out.startswith("http")


def test_an_account_is_removed_for_good_once_it_follows_nobody(command: Any, data: Path) -> None:
    command("account", "add", "a@essai.example", "--role", "referent", "--lycee", "0350011X")
    repository = Repository(open_engine(f"sqlite:///{data / 'relais.sqlite3'}"))
    account, now = repository.accounts.get_by_email("a@essai.example"), datetime(2026, 11, 24, tzinfo=UTC)
    code = repository.dossiers.open(account, DossierFields(state=DossierState.SPOTTED), "n", now, 3)

    refused = command("account", "remove", "a@essai.example")
    repository.dossiers.erase(account, code, now)
    removed = command("account", "remove", "a@essai.example")

    assert (refused.status, removed.status) == (1, 0)
    assert "suit un dossier" in refused.err
    assert command("account", "list", "--json").json() == []
    assert command("account", "remove", "a@essai.example").status == 1
    assert {each.who for each in repository.dossiers.read_journal("0350011X")} == {"un compte supprimé"}
    assert not any(b"a@essai.example" in path.read_bytes() for path in data.glob("relais.sqlite3*"))


def test_an_account_that_nobody_uses_is_closed_and_may_be_opened_again(command: Any, data: Path) -> None:
    command("account", "add", "a@essai.example", "--role", "administrateur")
    repository = Repository(open_engine(f"sqlite:///{data / 'relais.sqlite3'}"))
    account = repository.accounts.get_by_email("a@essai.example")
    repository.accounts.change(account, last_used_at=account.created_at - timedelta(days=400))

    command("dossiers", "purge")
    closed = command("account", "list").out
    command("account", "disable", "a@essai.example", "--undo")
    command("dossiers", "purge")

    assert "fermé le" in closed
    assert "ouvert" in command("account", "list").out


def test_a_scope_that_the_directory_does_not_know_is_warned_about(command: Any) -> None:
    bassin = command("account", "add", "a@essai.example", "--role", "bureau", "--bassin", "inconnu")
    lycee = command("account", "add", "b@essai.example", "--role", "referent", "--lycee", "9999999P")

    assert (bassin.status, lycee.status) == (0, 0)
    assert "« inconnu » n’est pas connu" in bassin.err
    assert "n’est pas dans l’annuaire" in lycee.err


def test_what_makes_no_account_is_refused_in_french_and_makes_none(command: Any) -> None:
    command("account", "add", "pris@essai.example", "--role", "administrateur")
    cases = {
        ("pas-une-adresse", "--role", "administrateur"): (1, "n’est pas une adresse"),
        ("a@essai.example", "--role", "referent"): (1, "--lycee"),
        ("a@essai.example", "--role", "referent", "--bassin", "x"): (1, "--lycee"),
        ("a@essai.example", "--role", "referent", "--lycee", "0350011Z"): (1, "0350011Z"),
        ("a@essai.example", "--role", "academie", "--lycee", "0350011X"): (1, "--bassin"),
        ("a@essai.example", "--role", "academie", "--academie", "Rennez"): (1, "pas une académie"),
        ("a@essai.example", "--role", "administrateur", "--academie", "Rennes"): (1, "aucun périmètre"),
        ("a@essai.example", "--role", "proviseur"): (2, "referent"),
        ("a@essai.example", "--role", "administrateur", "--name", "x" * 101): (2, "100"),
        ("Pris@essai.example", "--role", "administrateur"): (1, "existe déjà"),
    }

    for arguments, (status, words) in cases.items():
        refused = command("account", "add", *arguments)
        assert (refused.status, words in refused.err) == (status, True), (arguments, refused.err)
    assert command("account", "reset", "absent@essai.example").status == 1
    assert [each["email"] for each in command("account", "list", "--json").json()] == ["pris@essai.example"]
