"""What the worker does of the lists that curators send: look, foresee, publish, undo; each can be stopped, or begun again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from directory.errors import DatabaseBusy, RelaisError, SearchError, UploadNotFound
from directory.models.changes import AppliedCounts, ChangeSet
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.uploads import BEFORE, Upload, UploadState
from directory.services import Services
from directory.uploads import find_file, remove_file
from importers.errors import ImporterError
from importers.pipeline import run_import
from importers.report import ImportReport
from importers.source import get_source
from importers.sources.tableur.proposal import examine
from relais.commands.imports import locate_addresses
from relais.commands.mapping import read_first, summarise
from relais.commands.runs import COUNTS
from relais.output import counted

_SOURCE = "tableur"
_PREVIEWED = 5
_MOST_DOUBTS = 1000
_MOST_EXAMPLES = 30
_TOLD_EVERY_S = 0.5
_PATIENCE_S = 1800.0
_PAUSE_S = 2.0
UNDONE_WITHIN = timedelta(days=90)
"""How long what a run replaced is kept, so that it can be undone: it may hold what its source no longer says."""
FORGOTTEN_AFTER = timedelta(days=30)
"""How long a file waits for its curator."""
_log = logging.getLogger(__name__)
_AFTER_ERROR: Mapping[UploadState, UploadState] = {
    UploadState.EXAMINING: UploadState.FAILED,
    UploadState.PLANNING: UploadState.PROPOSED,
    UploadState.APPLYING: UploadState.PLANNED,
    UploadState.UNDOING: UploadState.APPLIED,
}
Outcome = tuple[UploadState, dict[str, Any]]


class Stopped(RelaisError):
    """A curator stopped the work, before anything was published."""

    def __init__(self) -> None:
        super().__init__("stopped", public="Arrêté : rien n’a été publié.")


def work_on(services: Services, number: int) -> None:
    """See to one list: do what its state asks for, and say where it then stands. Nothing where another did it already."""
    try:
        upload = services.repository.uploads.get(number)
    except UploadNotFound:
        return
    if upload.state not in _STEPS:
        return
    to, values = _outcome(services, upload)
    services.repository.uploads.move(number, {upload.state}, to, services.clock(), **values)
    if to in {UploadState.FAILED, UploadState.CANCELLED, UploadState.APPLIED, UploadState.UNDONE}:
        remove_file(services.settings.data, number)


def _outcome(services: Services, upload: Upload) -> Outcome:
    until = time.monotonic() + _PATIENCE_S
    try:
        while True:
            try:
                _Progress(services, upload.number)(0, None)
                return _STEPS[upload.state](services, upload)
            except DatabaseBusy:  # an import is under way: this waits for its turn
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_S)
    except Stopped as stopped:
        return BEFORE.get(upload.state, upload.state), {"message": stopped.public}
    except RelaisError as error:
        doubts = error.doubts if isinstance(error, ImporterError) else ()
        told: dict[str, Any] = {"report": _told_doubts(doubts)} if doubts else {}
        return _AFTER_ERROR[upload.state], {"message": error.public[:1000], **told}
    except Exception as error:  # noqa: BLE001 - a list that nobody sees to any more says nothing: the worker does
        _log.exception("upload %s", upload.number)
        return _AFTER_ERROR[upload.state], {"message": f"Erreur inattendue ({type(error).__name__}) : rien n’a été publié."}


def _examine(services: Services, upload: Upload) -> Outcome:
    path = find_file(services.settings.data, upload.number)
    proposal = examine(path, get_source(_SOURCE), services.settings.max_upload_mb * 1_000_000)
    told = {
        "kind": str(proposal.kind),
        "category": proposal.category,
        "why": proposal.why.partition(" (« category »")[0],  # what a mapping is told, the form asks
        "columns": [
            asdict(guess) | {"reasons": list(guess.reasons), "examples": list(proposal.examples.get(guess.header, ()))}
            for guess in proposal.guesses
        ],
        "fields": list(get_source(_SOURCE).columns),
    }
    return UploadState.PROPOSED, {"proposal": told}


def _plan(services: Services, upload: Upload) -> Outcome:
    report = _import(services, upload, dry_run=True)
    found, _ = read_first(services, find_file(services.settings.data, upload.number), upload.mapping, _PREVIEWED)
    return UploadState.PLANNED, {"report": _told(report) | {"preview": [summarise(entry) for entry in found]}}


def _apply(services: Services, upload: Upload) -> Outcome:
    report = _import(services, upload, dry_run=False)
    message = _index(services) or locate_addresses(services) or ""
    run_pk = report.run
    if run_pk is not None:
        first = services.repository.get_run(run_pk).repeats
        # begun again after the worker died with all of it published: the run of then is this list's, unless another list has it
        if first is not None and not services.repository.uploads.is_published_by(first):
            run_pk = first
    return UploadState.APPLIED, {"report": _told(report), "run_pk": run_pk, "message": message[:1000]}


def _undo(services: Services, upload: Upload) -> Outcome:
    """Publish, as a run of its own, what the list's run replaced: what a later run or a curator did since is told, and kept."""
    if upload.run_pk is None:
        return UploadState.UNDONE, {}
    repository, now = services.repository, services.clock()
    undone = repository.get_run(upload.run_pk)
    run = repository.start_run(_SOURCE, undone.inputs, now)
    status, counts = "failed", AppliedCounts()
    why = f"Import n° {undone.pk} annulé par {upload.wish.get('by', '')}."
    try:
        undoing = repository.plan_undoing(undone.pk)
        kept = len(undoing.edited) if upload.wish.get("keep_edited") else 0
        if kept:
            undoing = undoing.without(undoing.edited)
        changes = ChangeSet(
            source=_SOURCE,
            run_pk=run,
            changed=undoing.changed,
            unchanged=undoing.back,
            missing=[*undoing.brought, *undoing.gone],
            reasons=dict.fromkeys(undoing.brought, why) | undoing.gone,
            whole=False,
            trust=services.trust,
        )
        counts, status = repository.apply(changes, now).counts, "done"
    finally:
        repository.finish_run(run, status, counts.to_json(), [], why, services.clock())
    report = {**upload.report, "undone": counts.to_json() | {"newer": undoing.newer, "kept": kept}}
    return UploadState.UNDONE, {"report": report, "message": _index(services)}


