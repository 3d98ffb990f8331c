"""Workers killed at a hundred random moments while visitors read and write: what was acknowledged is kept, the rest answers."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import closing, suppress

import pytest

from tests.torture.instance import Instance

pytestmark = pytest.mark.torture
KILLS = 100
WRITERS = 3
_LISTINGS = 9
# a listing takes twenty reports, the directory two hundred an hour: here, thousands
_UNLIMITED = """
import directory.repository.reports as reports
from relais.start import main

reports.MOST_OPEN = reports.MOST_AN_HOUR = 1_000_000
main()
"""


class Thanked(urllib.request.HTTPRedirectHandler):
    """Does not follow: the redirection is the acknowledgement."""

    def redirect_request(self, *_args: object) -> None:
        return None


def report(instance: Instance, listing: str, text: str) -> int:
    """Send a report as a visitor does; returns the status of its sending, 0 where no answer came."""
    status, form = instance.get(f"/fiches/{listing}/signaler")
    token = re.search(r'name="jeton" value="([^"]+)"', form)
    if status != 200 or token is None:
        return 0
    body = urllib.parse.urlencode({"raison": "other", "texte": text, "jeton": token[1]}).encode()
    opener = urllib.request.build_opener(Thanked())
    try:
        with opener.open(f"{instance.address}/fiches/{listing}/signaler", body, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answered:
        return answered.code
    except OSError:
        return 0


class Visitors:
    """Two who read and three who write without a pause, until told."""

    def __init__(self, instance: Instance, listings: list[str]) -> None:
        self.instance, self.listings = instance, listings
        self.seen, self.over, self.acknowledged = Counter[str](), threading.Event(), list[str]()

    def threads(self) -> list[threading.Thread]:
        writers = [threading.Thread(target=self.write, args=(number,)) for number in range(WRITERS)]
        return [threading.Thread(target=self.read), threading.Thread(target=self.read), *writers]

    def read(self) -> None:
        while not self.over.is_set():
            status, page = self.instance.get("/recherche?q=mission+locale")
            self.seen[f"read {status}" if status != 200 or "</html>" in page else "read a part"] += 1
            time.sleep(0.05)

    def write(self, writer: int) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            text = f"signalement {writer}-{number}"
            status = report(self.instance, self.listings[number % len(self.listings)], text)
            self.seen[f"write {status}"] += 1
            if status == 303:
                self.acknowledged.append(text)
            elif not status:
                time.sleep(0.02)


def test_no_acknowledged_write_is_lost_and_the_rest_answers(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20261125)  # noqa: S311
    visitors = Visitors(instance, [hit["id"] for hit in instance.json("search", "fougères", "--limit", str(_LISTINGS))["hits"]])
    seen, kills = visitors.seen, 0
    instance.program = [sys.executable, "-c", _UNLIMITED]

    with instance.served():
        threads = visitors.threads()
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            instance.wait("/sante/vivant")  # else the server would be away most of the time, and few would write
            time.sleep(chance.uniform(0, 2))
            with suppress(ProcessLookupError, IndexError):  # gunicorn has not yet started the next one
                os.kill(chance.choice(instance.workers()), signal.SIGKILL)
                kills += 1
        visitors.over.set()
        for thread in threads:
            thread.join()
        instance.wait()
        after = [instance.get("/recherche?q=mission+locale")[0] for _ in range(20)]
    with closing(sqlite3.connect(instance.data / "relais.sqlite3")) as connection:
        sound = connection.execute("PRAGMA quick_check").fetchone()
        kept = Counter(text for (text,) in connection.execute("SELECT text FROM report"))
    with capsys.disabled():
        print(f"\n{kills} workers killed: {dict(seen)}; acknowledged {len(visitors.acknowledged)}, kept {sum(kept.values())}")

    assert sound == ("ok",)
    assert kills >= KILLS * 0.8
    assert len(visitors.acknowledged) >= 5 * KILLS
    assert set(visitors.acknowledged) <= set(kept)
    assert max(kept.values()) == 1
    assert after == [200] * 20
    assert {name for name in seen if name.startswith("read ")} <= {"read 200", "read 0"}
