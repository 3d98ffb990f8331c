"""``relais doctor`` on installations with one fault each: it names the fault, says how to mend it, and ends with status 1."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing as closed_after
from pathlib import Path

import pytest

from tests.relais.conftest import Command

pytestmark = pytest.mark.usefixtures("closing")

NOBODY = "127.0.0.1:9"


def _drop(data: Path) -> None:
    with closed_after(sqlite3.connect(data / "relais.sqlite3")) as connection:
        connection.execute("DROP TABLE statement")
        connection.commit()


def _spoil(data: Path) -> None:
    path = data / "relais.sqlite3"
    with closed_after(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'campaign_letter'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def _overwrite(data: Path) -> None:
    for path in data.glob("relais.sqlite3-*"):
        path.unlink()
    (data / "relais.sqlite3").write_text("ceci n’est pas une base")


def _age(data: Path) -> None:
    with closed_after(sqlite3.connect(data / "relais.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


MAIL = {"SMTP_FROM": "a@essai.example", "PUBLIC_URL": "https://relais.example"}


@pytest.mark.parametrize(
    ("spoil", "settings", "check", "said", "mend"),
    [
        (_drop, {}, "Base", "tables absentes : statement", "relais restore"),
        (_spoil, {}, "Base", "abîmé", "relais restore"),
        (_overwrite, {}, "Base", "n’est pas une base", "relais restore"),
        (_age, {}, "Base", "version plus récente", "RELAIS_DATABASE_URL"),
        (None, {"DATABASE_URL": f"postgresql://x@{NOBODY}/x"}, "Base", "ne répond pas", "RELAIS_DATABASE_URL"),
        (None, {"SMTP_URL": f"smtp://{NOBODY}"}, "Courrier", "RELAIS_SMTP_FROM", "Donner ces réglages"),
        (None, {"SMTP_URL": f"smtp://{NOBODY}", **MAIL}, "Courrier", "ne répond pas", "RELAIS_SMTP_URL"),
        (None, {"QUEUE": f"redis://{NOBODY}"}, "Redis", "RELAIS_QUEUE ne répond pas", "Démarrer"),
        (None, {"API_LIMITS": f"redis://{NOBODY}"}, "Redis", "RELAIS_API_LIMITS ne répond pas", "Démarrer"),
        (None, {"SMTP_FROM": "Relais"}, "Installation", "RELAIS_SMTP_FROM est une adresse", "Corriger ce réglage"),
        (None, {"SMTP_FROM": "a@essai.example\nBcc: b@essai.example"}, "Installation", "RELAIS_SMTP_FROM", "Corriger ce réglage"),
        (None, {"PORT": "abc"}, "Installation", "RELAIS_PORT", "Corriger ce réglage"),
    ],
)
def test_a_fault_is_named_with_its_remedy(
    command: Command,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None] | None,
    settings: dict[str, str],
    check: str,
    said: str,
    mend: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"RELAIS_{name}", value)
    if spoil is not None:
        spoil(data)

    done = command("doctor", "--departement", "35", "--json")

    errors = [found for found in done.json()["findings"] if found["level"] == "error"]
    assert (done.status, [found["check"] for found in errors]) == (1, [check])
    assert said in errors[0]["text"]
    assert mend in errors[0]["mend"]