def _index(services: Services) -> str:
    """Bring the indexes up to date; what is published stays so when they fail, and is said so."""
    try:
        services.keeper.catch_up()
    except (SearchError, OSError) as error:
        _log.warning("an index is not up to date: %s", error)
        return "C’est publié, mais la recherche ne le montre pas encore : elle sera remise à jour dès que possible."
    return ""


_STEPS: Mapping[UploadState, Callable[[Services, Upload], Outcome]] = {
    UploadState.EXAMINING: _examine,
    UploadState.PLANNING: _plan,
    UploadState.APPLYING: _apply,
    UploadState.UNDOING: _undo,
}


def _import(services: Services, upload: Upload, *, dry_run: bool) -> ImportReport:
    return run_import(
        _SOURCE,
        [find_file(services.settings.data, upload.number)],
        repository=services.repository,
        keeper=None,  # what is published and not indexed yet is published all the same
        gazetteer=services.gazetteer,
        now=services.clock(),
        mapping=upload.mapping,
        dry_run=dry_run,
        max_bytes=services.settings.max_upload_mb * 1_000_000,
        progress=_Progress(services, upload.number),
        undoable=not dry_run,
    )


class _Progress:
    """Notes how far the work is, now and then; raises ``Stopped`` when a curator has asked for it."""

    def __init__(self, services: Services, number: int) -> None:
        self._uploads, self._number, self._last = services.repository.uploads, number, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._last < _TOLD_EVERY_S:
            return
        self._last = time.monotonic()
        if self._uploads.progress(self._number, done, total):
            raise Stopped


def _told(report: ImportReport) -> dict[str, Any]:
    numbers = report.to_json()
    plan = report.plan
    examples = {name: plan.get(name, {}).get("examples", [])[:_MOST_EXAMPLES] for name in ("changed", "removed", "merged")}
    return {
        "counts": [counted(count, COUNTS[name]) for name in COUNTS if isinstance(count := numbers.get(name), int) and count],
        "alarms": list(report.alarms),
        "message": report.message,
        **examples,
        **_told_doubts(report.doubts),
    }


def _told_doubts(doubts: Sequence[Doubt]) -> dict[str, Any]:
    told = [doubt.to_json() for doubt in doubts if doubt.level in {DoubtLevel.REFUSED, DoubtLevel.DOUBTED}]
    return {"doubts": told[:_MOST_DOUBTS], "doubt_count": len(told)}


def clean(services: Services) -> None:
    """Take away the files that nobody came back to, and what can no longer be undone."""
    repository, now = services.repository, services.clock()
    waiting = {UploadState.PROPOSED, UploadState.PLANNED}
    for number in repository.uploads.list_older(waiting, now - FORGOTTEN_AFTER):
        repository.uploads.move(number, waiting, UploadState.CANCELLED, now, message="Fichier effacé, faute de suite.")
        remove_file(services.settings.data, number)
    for number in repository.uploads.list_older({UploadState.APPLIED, UploadState.UNDONE}, now - UNDONE_WITHIN):
        run_pk = repository.uploads.get(number).run_pk
        if run_pk is not None:
            repository.forget_replaced(run_pk)
