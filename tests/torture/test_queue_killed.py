"""The worker killed at a hundred random moments: each list that was accepted is published once, wholly, by whoever comes next."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from directory.models.uploads import UploadState
from directory.settings import read_settings
from relais.services import build_services
from tests.relais.test_worker import add_list, working

pytestmark = pytest.mark.torture
KILLS = 100
ROWS = 1000


def test_a_worker_killed_at_any_moment_loses_no_list_and_publishes_none_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    core, chance = build_services(read_settings({"RELAIS_DATA": str(tmp_path)})), random.Random(20261125)  # noqa: S311
    uploads, kills, lists, found = core.repository.uploads, 0, 0, Counter[str]()

    while kills < KILLS:
        lists += 1
        before = sum(core.repository.count_listings().values())
        number = add_list(core, ROWS + lists, UploadState.APPLYING)
        core.enqueue(number)
        began, whole = time.monotonic(), 6.0
        while uploads.get(number).state is not UploadState.APPLIED:
            assert time.monotonic() - began < 600
            with working(tmp_path) as process:
                ends = time.monotonic() + chance.uniform(0, whole)
                while time.monotonic() < ends and uploads.get(number).state is not UploadState.APPLIED:
                    time.sleep(0.05)
            process.wait()
            kills, whole = kills + 1, whole * 1.2  # a slow machine ends its work too
            held = sum(core.repository.count_listings().values())
            assert held in {before, ROWS + lists}
            found["old state" if held == before else "new state"] += 1

    done = [run for run in core.repository.list_runs("tableur", limit=10_000) if run.status == "done"]
    with capsys.disabled():
        print(f"\n{kills} workers killed over {lists} lists of {ROWS} rows: {dict(found)}")
    assert all(uploads.get(number).state is UploadState.APPLIED for number in range(1, lists + 1))
    assert len(done) == lists
