"""From a plan to what the repository is asked to do."""

from __future__ import annotations

from directory.models.changes import ChangeSet
from importers.plan import Plan
from importers.run import Run
from importers.source import sources


def to_changes(plan: Plan, run: Run, run_pk: int) -> ChangeSet:
    """What the repository is asked to do."""
    return ChangeSet(
        source=run.source.name,
        run_pk=run_pk,
        added=plan.added,
        changed=plan.changed,
        unchanged=plan.unchanged,
        missed=plan.missed,
        missing=plan.missing,
        reasons=plan.reasons,
        forgotten=plan.forgotten,
        bassins=plan.bassins,
        entries=plan.entries,
        doubts=run.doubts,
        whole=run.source.complete and run.covers is None,
        trust={source.name: source.trust for source in sources().values()},
    )
