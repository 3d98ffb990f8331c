"""Killed while it sends: no letter leaves twice, whatever the moment; what had not left leaves at the next start."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from directory.campaigns import KEY, LASTS, digest_of
from directory.models.campaigns import Aim, CampaignState, LetterState
from directory.models.changes import ChangeSet
from directory.settings import read_settings
from directory.vocabulary import Kind
from relais.services import build_services
from tests.factories import sourced
from tests.smtp_server import smtp_server

pytestmark = pytest.mark.torture
LETTERS, KILLS = 40, 12
AIM = Aim(departement="35", kinds=(Kind.PARTNER,), days=1)
SAID = {"message": "", "author": "x", "reply_to": "x@essai.example", "signed": "x"}


def test_a_process_killed_while_it_sends_sends_nothing_twice(tmp_path: Path) -> None:
    core = build_services(read_settings({"RELAIS_DATA": str(tmp_path)}))
    now, digest = core.clock(), digest_of(core.repository.signing_key(KEY))
    run = core.repository.start_run("tableur", [], now)
    added = [sourced(str(rank), "tableur", contacts=({"email": f"a{rank}@essai.example"},)) for rank in range(LETTERS)]
    core.repository.apply(ChangeSet(source="tableur", run_pk=run, added=added, trust=core.trust), now)
    core.repository.finish_run(run, "done", {}, [], "", now)
    kept = core.repository.campaigns
    number = kept.prepare(AIM, kept.reach(AIM, digest, now).recipients, SAID, digest, now)
    kept.set_state(number, CampaignState.OPEN, now + LASTS)

    with smtp_server() as box:
        box.slow_s = 0.15
        given = {"DATA": tmp_path, "SMTP_URL": box.url, "SMTP_FROM": "r@essai.example", "PUBLIC_URL": "https://relais.example"}
        environment = {**os.environ, **{f"RELAIS_{name}": str(value) for name, value in given.items()}}
        command = [sys.executable, "-m", "relais", "campaigns", "send"]
        for _ in range(KILLS):
            process = subprocess.Popen(command, env=environment | {"RELAIS_MAIL_PER_MINUTE": "600"})
            before, deadline = len(box.letters), time.monotonic() + 60
            while len(box.letters) == before and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(random.uniform(0, 0.6))  # noqa: S311 - a moment, no secret
            process.kill()
            process.wait()
        subprocess.run(command, env=environment | {"RELAIS_MAIL_PER_MINUTE": "600"}, check=True)

    letters = kept.get(number).letters
    told = {state: count for state, count in letters.items() if count}
    print(f"{KILLS} kills: {told}, {len(box.letters)} letters came")
    assert [to for to, times in Counter(box.to()).items() if times > 1] == []
    assert letters[LetterState.WAITING] == 0
    assert letters[LetterState.SENT] + letters[LetterState.SENDING] + letters[LetterState.UNCERTAIN] == LETTERS
