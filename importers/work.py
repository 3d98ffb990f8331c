"""The part of a run between its start and its end: reading, planning, publishing; or finding that nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import chain
from typing import Any

from directory.models.changes import Foreseen, KnownRecord, RunDetails
from directory.repository import Repository
from importers.describing import describe, describe_done
from importers.drift import find_alarms
from importers.locating import locate_all
from importers.plan import Plan, Stated, check_entries, make_plan
from importers.publish import to_changes
from importers.readers import Knowledge, Readers
from importers.report import ImportReport
from importers.run import Run
from importers.territory import Territory

COUNTS = ("read", "added", "changed", "unchanged", "missed", "removed", "merged", "proposed", "refused")
"""The counts of a report that are kept with its run."""

_LOOKED_BACK = 20


class Work:
    """The part of a run between its start and its end."""

    def __init__(self, run: Run, repository: Repository, *, allow_removals: bool, undoable: bool = False) -> None:
        self._run = run
        self._repository = repository
        self._allow_removals = allow_removals
        self._undoable = undoable

    def foresee(self) -> ImportReport:
        """What the run would do. Nothing is written."""
        with self._plan() as (plan, known):
            described = describe(plan, known, self._repository)
            foreseen = self._repository.foresee(to_changes(plan, self._run, 0))
            return self._report(plan, None, foreseen, described | describe_done(plan, foreseen))

    def publish(self, run_pk: int, fingerprint: str) -> tuple[ImportReport, RunDetails]:
        """Read the files and publish what they say: all of it, or nothing."""
        run, repository = self._run, self._repository
        with self._plan() as (plan, known):
            described = describe(plan, known, repository)
            if self._undoable:
                touched = chain((record.record_id for record in plan.changed), plan.missed, plan.missing)
                repository.keep_replaced(run_pk, run.source.name, (record.record_id for record in plan.added), touched)
            done = repository.apply(to_changes(plan, run, run_pk), run.now)
            report = self._report(plan, run_pk, done, described | describe_done(plan, done))
            profile = plan.profile.to_json() | {"whole": plan.whole, "asked": run.asked, "covers": _covers(run)}
        details = RunDetails(
            fingerprint="" if run.incomplete else fingerprint, plan=report.plan, profile=profile, alarms=report.alarms
        )
        return report, details

    def repeat(self, run_pk: int, fingerprint: str) -> tuple[ImportReport, RunDetails] | None:
        """What the last run found, when it read the same files in the same way and nothing has changed since; else None."""
        done = [run for run in self._repository.list_runs(self._run.source.name, limit=_LOOKED_BACK) if run.status == "done"]
        last = done[0] if done else None
        if last is None or not fingerprint or last.fingerprint != fingerprint or last.counts.get("missed"):
            return None
        if not last.profile.get("whole") or (last.profile.get("asked") and last.revision != self._repository.revision()):
            return None
        first = last.repeats or last.pk
        held = sum(last.counts.get(name, 0) for name in ("added", "changed", "unchanged"))
        counts = dict.fromkeys(COUNTS, 0) | {"read": last.counts["read"], "unchanged": held, "refused": last.counts["refused"]}
        report = ImportReport(
            source=self._run.source.name,
            run=run_pk,
            **counts,
            doubts=tuple(self._repository.list_doubts(first)),
            plan={},
            alarms=tuple(last.alarms),
            message=f"Fichiers identiques à ceux de l’import n° {first} : rien à changer.",
            seconds=0.0,
        )
        return report, RunDetails(fingerprint=fingerprint, profile=last.profile, alarms=last.alarms, repeats=first)

    @contextmanager
    def _plan(self) -> Iterator[tuple[Plan, Mapping[str, KnownRecord]]]:
        run, repository = self._run, self._repository
        run.bassins = repository.load_bassins()
        known = repository.known_records(run.source.name)
        run.held = known.keys()
        # what a run for one département leaves is looked at record by record, here
        run.readers = None if run.departement else Readers(self._know)
        try:
            stated = locate_all(_records(run), repository.load_addresses)
            plan = make_plan(run, stated, known, allow_removals=self._allow_removals)
        finally:
            if run.readers is not None:
                run.readers.close()
        with closing(plan):
            if plan.entries and not self._allow_removals:
                check_entries(run, repository.compare_referentials(plan.entries))
            yield plan, known

    def _know(self) -> Knowledge:
        versions = self._repository.referential_versions()
        return Knowledge(
            located=self._repository.load_addresses(),
            referentials={name: (version, self._repository.load_referential(name)) for name, version in versions.items()},
        )

    def _report(self, plan: Plan, run_pk: int | None, done: Foreseen, described: Mapping[str, Any]) -> ImportReport:
        return ImportReport(
            source=self._run.source.name,
            run=run_pk,
            read=self._run.read,
            refused=plan.refused,
            **done.counts.to_json(),
            doubts=tuple(self._run.doubts),
            plan=described,
            alarms=tuple(self._alarms(plan)),
            message="",
            seconds=0.0,
        )

    def _alarms(self, plan: Plan) -> list[str]:
        """What is unlike the last runs that held the same part of the source, or files of the same names."""
        runs = self._repository.list_runs(self._run.source.name, limit=_LOOKED_BACK)
        names = {path.name for path in self._run.paths}
        covers, complete = _covers(self._run), self._run.source.complete
        earlier = [
            run.profile
            for run in runs
            if run.status == "done"
            and run.repeats is None
            and (_is_alike(run.profile.get("covers"), covers, complete) or {entry.get("name") for entry in run.inputs} == names)
        ]
        return find_alarms(plan.profile.to_json(), earlier)


def _covers(run: Run) -> list[str]:
    """The part of its source that a run holds: publishers change the name of a file at each publication, not what it covers."""
    held = ["*"] if run.covers is None else sorted(run.covers)
    return [f"{one} {run.departement}" for one in held] if run.departement else held


def _is_alike(before: list[str] | None, now: list[str], complete: bool) -> bool:
    """Whether two runs held the same part, of a source of which files hold parts entirely."""
    return complete and bool(now) and before == now


def _records(run: Run) -> Iterator[Stated]:
    module = import_module(f"importers.sources.{run.source.name}")
    stated: Iterator[Stated] = module.records(run)
    return Territory(run.departement, run.bassins).only(run, stated) if run.departement else stated
