"""What waits for a curator among the listings: on every database, by département, without what was put off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from directory.models.changes import AppliedCounts
from directory.models.desk import PUT_OFF, Queue
from directory.repository import Repository
from directory.repository.desk import Waiting
from directory.vocabulary import Visibility
from tests.directory.conftest import NOW
from tests.factories import sourced

Publish = Callable[..., AppliedCounts]
EVENT = {"kind": "event", "category": "salon", "name": "Salon sans date"}


def waiting(repository: Repository, queue: Queue, *, departement: str = "35", days: int = 0) -> list[str]:
    """The ids that wait in a queue, which its count must agree with."""
    asked = Waiting(queue=queue, departement=departement, now=NOW + timedelta(days=days), viewer=Visibility.PUBLIC)
    found = repository.desk.list_waiting(asked, 50)
    assert repository.desk.count_waiting(asked) == len(found)
    return found


def test_each_queue_holds_what_it_says_of_its_departement(publish: Publish, repository: Repository) -> None:
    checked = sourced("2", checked_at="2026-11-01", name="Vérifiée ce mois-ci")
    stale = sourced("3", checked_at="2025-01-01", name="Vérifiée il y a longtemps")
    publish(sourced("1"), checked, stale, sourced("4", **EVENT), sourced("5", visibility="private", name="Privée"))
    publish(sourced("1"), checked, sourced("4", **EVENT), day=1)

    assert waiting(repository, Queue.UNCHECKED, days=1) == ["missions_locales--1"]
    assert waiting(repository, Queue.UNDATED) == ["missions_locales--4"]
    assert waiting(repository, Queue.VANISHED, days=1) == ["missions_locales--3"]
    assert waiting(repository, Queue.VANISHED, days=90) == []
    assert waiting(repository, Queue.UNCHECKED, departement="29") == []


def test_what_is_put_off_comes_back_when_its_time_is_over_or_when_it_is_taken_up(
    publish: Publish, repository: Repository
) -> None:
    publish(sourced("1"))
    repository.desk.put_off(Queue.UNCHECKED, ["missions_locales--1"] * 2, "a", NOW)
    away, back = waiting(repository, Queue.UNCHECKED), waiting(repository, Queue.UNCHECKED, days=PUT_OFF.days + 1)

    repository.desk.take_up(Queue.UNCHECKED, ["missions_locales--1"])

    assert (away, back) == ([], ["missions_locales--1"])
    assert waiting(repository, Queue.UNCHECKED) == ["missions_locales--1"]
    assert repository.desk.count_decisions("a", NOW - timedelta(days=1)) == 0
