"""The API's counts in memory: they end in time, are forgotten, and lose nothing among threads."""

from __future__ import annotations

import threading

import pytest

from web.api import limits
from web.api.limits import CountsInMemory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test moves."""
    moment = [1000.0]
    monkeypatch.setattr(limits.time, "time", lambda: moment[0])
    return moment


def test_a_count_ends_with_its_window_and_begins_again(clock: list[float]) -> None:
    counts = CountsInMemory("relais-memory://")

    before = [counts.incr("a", 60), counts.incr("a", 60, amount=5), counts.get("a")]
    clock[0] += 60
    after = [counts.get("a"), counts.incr("a", 60)]

    assert before == [1, 6, 6]
    assert after == [0, 1]


def test_counts_that_have_ended_are_forgotten(clock: list[float]) -> None:
    counts = CountsInMemory("relais-memory://")
    for number in range(500):
        counts.incr(f"address {number}", 60)

    clock[0] += 61
    counts.incr("another", 60)

    assert list(counts.storage) == ["another"]
    assert list(counts.expirations) == ["another"]


def test_threads_that_count_together_lose_nothing() -> None:
    counts = CountsInMemory("relais-memory://")
    threads = [threading.Thread(target=lambda: [counts.incr("a", 600) for _ in range(500)]) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts.get("a") == 4000
