"""``relais reports``: what visitors said, and closing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from directory.models.report import Report, ReportReason
from directory.settings import read_settings
from relais.services import build_services

SAID = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Europe/Paris"))


def test_a_report_is_read_then_closed_and_its_text_goes(command: Callable[..., Any], data: Path) -> None:
    repository = build_services(read_settings({"RELAIS_DATA": str(data)})).repository
    said = Report(listing_id="essai--ml", reason=ReportReason.CONTACT, text="Le numéro ne répond plus.", nonce="un")
    repository.keep_report(said, SAID)

    read = command("reports")
    closed = command("reports", "close", 1, "--note", "numéro corrigé", "--by", "bureau")
    after = command("reports", "--all", "--json").json()

    assert "Le numéro ne répond plus." in read.out
    assert "1 signalement à lire." in read.out
    assert "numéro corrigé" in closed.out
    assert (after["open"], after["reports"][0]["text"], after["reports"][0]["closed_by"]) == (0, "", "bureau")


def test_a_report_that_does_not_exist_is_said(command: Callable[..., Any]) -> None:
    outcome = command("reports", "close", 99)

    assert outcome.status == 1
    assert "Aucun signalement ne porte le numéro 99" in outcome.err
