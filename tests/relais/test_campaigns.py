"""``relais campaigns``: what is prepared, and sending it to a real server."""

from __future__ import annotations

import pytest

from directory.campaigns import KEY, LASTS, digest_of
from directory.models.campaigns import Aim, CampaignState
from directory.settings import read_settings
from directory.vocabulary import Kind
from relais.services import build_services
from tests.relais.conftest import Command
from tests.smtp_server import smtp_server

pytestmark = pytest.mark.usefixtures("closing")


def test_a_campaign_is_sent_by_the_command_at_most_so_many_letters(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    core = build_services(read_settings())
    aim, now = Aim(departement="35", kinds=(Kind.PARTNER,), days=1), core.clock()
    digest = digest_of(core.repository.signing_key(KEY))
    reach = core.repository.campaigns.reach(aim, digest, now)
    said = {"message": "", "author": "x", "reply_to": "x@essai.example", "signed": "x"}
    number = core.repository.campaigns.prepare(aim, reach.recipients[:3], said, digest, now)
    refused = command("campaigns", "send")
    prepared = command("campaigns", "send", "--dry-run", "--json").json()
    core.repository.campaigns.set_state(number, CampaignState.OPEN, now + LASTS)

    with smtp_server() as box:
        settings = {"SMTP_URL": box.url, "SMTP_FROM": "relais@essai.example", "PUBLIC_URL": "https://relais.example"}
        for name, value in (settings | {"MAIL_PER_MINUTE": "600"}).items():
            monkeypatch.setenv(f"RELAIS_{name}", value)
        due = command("campaigns", "send", "--dry-run", "--json").json()
        done = command("campaigns", "send", "--limit", "2", "--json").json()

    [listed] = command("campaigns", "--json").json()
    assert (refused.status, "RELAIS_SMTP_URL" in refused.err) == (1, True)
    assert (prepared, due, done) == ({"due": False}, {"due": True}, {"sent": 2})
    assert len(box.letters) == 2
    assert (listed["letters"]["sent"], listed["letters"]["waiting"]) == (2, 1)
    assert "2 parties, 1 en attente" in command("campaigns").out
