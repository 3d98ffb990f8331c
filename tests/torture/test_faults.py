"""What breaks under a server: a full disk, a damaged index, Redis gone, a clock that jumps, two imports, a cut download."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.redis_server import running_redis
from tests.serving import free_port, serving
from tests.torture.instance import Instance, until

pytestmark = pytest.mark.torture
_TOGETHER = 5
MISSION = "/recherche?q=mission+locale"


def companies(path: Path, rows: int, name: str = "Entreprise") -> Path:
    """A list of invented companies."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id;siret;nom;code_postal;commune\n")
        file.writelines(f"e{number};;{name} {number} {'x' * 60};35300;Fougères\n" for number in range(rows))
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 MB, for root only."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("ce compte ne peut pas monter de disque")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("filled", range(3))
def test_a_full_disk_stops_imports_and_writes_and_nothing_that_is_read(
    made: Path, small_disk: Path, tmp_path: Path, filled: int
) -> None:
    instance = Instance(shutil.copytree(made, small_disk / "data"))
    instance.port = free_port()
    log = tmp_path / "log"
    path = companies(tmp_path / "entreprises.csv", 3000 * 20)
    before = instance.listings()
    with log.open("wb") as written:
        instance.process = subprocess.Popen(
            [sys.executable, "-m", "relais", "serve"], env=instance.given, stdout=written, stderr=written
        )
    try:
        instance_ready = until(lambda: instance.get("/sante")[0] == 200)
        assert instance_ready, log.read_text()
        if filled:  # full before the import begins; else the import fills it
            ballast = small_disk / "ballast"
            free = shutil.disk_usage(small_disk).free
            ballast.write_bytes(b"0" * (free - filled * 300_000))
        done = instance.run("import", "entreprises", str(path))
        pages = [instance.get(each)[0] for each in (MISSION, "/", "/a-propos")]
        after = instance.listings()
        (small_disk / "ballast").unlink(missing_ok=True)
        subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)  # room is made
        again = instance.run("import", "entreprises", str(companies(tmp_path / "entreprises.csv", 50)))
        seen = until(lambda: "Entreprise" in instance.get("/recherche?q=entreprise+7")[1])
    finally:
        instance.process.send_signal(signal.SIGTERM)
        instance.process.wait(60)

    assert done.returncode == 1
    assert "plein" in done.stderr or "place" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert pages == [200, 200, 200], log.read_text()[-2000:]
    assert after == before
    assert again.returncode == 0, again.stderr
    assert seen


