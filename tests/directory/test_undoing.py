"""Undoing runs, in the directory: on both databases, in any order, whatever was killed beside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.models.changes import ChangeSet
from directory.models.record import SourcedRecord
from directory.repository import Repository
from tests.directory.conftest import NOW
from tests.factories import sourced

SOURCE = "tableur"
TRUST = {SOURCE: 20}


def entry(number: str, address: str) -> SourcedRecord:
    return sourced(number, SOURCE, name=f"Atelier {number}", address=address)


def publish(repository: Repository, *entries: SourcedRecord, status: str = "done") -> int:
    """A run that keeps what it replaces, as the import of a list does; or that ends before it publishes."""
    run = repository.start_run(SOURCE, [], NOW)
    known = repository.known_records(SOURCE)
    added = [each for each in entries if each.record_id not in known]
    changed = [each for each in entries if each.record_id in known]
    repository.keep_replaced(run, SOURCE, [each.record_id for each in added], [each.record_id for each in changed])
    if status == "done":
        changes = ChangeSet(source=SOURCE, run_pk=run, added=added, changed=changed, whole=False, trust=TRUST)
        repository.apply(changes, NOW)
    repository.finish_run(run, status, {}, [], "", NOW)
    return run


def undo(repository: Repository, run_pk: int) -> None:
    """A run that publishes what another replaced."""
    run = repository.start_run(SOURCE, [], NOW)
    plan = repository.plan_undoing(run_pk)
    missing = [*plan.brought, *plan.gone]
    changes = ChangeSet(
        source=SOURCE,
        run_pk=run,
        changed=plan.changed,
        unchanged=plan.back,
        missing=missing,
        whole=False,
        trust=TRUST,
        undoes=run_pk,
    )
    repository.apply(changes, NOW)
    repository.finish_run(run, "done", {}, [], "", NOW)


def addresses(repository: Repository) -> dict[str, str]:
    return {each.record.name: each.record.address for each in repository.iterate_listings() if each.closed_at is None}


@pytest.mark.parametrize(
    ("order", "left"),
    [
        ((1, 0), [{"Atelier 1": "1 rue Neuve"}, {}]),
        ((0, 1), [{"Atelier 1": "2 rue Neuve", "Atelier 2": "2 rue Neuve"}, {}]),
    ],
)
def test_two_runs_are_undone_in_any_order(repository: Repository, order: tuple[int, int], left: list[dict[str, str]]) -> None:
    runs = (
        publish(repository, entry("1", "1 rue Neuve")),
        publish(repository, entry("1", "2 rue Neuve"), entry("2", "2 rue Neuve")),
    )

    seen = []
    for which in order:
        undo(repository, runs[which])
        seen.append(addresses(repository))

    assert seen == left
    assert not any(map(repository.can_undo, runs))


def test_a_run_that_ended_before_it_published_is_none_that_stands_and_its_rows_go(repository: Repository) -> None:
    first = publish(repository, entry("1", "1 rue Neuve"))
    dead = publish(repository, entry("1", "3 rue Neuve"), status="failed")

    undo(repository, first)
    kept = repository.can_undo(dead)
    repository.forget_replaced(NOW - timedelta(days=90))

    assert addresses(repository) == {}
    assert (kept, repository.can_undo(dead)) == (True, False)
