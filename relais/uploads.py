"""What the worker does of the lists that curators send: look, foresee, publish, undo; each can be stopped, or begun again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from directory.errors import DatabaseBusy, RelaisError, RunNotUndoable, SearchError, UploadNotFound
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.uploads import BEFORE, Upload, UploadState
from directory.services import Services
from directory.uploads import find_file, remove_file, remove_parts
from importers.errors import ImporterError, UnreadableFile
from importers.pipeline import run_import
from importers.report import ImportReport
from importers.source import get_source
from importers.sources.tableur.proposal import examine
from relais.commands.imports import locate_addresses
from relais.commands.mapping import read_first, summarise
from relais.commands.runs import COUNTS
from relais.output import counted
from relais.undoing import undo_run

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
_OVERTAKEN = (
    "Une autre version de cette liste a été publiée ou annulée depuis l’essai, qui est refait : relisez-le. Rien n’est publié."
)
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
    if to is UploadState.PLANNING:  # what was foreseen no longer holds
        work_on(services, number)
    elif to in {UploadState.FAILED, UploadState.CANCELLED, UploadState.APPLIED, UploadState.UNDONE}:
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
        return _AFTER_ERROR[upload.state], {"message": _told_of(upload, error.public)[:1000], **told}
    except Exception as error:  # noqa: BLE001 - a list that nobody sees to any more says nothing: the worker does
        _log.exception("upload %s", upload.number)
        return _AFTER_ERROR[upload.state], {"message": f"Erreur inattendue ({type(error).__name__}) : rien n’a été publié."}


def _told_of(upload: Upload, message: str) -> str:
    """What went wrong, of the file by the name that its curator knows."""
    return message.replace(f"« {upload.stored_as} »", f"« {upload.file_name} »")


def _examine(services: Services, upload: Upload) -> Outcome:
    path, source = find_file(services.settings.data, upload.number), get_source(_SOURCE)
    last = next((each for each in services.repository.uploads.list_versions(upload.name) if each.mapping), None)
    asked = upload.wish.get("sheet")
    wanted = asked if asked is not None else last.mapping.get("feuille", "") if last else ""
    try:
        proposal = examine(path, source, services.settings.max_upload_mb * 1_000_000, wanted)
    except UnreadableFile:
        if asked is not None or not wanted:
            raise
        proposal = examine(path, source, services.settings.max_upload_mb * 1_000_000)  # this version has no such sheet
    told: dict[str, Any] = {
        "kind": str(proposal.kind),
        "category": proposal.category,
        "why": proposal.why.partition(" (« category »")[0],  # what a mapping is told, the form asks
        "columns": [
            asdict(guess) | {"reasons": list(guess.reasons), "examples": list(proposal.examples.get(guess.header, ()))}
            for guess in proposal.guesses
        ],
        "fields": list(source.columns),
        "sheet": proposal.read,
        "sheets": list(proposal.sheets),
    }
    mapping = _remembered(last, {guess.header for guess in proposal.guesses}) if last else {}
    if last and mapping:
        told["remembered"] = {"by": last.author, "at": last.changed_at.isoformat()}
    return UploadState.PROPOSED, {"proposal": told, "mapping": mapping}


def _remembered(last: Upload, headers: Set[str]) -> dict[str, Any]:
    """What the last version of a list was read as, as far as this one has its columns; nothing where it has no name any more."""
    columns = {}
    for field, said in last.mapping["colonnes"].items():
        held = [each for each in ([said] if isinstance(said, str) else said["ensemble"]) if each in headers]
        if held:
            columns[field] = held[0] if len(held) == 1 else {"ensemble": held}
    return {**last.mapping, "colonnes": columns} if "nom" in columns else {}


def _plan(services: Services, upload: Upload) -> Outcome:
    beside = _versions(services, upload)
    report = _import(services, upload, dry_run=True)
    found, _ = read_first(services, find_file(services.settings.data, upload.number), upload.mapping, _PREVIEWED)
    told = _told(report) | {"preview": [summarise(entry) for entry in found], "beside": beside}
    return UploadState.PLANNED, {"report": told}


def _versions(services: Services, upload: Upload) -> list[str]:
    """What is published of a list, as text: it differs when another version of it was published, or undone."""
    return [f"{each.number} {each.state}" for each in services.repository.uploads.list_versions(upload.name)]


def _apply(services: Services, upload: Upload) -> Outcome:
    if _versions(services, upload) != upload.report.get("beside", []):
        return UploadState.PLANNING, {"message": _OVERTAKEN}
    report = _import(services, upload, dry_run=False)
    message = _index(services) or locate_addresses(services) or ""
    return UploadState.APPLIED, {"report": _told(report), "run_pk": _run_of(services, upload, report), "message": message[:1000]}


def _run_of(services: Services, upload: Upload, report: ImportReport) -> int | None:
    """The run that published a list: this one, or that of a worker which died once all of it was published."""
    repository = services.repository
    if report.run is None or report.added + report.changed + report.missed + report.removed:
        return report.run
    this = repository.get_run(report.run)
    for run in repository.list_runs(_SOURCE):
        mine = run.started_at >= upload.changed_at and run.inputs == this.inputs and run.status == "done"
        if mine and repository.can_undo(run.pk) and not repository.uploads.list_published_by(run.pk):
            return run.pk
    return report.run


def _undo(services: Services, upload: Upload) -> Outcome:
    """Publish what the list's run replaced: what a later run or a curator did since is told, and kept."""
    told: dict[str, Any] = {}
    if upload.run_pk is not None:
        with suppress(RunNotUndoable):  # a list that changed nothing; or the worker died once it was undone
            keep = bool(upload.wish.get("keep_edited"))
            told = {"undone": undo_run(services, upload.run_pk, upload.wish.get("by", ""), keep_edited=keep).to_json()}
    return UploadState.UNDONE, {"report": {**upload.report, **told}, "message": _index(services)}


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
        progress=_Progress(services, upload.number, upload.report.get("read") if not dry_run else None),
        undoable=not dry_run,
    )


class _Progress:
    """Notes how far the work is, now and then; raises ``Stopped`` when a curator has asked for it.

    ``expected`` is how many rows were read the time before, for a file that does not say how many it has.
    """

    def __init__(self, services: Services, number: int, expected: int | None = None) -> None:
        self._uploads, self._number, self._last, self._expected = services.repository.uploads, number, 0.0, expected

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._last < _TOLD_EVERY_S:
            return
        self._last = time.monotonic()
        if self._uploads.progress(self._number, done, total or self._expected):
            raise Stopped


def _told(report: ImportReport) -> dict[str, Any]:
    numbers = report.to_json()
    plan = report.plan
    examples = {name: plan.get(name, {}).get("examples", [])[:_MOST_EXAMPLES] for name in ("changed", "removed", "merged")}
    return {
        "read": report.read,
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
    repository.forget_replaced(now - UNDONE_WITHIN)
    remove_parts(services.settings.data)
