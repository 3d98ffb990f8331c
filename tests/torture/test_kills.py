"""A real import killed at random moments: each time the directory is sound, in its old state or the new; the next completes."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from directory.database import open_engine, upgrade
from directory.repository import Repository

ROOT = Path(__file__).resolve().parents[2]
KILLS = 100
ROWS = 4000
pytestmark = pytest.mark.torture


def companies(path: Path, version: int) -> Path:
    """A list of invented companies of which every row bears its version; a fifth of them is in one version of two only."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id;siret;nom;code_postal;commune\n")
        for number in range(ROWS):
            if number % 5 or version % 2:
                file.write(f"e{number};;Version {version} Entreprise {number};35300;Fougères\n")
    return path


def rows_of(version: int) -> int:
    """How many rows a version has."""
    return ROWS if version % 2 else ROWS - ROWS // 5


def state(data: Path) -> tuple[Counter[str], int]:
    """How many open listings are of each version, and the revision; the file itself is sound."""
    database = data / "relais.sqlite3"
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
    connection.close()
    engine = open_engine(f"sqlite:///{database}")
    upgrade(engine)
    repository = Repository(engine)
    names = [listing.record.name for listing in repository.iterate_listings()]
    found = Counter(name.split()[1] for name in names), repository.revision()
    engine.dispose()
    return found


def start(data: Path, path: Path) -> subprocess.Popen[bytes]:
    # by other processes too from the first row on (importers.readers), as a file of a hundred thousand rows is
    run = "import importers.readers; importers.readers.WORTH = 0.0; from relais.start import main; main()"
    command = [sys.executable, "-c", run, "import", "entreprises", str(path)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "RELAIS_DATA": str(data)}, **quiet)


def test_an_import_killed_at_any_moment_leaves_the_old_state_or_the_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, chance = tmp_path / "data", random.Random(20261125)  # noqa: S311
    # the first also builds the caches: the second tells how long an import takes
    for version in (0, KILLS + 2):
        began = time.monotonic()
        assert start(data, companies(tmp_path / "entreprises.csv", version)).wait() == 0
        whole = time.monotonic() - began
    before, outcomes = state(data), Counter[str]()

    for version in range(1, KILLS + 1):
        process = start(data, companies(tmp_path / "entreprises.csv", version))
        time.sleep(chance.uniform(0, whole * 1.2))
        ended = process.poll() is not None
        if not ended:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        after = state(data)
        if after == before:
            outcomes["ended unseen" if ended else "killed, old state"] += 1
        else:
            # all of the new version and nothing of the old one, but the rows that the new one lacks
            assert after[0][str(version)] == rows_of(version)
            assert sum(after[0].values()) <= ROWS
            assert after[1] == before[1] + 1
            outcomes["ended" if ended else "killed, new state"] += 1
        before = after

    last = KILLS + 1
    assert start(data, companies(tmp_path / "entreprises.csv", last)).wait() == 0
    versions, _ = state(data)
    with capsys.disabled():
        print(f"\n{KILLS} imports of {ROWS} rows killed at random moments: {dict(outcomes)}; the next one completed")
    assert versions == {str(last): ROWS}
    assert outcomes["ended unseen"] == 0
