"""The run of a source, from its files to the index: the one place where any error is caught, to be told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from directory.errors import RelaisError, SearchError
from directory.geocoding.gazetteer import Gazetteer
from directory.repository import Repository
from directory.search.step import IndexKeeper
from importers.errors import ImporterError, MissingInput, UnreadableFile
from importers.fingerprint import describe_input, take_fingerprint
from importers.guards import check_file
from importers.report import ImportReport
from importers.run import Run
from importers.source import Source, get_source
from importers.work import COUNTS, Work

__all__ = ["ImportReport", "check_inputs", "run_import"]

WAIT_SECONDS = 10.0
"""How long an import waits for another to end before it refuses."""


def run_import(  # noqa: PLR0913  (what the composition root and the tests agreed on)
    source_name: str,
    inputs: Sequence[Path],
    *,
    repository: Repository,
    keeper: IndexKeeper | None,
    gazetteer: Gazetteer,
    now: datetime,
    mapping: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    allow_removals: bool = False,
    max_bytes: int = 2_048_000_000,
    progress: Callable[[int, int | None], None] | None = None,
    sheet: str = "",
    departement: str = "",
    undoable: bool = False,
) -> ImportReport:
    """Import files of a source: all that holds is published at once, or nothing is.

    Args:
        source_name: A folder of ``importers/sources``; a hyphen counts as an underscore.
        inputs: The files; none for a source that reads its own.
        repository: Where listings are kept.
        keeper: Brings the indexes up to date afterwards; None to leave them as they are.
        gazetteer: To place communes.
        now: The run's one clock.
        mapping: A column mapping (source ``tableur``).
        dry_run: Say what would change and write nothing, not even the run.
        allow_removals: Publish even if more records vanish than source.toml accepts.
        max_bytes: Largest file accepted.
        progress: Told how many rows were read, and of how many when that is known.
        sheet: Name of the sheet to read in each file; empty to choose the one that fits.
        departement: The only one of which listings are taken; what the run does not meet has then not vanished. Empty for all.
        undoable: Keep what the run replaces, so that the whole of it can be undone (``Repository.plan_undoing``).

    Raises:
        ImporterError: Nothing was published; the run is kept as failed, with its reason and its doubts (``doubts``).
        DatabaseBusy: Another import runs, and did not end within ``WAIT_SECONDS``.
        RelaisError: The directory refused; likewise. Only an index that could not be rebuilt is told after the fact.
    """
    started = time.perf_counter()
    source = get_source(source_name)
    check_inputs(source, inputs, max_bytes)
    run = Run(
        source=source,
        paths=tuple(inputs),
        geocoder=gazetteer,
        now=now,
        mapping=mapping,
        max_bytes=max_bytes,
        progress=progress,
        sheet=sheet,
        departement=departement,
        admitted=repository.list_admitted(source.name),
        kept=lambda: repository.iterate_kept(source.name),
    )
    run.find_name = partial(_ask, run, repository)
    work = Work(run, repository, allow_removals=allow_removals, undoable=undoable)
    if dry_run:
        try:
            report = work.foresee()
        except ImporterError as error:
            error.doubts = tuple(run.doubts)
            raise
        run.tell_end()
        return replace(report, seconds=time.perf_counter() - started)
    described = [describe_input(path) for path in inputs]
    known = [repository.referential_versions(), repository.load_bassins().digest, sorted(run.admitted)]
    options = [mapping, sheet, departement, *known]
    fingerprint = take_fingerprint(source, described, options, now.date())
    run_pk = repository.start_run(source.name, described, now, WAIT_SECONDS)
    try:
        report, details = work.repeat(run_pk, fingerprint) or work.publish(run_pk, fingerprint)
        run.tell_end()
        counts = _counts(report)
        repository.finish_run(run_pk, "done", counts, [], report.message, _ended(now, started), details)
    except BaseException as error:
        public = _explained(error)
        repository.finish_run(run_pk, "failed", {"read": run.read}, run.doubts, public, _ended(now, started))
        if isinstance(error, RelaisError) or not isinstance(error, Exception):
            raise
        raise ImporterError(
            f"{source.name}: {error!r}", public=f"L’import de « {source.name} » a échoué, rien n’est publié. {public}"
        ) from error
    if keeper is not None:
        _bring_up_to_date(source, keeper)
    return replace(report, seconds=time.perf_counter() - started)


def _explained(error: BaseException) -> str:
    if isinstance(error, RelaisError):
        return error.public
    return f"Erreur inattendue ({type(error).__name__})." if isinstance(error, Exception) else "Interrompu : rien n’a été publié."


def _bring_up_to_date(source: Source, keeper: IndexKeeper) -> None:
    # the run is done and published by now: an index that fails must not have it told otherwise
    try:
        keeper.catch_up()
    except (SearchError, OSError) as error:
        raise ImporterError(
            f"{source.name}: published, index behind: {error!r}",
            public=f"L’import de « {source.name} » est publié, mais l’index n’est pas à jour : lancer « relais reindex ».",
        ) from error


def check_inputs(source: Source, inputs: Sequence[Path], max_bytes: int) -> None:
    """Refuse a run without files, or with files that cannot even be opened, before anything is written.

    Raises:
        UnreadableFile: See importers.guards.
    """
    if source.packaged and inputs:
        raise UnreadableFile(
            "packaged source given files",
            public=f"La source « {source.name} » ne prend pas de fichier, elle a les siens.",
        )
    if not source.packaged and not inputs:
        raise MissingInput(f"{source.name}: no input", public=f"Indiquez au moins un fichier à lire pour « {source.name} ».")
    for path in inputs:
        check_file(path, max_bytes)


def _ask(run: Run, repository: Repository, identity: str) -> str | None:
    run.asked = True
    return repository.find_name(identity)


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS} | {"doubts": len(report.doubts)}


def _ended(now: datetime, started: float) -> datetime:
    return now + timedelta(seconds=time.perf_counter() - started)
