"""Workers killed at a hundred random moments while visitors read and write: what was acknowledged is kept, the rest answers."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
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
_LISTINGS = 9
_EACH = 19  # a listing takes twenty reports, the directory two hundred an hour


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
    """Two who read and one who writes, until told."""

    def __init__(self, instance: Instance, listings: list[str]) -> None:
        self.instance, self.listings = instance, listings
        self.seen, self.over, self.acknowledged = Counter[str](), threading.Event(), list[str]()

    def read(self) -> None:
        while not self.over.is_set():
            status, page = self.instance.get("/recherche?q=mission+locale")
            self.seen[f"read {status}" if status != 200 or "</html>" in page else "read a part"] += 1
            time.sleep(0.01)

    def write(self) -> None:
        for number in range(_EACH * len(self.listings)):
            if self.over.is_set():
                return
            text = f"signalement {number}"
            status = report(self.instance, self.listings[number % len(self.listings)], text)
            self.seen[f"write {status}"] += 1
            if status == 303:
                self.acknowledged.append(text)
            time.sleep(0.2)


def test_no_acknowledged_write_is_lost_and_the_rest_answers(instance: Instance, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20261125)  # noqa: S311
    visitors = Visitors(instance, [hit["id"] for hit in instance.json("search", "fougères", "--limit", str(_LISTINGS))["hits"]])
    seen, kills = visitors.seen, 0

    with instance.served():
        threads = [threading.Thread(target=work) for work in (visitors.read, visitors.read, visitors.write)]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 4))
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
    assert visitors.acknowledged
    assert set(visitors.acknowledged) <= set(kept)
    assert max(kept.values()) == 1
    assert after == [200] * 20
    assert {name for name in seen if name.startswith("read ")} <= {"read 200", "read 0"}
