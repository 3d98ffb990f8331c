"""An instance that the internet reaches is not served with a secret that anyone can guess."""

from __future__ import annotations

from typing import Any

import pytest

from directory.errors import InvalidSetting
from directory.settings import read_settings
from relais.production import refuse_default_secrets

PUBLIC = {"RELAIS_PUBLIC_URL": "https://relais.example"}
DRAWN = "8c1f0a9be27d4465b3e0"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"RELAIS_DATABASE_URL": "postgresql:///relais?host=/run/postgresql"},
        {"RELAIS_DATABASE_URL": f"postgresql://relais:{DRAWN}@base/relais", "RELAIS_METRICS_KEY": DRAWN},
        {"RELAIS_SEARCH": "http://moteur:7700", "RELAIS_SEARCH_KEY": DRAWN, "RELAIS_API_LIMITS": "redis://compteurs:6379/0"},
        {"RELAIS_SMTP_URL": f"smtps://relais:{DRAWN}@courrier.example", "RELAIS_OIDC_CLIENT_SECRET": DRAWN},
    ],
)
def test_secrets_that_were_drawn_are_accepted(given: dict[str, str]) -> None:
    refuse_default_secrets(read_settings({**PUBLIC, **given}))


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ("RELAIS_DATABASE_URL", {"RELAIS_DATABASE_URL": "postgresql://relais:PASSWORD@base/relais"}),
        ("RELAIS_DATABASE_URL", {"RELAIS_DATABASE_URL": "postgresql://relais:relais-relais-2026@base/relais"}),
        ("RELAIS_DATABASE_URL", {"RELAIS_DATABASE_URL": "postgresql://relais:@base/relais"}),
        ("RELAIS_SEARCH_KEY", {"RELAIS_SEARCH": "http://moteur:7700"}),
        ("RELAIS_SEARCH_KEY", {"RELAIS_SEARCH": "http://moteur:7700", "RELAIS_SEARCH_KEY": "masterKey"}),
        ("RELAIS_METRICS_KEY", {"RELAIS_METRICS_KEY": "aaaaaaaaaaaaaaaaaaaaaaa"}),
        ("RELAIS_API_LIMITS", {"RELAIS_API_LIMITS": "redis://:changeme@compteurs:6379/0"}),
        ("RELAIS_SMTP_URL", {"RELAIS_SMTP_URL": "smtp://relais:motdepasse123@courrier.example"}),
        ("RELAIS_OIDC_CLIENT_SECRET", {"RELAIS_OIDC_CLIENT_SECRET": "secret-secret-secret"}),
    ],
)
def test_a_missing_short_or_example_secret_is_refused_and_not_repeated(variable: str, given: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting) as refused:
        refuse_default_secrets(read_settings({**PUBLIC, **given}))

    assert variable in refused.value.public
    assert not [value for value in given.values() if value in refused.value.public or value in str(refused.value)]


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_on_this_very_machine_nothing_is_refused(address: str) -> None:
    refuse_default_secrets(read_settings({"RELAIS_PUBLIC_URL": address, "RELAIS_METRICS_KEY": "essai"}))


def test_serve_and_doctor_say_which_setting_and_how_to_draw_one(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_PUBLIC_URL", "https://relais.example")
    monkeypatch.setenv("RELAIS_METRICS_KEY", "changeme")

    serve, doctor = command("serve"), command("doctor")

    assert serve.status == doctor.status == 1
    assert "RELAIS_METRICS_KEY" in serve.err
    assert "openssl rand" in doctor.out
    assert "changeme" not in serve.err + doctor.out
