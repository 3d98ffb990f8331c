"""Undoing a whole run: what it replaced is published again, by a run of its own; for the worker and for the command line."""

from __future__ import annotations

from dataclasses import dataclass

from directory.errors import RunNotUndoable
from directory.models.changes import AppliedCounts, ChangeSet
from directory.repository.undoing import TAKEN_BACK, Undoing
from directory.services import Services


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a run did.

    Attributes:
        run: The run that undid it.
        counts: What that run did, in records.
        newer: Records that a later run had written, left as they are.
        kept: Records of listings that a curator had corrected, left as they are.
    """

    run: int
    counts: AppliedCounts
    newer: int
    kept: int

    def to_json(self) -> dict[str, int]:
        """The same, flat."""
        return {"run": self.run, **self.counts.to_json(), "newer": self.newer, "kept": self.kept}


def foresee_undoing(services: Services, run_pk: int) -> Undoing:
    """What undoing a run would do now.

    Raises:
        RunNotFound: There is no such run.
        RunNotUndoable: What it replaced is not kept.
    """
    repository = services.repository
    undoing = repository.plan_undoing(run_pk)
    if not repository.can_undo(run_pk):
        raise RunNotUndoable(run_pk)
    return undoing


def undo_run(services: Services, run_pk: int, by: str, *, keep_edited: bool) -> Undone:
    """Publish what a run replaced. What a later run wrote stays.

    Args:
        services: The directory.
        run_pk: The run to undo.
        by: Who undoes it.
        keep_edited: Leave the listings of which a curator stated something since.

    Raises:
        RunNotFound: There is no such run.
        RunNotUndoable: What it replaced is not kept (any more).
        DatabaseBusy: An import is under way.
    """
    repository, now = services.repository, services.clock()
    undone = repository.get_run(run_pk)
    run = repository.start_run(undone.source, undone.inputs, now)
    status, counts = "failed", AppliedCounts()
    why = f"Import n° {undone.pk} annulé par {by}."
    try:
        undoing = foresee_undoing(services, run_pk)
        kept = len(undoing.edited) if keep_edited else 0
        if kept:
            undoing = undoing.without(undoing.edited)
        changes = ChangeSet(
            source=undone.source,
            run_pk=run,
            changed=undoing.changed,
            unchanged=undoing.back,
            missing=[*undoing.brought, *undoing.gone],
            reasons=dict.fromkeys(undoing.brought, TAKEN_BACK) | undoing.gone,
            whole=False,
            trust=services.trust,
            undoes=undone.pk,
        )
        counts, status = repository.apply(changes, now).counts, "done"
    finally:
        repository.finish_run(run, status, counts.to_json(), [], why, services.clock())
    return Undone(run, counts, undoing.newer, kept)
