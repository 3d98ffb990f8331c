"""Apply a plan in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.models.changes import AppliedCounts, ChangeSet
from directory.models.published import BassinRecord
from directory.repository import Repository
from directory.territory import Bassins
from importers.plan import Plan
from importers.run import Run
from importers.source import sources


@dataclass(frozen=True, slots=True)
class Published:
    """What was written: of the records, of the bassins, of the entries of referentials."""

    records: AppliedCounts
    bassins: AppliedCounts
    entries: AppliedCounts


def publish(plan: Plan, run: Run, run_pk: int, repository: Repository) -> Published:
    """Write what a plan says: the bassins, which the records name, then the records, all or nothing.

    Raises:
        DatabaseError: The database refused; no record has changed.
    """
    bassins = repository.replace_bassins(run.source.name, plan.bassins) if plan.bassins else AppliedCounts()
    entries = repository.replace_referentials(run.source.name, plan.entries) if plan.entries else AppliedCounts()
    changes = ChangeSet(
        source=run.source.name,
        run_pk=run_pk,
        added=plan.added,
        changed=plan.changed,
        unchanged=plan.unchanged,
        missing=plan.missing,
        trust={source.name: source.trust for source in sources().values()},
    )
    return Published(repository.apply(changes, run.now), bassins, entries)


def foresee(plan: Plan, run: Run) -> Published:
    """What publishing a plan would do, as far as it can be told without writing: records that would merge are not counted."""
    records = AppliedCounts(
        added=len(plan.added), changed=len(plan.changed), unchanged=len(plan.unchanged), removed=len(plan.missing)
    )  # fmt: skip
    return Published(records, compare_bassins(plan.bassins, run.bassins), plan.entry_counts)


def compare_bassins(stated: Sequence[BassinRecord], known: Bassins | None) -> AppliedCounts:
    """How many bassins are new, differ, or are as the directory has them."""
    before = {bassin.code: known.get(bassin.code) for bassin in stated} if known is not None else {}
    added = sum(1 for bassin in stated if before.get(bassin.code) is None)
    same = sum(1 for bassin in stated if (held := before.get(bassin.code)) is not None and _facts(held) == _facts(bassin))
    return AppliedCounts(added=added, changed=len(stated) - added - same, unchanged=same)


def _facts(bassin: BassinRecord) -> tuple[object, ...]:
    return bassin.label, bassin.academie, sorted(bassin.communes), sorted(bassin.establishments), bassin.demonstration
