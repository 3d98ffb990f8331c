"""Apply a plan in one transaction, then the index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from directory.geocoding.gazetteer import Gazetteer
from directory.search.documents import build_documents

from directory.models.changes import AppliedCounts, ChangeSet
from directory.models.published import BassinRecord
from directory.repository import Repository
from directory.search.types import SearchIndex
from directory.territory import Bassins
from directory.text import fold
from importers.plan import Plan
from importers.run import Run
from importers.source import sources


def publish(plan: Plan, run: Run, run_pk: int, repository: Repository) -> AppliedCounts:
    """Write what a plan says: the bassins first, then the records, all or nothing.

    Raises:
        DatabaseError: The database refused; nothing has changed.
    """
    counts = compare_bassins(plan.bassins, run.bassins)
    if counts["added"] or counts["changed"]:
        for source, bassins in _by_owner(run.source.name, plan.bassins).items():
            repository.replace_bassins(source, bassins)
    changes = ChangeSet(
        source=run.source.name,
        run_pk=run_pk,
        added=plan.added,
        changed=plan.changed,
        unchanged=plan.unchanged,
        missing=plan.missing,
        trust={source.name: source.trust for source in sources().values()},
    )
    return repository.apply(changes, run.now)


def compare_bassins(stated: Sequence[BassinRecord], known: Bassins | None) -> dict[str, int]:
    """How many bassins are new, differ, or are as the directory has them."""
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for bassin in stated:
        before = known.get(bassin.code) if known is not None else None
        counts["added" if before is None else "unchanged" if _same(before, bassin) else "changed"] += 1
    return counts


def refresh_index(repository: Repository, index: SearchIndex, gazetteer: Gazetteer) -> None:
    """Rebuild the index when it does not hold the directory's revision."""
    revision = repository.revision()
    if index.revision() != revision:
        index.rebuild(build_documents(repository.iterate_listings(), gazetteer), revision)


def _same(before: BassinRecord, after: BassinRecord) -> bool:
    def facts(bassin: BassinRecord) -> tuple[object, ...]:
        return bassin.label, bassin.academie, sorted(bassin.communes), sorted(bassin.establishments), bassin.demonstration

    return facts(before) == facts(after)


def _by_owner(source: str, bassins: Sequence[BassinRecord]) -> dict[str, list[BassinRecord]]:
    """The bassins by who states them: each académie publishes its own map, and replaces no other's."""
    owners: dict[str, list[BassinRecord]] = defaultdict(list)
    for bassin in bassins:
        owners[f"{source} {fold(bassin.academie)}".strip().replace(" ", "_")].append(bassin)
    return owners
