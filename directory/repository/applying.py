"""Applying what an import found, or what a person decided of two records: worked out, staged, then one short transaction."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from directory.database import of_run, reading, writing
from directory.models.changes import AppliedCounts, ChangeSet, Foreseen
from directory.models.duplicates import Comparer, Decision, Verdict
from directory.repository import (
    bassins,
    doubts,
    forgetting,
    judgements,
    merged,
    pairs,
    publishing,
    referentials,
    runs,
    staging,
    undoing,
)  # fmt: skip
from directory.repository.linking import Bond, assign, link
from directory.repository.merged import Batch
from directory.repository.staging import Gathered


def foresee(engine: Engine, changes: ChangeSet, comparer: Comparer | None) -> Foreseen:
    """What ``apply`` would do. Nothing is written."""
    with staging.gathering(engine, changes, comparer, reserve=False) as gathered, reading(engine) as connection:
        return Foreseen(
            records=gathered.counts,
            bassins=bassins.compare(connection, changes.source, changes.bassins),
            entries=referentials.compare(connection, changes.entries),
            merges=tuple(gathered.merges),
        )


def apply(engine: Engine, changes: ChangeSet, comparer: Comparer | None, now: datetime) -> Foreseen:
    """Publish what a run found. Only the holder of the import lock calls this."""
    engine = of_run(engine, changes.run_pk)
    expected = None
    with staging.gathering(engine, changes, comparer, reserve=True) as gathered:
        doubts.keep(engine, changes.run_pk, changes.source, changes.doubts)
        if gathered.groups:
            expected = merged.stage_listings(engine, gathered, Batch(changes.run_pk, now, changes.trust))
        else:
            staging.stage_marks(engine, gathered.marks)
    done = _swap(engine, changes, gathered, expected, now)
    staging.clear(engine)
    return done


def _swap(engine: Engine, changes: ChangeSet, gathered: Gathered, expected: int | None, now: datetime) -> Foreseen:
    """The one transaction that publishes."""
    with writing(engine) as connection:
        maps = bassins.replace(connection, changes.source, changes.bassins)
        entries = referentials.replace(connection, changes.source, changes.entries)
        if expected is not None:
            publishing.publish(connection, changes.run_pk, expected, now)
        elif maps.added or maps.changed or maps.removed:
            publishing.bump(connection)
        publishing.mark(connection, now)
        if changes.undoes is not None:
            undoing.settle(connection, changes.source, changes.undoes, changes.run_pk)
        forgetting.forget(connection, changes.source, changes.forgotten)
        if not gathered.partial:
            publishing.see_all(connection, changes.source, now)
        doubts.settle(connection, changes.run_pk, changes.source, whole=changes.whole)
        done = Foreseen(records=gathered.counts, bassins=maps, entries=entries, merges=tuple(gathered.merges))
        runs.publish(connection, changes.run_pk, done.counts.to_json())
    return done


def judge(engine: Engine, asked: int | tuple[str, str], decision: Decision, comparer: Comparer | None) -> int:
    """Note what a person decides of two records, and merge or part their listings. Only the holder of the import lock calls this.

    The services of structures that become one, or part, are compared anew.

    Returns:
        The number of the pair.
    """
    staging.clear(engine)
    with reading(engine) as connection:
        left, right = judgements.find_pair(connection, asked)
        if judgements.is_said(connection, left, right, decision):
            return judgements.number_of(connection, left, right)
        verdict = judgements.meant(connection, left, right, decision.verdict)
        if verdict is Verdict.SAME:
            judgements.check_closings(connection, left, right)
        nodes = {node.pk: node for node in staging.list_nodes(connection, (left, right))}
    decided = [] if verdict is None else [Bond(left, right, verdict, decision.now.timestamp(), by_person=True)]
    gathered = Gathered(first_new=sys.maxsize)

    def group() -> list[Bond]:
        every = staging.expand(engine, nodes, gathered.fresh)
        with reading(engine) as connection:
            bonds = pairs.bonds_among(connection, every, gathered.fresh, undone={(left, right)})
        bonds = [bond for bond in bonds if not decided or (bond.left, bond.right) != (left, right)] + decided
        gathered.groups = list(assign(link(every.values(), bonds)))
        return bonds

    bonds = group()
    judgements.check(gathered.groups, bonds)
    if comparer is not None:
        services = staging.compare_services(engine, comparer, gathered.groups, gathered.fresh, nodes, {})
        if services is not None:
            group()
    expected = merged.stage_listings(engine, gathered, Batch(0, decision.now, decision.trust))
    with writing(engine) as connection:
        number = judgements.note(connection, left, right, verdict, decision)
        publishing.publish(connection, 0, expected, decision.now, (decision.by, decision.note))
    staging.clear(engine)
    return number


def compare_all(engine: Engine, comparer: Comparer, trust: Mapping[str, int], now: datetime) -> AppliedCounts:
    """Compare every record anew. Only the holder of the import lock calls this."""
    staging.clear(engine)
    nodes, fresh = staging.read_keys(engine, comparer)
    proposed = pairs.find(engine, comparer, nodes, fresh)
    gathered = Gathered(first_new=sys.maxsize, fresh=fresh, groups=staging.group_nodes(engine, nodes, fresh))
    services = staging.compare_services(engine, comparer, gathered.groups, fresh, nodes, {})
    if services is not None:
        proposed |= services
        gathered.groups = staging.group_nodes(engine, nodes, fresh)
    joined = sum(len(staging.list_merges(group)) for group in gathered.groups)
    expected = merged.stage_listings(engine, gathered, Batch(0, now, trust))
    with writing(engine) as connection:
        publishing.publish(connection, 0, expected, now)
    staging.clear(engine)
    return AppliedCounts(unchanged=len(nodes), merged=joined, proposed=staging.count_proposed(proposed, gathered.groups))