def test_an_index_damaged_anywhere_is_built_again_under_the_server(
    instance: Instance, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, seen = random.Random(7), Counter[int]()  # noqa: S311
    times = 20
    with instance.served():
        for turn in range(times):
            files = [path for path in (instance.data / "index").rglob("*") if path.is_file() and path.stat().st_size]
            victim = chance.choice(files)
            if turn % 5 == 4:
                shutil.rmtree(instance.data / "index")
            elif turn % 2:
                victim.unlink()
            else:
                with victim.open("r+b") as file:
                    file.seek(chance.randrange(victim.stat().st_size))
                    file.write(os.urandom(64))
            for _ in range(5):
                status, page = instance.get(MISSION)
                seen[status] += 1
                assert status != 200 or "Mission locale" in page
            assert until(lambda: instance.get("/sante")[0] == 200)
            assert until(lambda: "Mission locale" in instance.get(MISSION)[1])
    with capsys.disabled():
        print(f"\nindex damaged {times} times: answers {dict(seen)}")

    assert set(seen) <= {200, 503}


@pytest.mark.redis
def test_the_api_counts_by_itself_while_redis_is_gone_and_with_it_again_once_it_is_back(
    instance: Instance, tmp_path: Path
) -> None:
    port = free_port()
    instance.environ["RELAIS_API_LIMITS"] = f"redis://127.0.0.1:{port}"
    api = "/api/v1/recherche?q=mission"
    statuses: list[int] = []
    with instance.served():
        for _ in range(5):
            with running_redis(tmp_path, port):
                statuses += [instance.get(api)[0] for _ in range(5)]
            statuses += [instance.get(path)[0] for path in (api, api, MISSION, "/connexion")]

    assert statuses == [200] * 45


def test_two_imports_at_once_are_one_after_the_other_or_refused(instance: Instance, tmp_path: Path) -> None:
    outcomes = Counter[tuple[int, ...]]()
    instance.run("import", "entreprises", str(companies(tmp_path / "first.csv", 200)))
    for turn in range(_TOGETHER):
        paths = [companies(tmp_path / f"{turn}-{side}.csv", 200, f"Version {turn}{side}") for side in "ab"]
        together = [instance.start("import", "entreprises", str(path)) for path in paths]
        ended = [process.wait(120) for process in together]
        outcomes[tuple(sorted(ended))] += 1
        with closing(sqlite3.connect(instance.data / "relais.sqlite3")) as connection:
            asked = "SELECT name FROM listing WHERE closed_at IS NULL AND name LIKE 'Version %'"
            found = Counter(name.split()[1] for (name,) in connection.execute(asked))

        assert 0 in ended
        assert set(ended) <= {0, 1}
        assert found in ({f"{turn}a": 200}, {f"{turn}b": 200})
    runs = instance.json("runs")

    assert sum(outcomes.values()) == _TOGETHER
    assert not [run for run in runs if run["status"] == "running"]


def test_a_download_that_is_cut_changes_nothing_and_is_told(instance: Instance) -> None:
    body = "id;siret;nom;code_postal;commune\n" + "".join(f"e{n};;Entreprise {n};35300;Fougères\n" for n in range(2000))

    class Cut(BaseHTTPRequestHandler):
        """Says how much is to come, sends a part of it, and closes."""

        sent = 0

        def do_GET(self) -> None:
            whole = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            Cut.sent += 1
            self.wfile.write(whole[: len(whole) * Cut.sent // 20])

        def log_message(self, *_args: object) -> None:
            pass

    instance.environ["RELAIS_LOOPBACK"] = "oui"
    before = instance.listings()
    with serving(Cut) as address:
        done = [instance.run("import", "entreprises", f"{address}/entreprises.csv") for _ in range(3)]

    assert Cut.sent == 9  # three tries each
    assert {each.returncode for each in done} == {1}
    assert all(each.stderr.strip().splitlines()[-1].startswith("Erreur : ") for each in done)
    assert instance.listings() == before


# the server as it is, but for its clocks of the day: they add what a file says
_JUMPING = """
import datetime, sys, time
from pathlib import Path
import relais.services
told, real_time, real_now = Path(sys.argv.pop(1)), time.time, relais.services.now
time.time = lambda: real_time() + float(told.read_text())
relais.services.now = lambda: real_now() + datetime.timedelta(seconds=float(told.read_text()))
from relais.start import main
main()
"""


@pytest.mark.parametrize("jump", [2 * 3600, -2 * 3600, 400 * 86400, -400 * 86400], ids=["+2 h", "-2 h", "+400 days", "-400 days"])
def test_a_clock_that_jumps_leaves_the_directory_readable(instance: Instance, tmp_path: Path, jump: int) -> None:
    told = tmp_path / "clock"
    told.write_text("0", encoding="utf-8")
    instance.program = [sys.executable, "-c", _JUMPING, str(told)]
    pages = (MISSION, "/", "/a-propos", "/connexion", "/api/v1/recherche?q=mission", "/mon-lycee", "/sante")
    with instance.served():
        before = [instance.get(page)[0] for page in pages]
        told.write_text(str(jump), encoding="utf-8")
        during = [instance.get(page)[0] for page in pages for _ in range(4)]
        told.write_text("0", encoding="utf-8")
        after = [instance.get(page)[0] for page in pages for _ in range(4)]

    assert before == [200] * len(pages)
    assert set(during) == {200}
    assert set(after) == {200}
    assert "ERROR" not in instance.log.read_text()
