"""``relais keys``: made, shown once, listed, replaced, revoked."""

from __future__ import annotations

from typing import Any


def test_a_key_is_shown_once_and_listed_without_its_secret(command: Any) -> None:
    made = command(
        "keys", "create", "Lycée des essais", "--scope", "propositions", "--origin", "https://Site.Example/".rstrip("/")
    )
    listed = command("keys", "list")

    key = made.out.strip()
    secret = key.split("_", 2)[2]
    assert key.startswith("relais_")
    assert "Lycée des essais" in listed.out
    assert "https://site.example" in listed.out
    assert "jamais utilisée" in listed.out
    assert secret not in listed.out + listed.err + command("keys", "list", "--json").out


def test_a_key_is_replaced_and_both_open_for_a_while(command: Any) -> None:
    old = command("keys", "create", "Site", "--json").json()

    new = command("keys", "rotate", old["id"], "--overlap", "3", "--json").json()

    listed = {key["id"]: key for key in command("keys", "list", "--json").json()}
    assert listed[old["id"]]["replaced_by"] == new["id"]
    assert listed[old["id"]]["valid"]
    assert listed[old["id"]]["expires_at"]
    assert listed[new["id"]]["valid"]


def test_a_revoked_key_is_no_longer_valid_and_cannot_be_replaced(command: Any) -> None:
    key = command("keys", "create", "Site", "--json").json()["id"]

    revoked = command("keys", "revoke", key)
    replaced = command("keys", "rotate", key)

    assert revoked.status == 0
    assert not command("keys", "list", "--json").json()[0]["valid"]
    assert replaced.status == 1
    assert "révoquée" in replaced.err


def test_what_makes_no_key_is_refused_in_french(command: Any) -> None:
    wrong = [
        command("keys", "create", " "),
        command("keys", "create", "x", "--scope", "widget"),
        command("keys", "create", "x", "--origin", "https://*.example"),
        command("keys", "create", "x", "--origin", "https://site.example/page"),
        command("keys", "create", "x", "--until", "2020-01-01"),
        command("keys", "create", "x", "--per-minute", "0"),
        command("keys", "create", "x", "--scope", "tout"),
    ]

    assert [outcome.status for outcome in wrong] == [2] * 7
    assert command("keys", "revoke", "inconnue").status == 1
    assert "inconnue" in command("keys", "revoke", "inconnue").err
