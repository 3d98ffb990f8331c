"""A campaign that is open, a clock that tests move, a mail server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.campaigns import KEY, LASTS, digest_of
from directory.models.campaigns import Aim, CampaignState
from directory.repository import Repository
from directory.settings import Settings, read_settings
from directory.vocabulary import Kind
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced
from tests.smtp_server import LetterBox, smtp_server

AIM = Aim(departement="35", kinds=(Kind.PARTNER,), days=365)


SAID = {
    "message": "Merci de votre aide.",
    "author": "Une curatrice",
    "reply_to": "bureau@lycee.example",
    "signed": "Le bureau des entreprises (lycée d’essai)",
}


class Clock:
    """A clock that a test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def box() -> Iterator[LetterBox]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings_for(box: LetterBox, tmp: Path, url: str = "") -> Settings:
    """The settings with which letters are sent to a box (or to another server)."""
    given = {
        "RELAIS_DATA": str(tmp),
        "RELAIS_SMTP_URL": url or box.url,
        "RELAIS_SMTP_FROM": "Relais <relais@essai.example>",
        "RELAIS_PUBLIC_URL": "https://relais.example",
    }
    return read_settings(given)


@pytest.fixture
def settings(box: LetterBox, tmp_path: Path) -> Settings:
    return settings_for(box, tmp_path)


Open = Callable[..., int]


@pytest.fixture
def opened(repository: Repository, publish: Publish) -> Open:
    """Publishes partners with these addresses and opens a campaign to them; its number."""

    def run(*emails: str) -> int:
        publish(*(sourced(str(rank), name=f"Partenaire {rank}", contacts=({"email": each},)) for rank, each in enumerate(emails)))
        digest = digest_of(repository.signing_key(KEY))
        reach = repository.campaigns.reach(AIM, digest, NOW)
        number = repository.campaigns.prepare(AIM, reach.recipients, SAID, digest, NOW)
        repository.campaigns.set_state(number, CampaignState.OPEN, NOW + LASTS)
        return number

    return run


def links_of(box: LetterBox, rank: int = 0) -> list[str]:
    """The tokens of a letter's links, that which stops letters last."""
    return re.findall(r"https://relais\.example/partenaire/(?:stop/)?(\S+)", box.letters[rank].get_content())
