"""Lists sent from the page: what each column is, what it would do, published in the background, undone as a whole."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from directory.errors import InvalidValue
from directory.models.accounts import CURATORS, Role
from directory.models.uploads import BEFORE, WORKING, Upload, UploadState
from directory.uploads import place_file, spool_file, suffix_of, tidy_file_name
from directory.vocabulary import Kind, categories
from web.access import account, for_roles, services, takes_files
from web.curation_words import VISIBILITY_LABELS
from web.sessions import nonce
from web.upload_words import FIELD_LABELS, KINDS, MOST_COLUMNS, STATE_LABELS, parse_list_name, parse_mapping_form

pages = Blueprint("files", __name__, url_prefix="/bureau/fichiers")

_log = logging.getLogger(__name__)
_DOUBTS = 50
_LONG = timedelta(minutes=3)
_REFRESH_S = 2


@pages.get("")
@for_roles(*CURATORS)
def home() -> str:
    """The lists that were sent, and the form that sends one."""
    return _home()


@pages.post("")
@for_roles(*CURATORS)
@takes_files
def send() -> str | tuple[str, int] | Response:
    """Keep the list that is sent, and have it looked at; or say what is wrong with it."""
    core, given, typed = services(), request.files.get("fichier"), request.form.get("liste", "")[:80]
    try:
        file_name = _file_name(given)
        name = parse_list_name(typed, account())
    except InvalidValue as error:
        return _home(error.public, typed), 422
    data = core.settings.data
    try:
        part = spool_file(data, request.files["fichier"].stream)
    except OSError:
        _log.exception("a list could not be kept")
        return _home("Le disque n’a pas pu garder ce fichier : prévenez qui tient l’annuaire.", typed), 503
    place = partial(place_file, data, part, name=f"{name}{suffix_of(file_name)}")
    try:
        number, is_new = core.repository.uploads.add(name, file_name, account(), nonce(), core.clock(), place)
    finally:
        part.unlink(missing_ok=True)  # of a form sent twice, or that could not be noted
    if is_new:
        core.enqueue(number)
    return _to(number)


@pages.get("/<int:number>")
@for_roles(*CURATORS)
def sheet(number: int) -> Response | str:
    """Where a list stands; while it is worked on, the page shows it again by itself."""
    found = _get(number)
    page = _sheet(found)
    if found.state not in WORKING:
        return page
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Refresh"] = str(_REFRESH_S)
    return answer


@pages.post("/<int:number>/colonnes")
@for_roles(*CURATORS)
def choose(number: int) -> str | tuple[str, int] | Response:
    """Say what each column is, and foresee what publishing would do."""
    found, typed = _get(number), request.form.to_dict(flat=False)
    try:
        mapping = parse_mapping_form(typed, found.proposal, found.name, account())
    except InvalidValue as error:
        return _sheet(found, error.public, typed), 422
    seen = {UploadState.PROPOSED, UploadState.PLANNED}
    return _ask(found, seen, UploadState.PLANNING, mapping=mapping, report={})


@pages.post("/<int:number>/feuille")
@for_roles(*CURATORS)
def choose_sheet(number: int) -> Response:
    """Look at another sheet of the workbook."""
    found, sheet = _get(number), request.form.get("feuille", "")
    if sheet not in found.proposal.get("sheets", []):
        return _to(number)
    return _ask(found, {UploadState.PROPOSED}, UploadState.EXAMINING, wish={"sheet": sheet}, mapping={}, report={})


@pages.post("/<int:number>/revoir")
@for_roles(*CURATORS)
def review(number: int) -> Response:
    """Come back to what each column is."""
    core, found = services(), _get(number)
    core.repository.uploads.move(found.number, {UploadState.PLANNED}, UploadState.PROPOSED, core.clock(), message="")
    return _to(number)


@pages.post("/<int:number>/publier")
@for_roles(*CURATORS)
def publish(number: int) -> Response:
    """Publish what was foreseen."""
    return _ask(_get(number), {UploadState.PLANNED}, UploadState.APPLYING)


@pages.post("/<int:number>/arreter")
@for_roles(*CURATORS)
def stop(number: int) -> Response:
    """Stop the work, or give the list up."""
    core, found = services(), _get(number)
    if found.state in BEFORE:
        core.repository.uploads.cancel(number)
    else:
        waiting = {UploadState.PROPOSED, UploadState.PLANNED}
        core.repository.uploads.move(number, waiting, UploadState.CANCELLED, core.clock(), message="")
    return _to(number)


@pages.get("/<int:number>/annuler")
@for_roles(*CURATORS)
def before_undoing(number: int) -> str | Response:
    """What undoing the whole run would do, and what was changed since."""
    found = _get(number)
    if found.state is not UploadState.APPLIED or found.run_pk is None:
        return _to(number)
    undoing = services().repository.plan_undoing(found.run_pk)
    edited = dict(undoing.edited.values())
    return render_template("upload_undo.html", upload=found, undoing=undoing, edited=edited)


@pages.post("/<int:number>/annuler")
@for_roles(*CURATORS)
def undo(number: int) -> Response:
    """Undo the whole run."""
    wish = {"by": account().label, "keep_edited": "tout" not in request.form}
    return _ask(_get(number), {UploadState.APPLIED}, UploadState.UNDOING, wish=wish)


def _ask(found: Upload, seen: set[UploadState], to: UploadState, **values: object) -> Response:
    """Have the worker do something of a list, if it still stands where it was seen: a form sent twice asks once."""
    core = services()
    if core.repository.uploads.move(found.number, seen, to, core.clock(), **values):
        core.enqueue(found.number)
    return _to(found.number)


def _get(number: int) -> Upload:
    return services().repository.uploads.get(number, account())


def _to(number: int) -> Response:
    return redirect(url_for("files.sheet", number=number), 303)


def _file_name(given: FileStorage | None) -> str:
    name = tidy_file_name(given.filename or "") if given is not None else ""
    if not name:
        raise InvalidValue("fichier", "", "none", public="Choisissez le fichier à envoyer.")
    suffix_of(name)
    return name


def _home(error: str = "", typed: str = "") -> str:
    core = services()
    return render_template(
        "uploads.html",
        uploads=core.repository.uploads.list_uploads(account()),
        states=STATE_LABELS,
        error=error,
        typed=typed,
        most=core.settings.max_upload_mb,
    )


def _sheet(found: Upload, error: str = "", typed: dict[str, list[str]] | None = None) -> str:
    columns = found.proposal.get("columns", [])[:MOST_COLUMNS]
    mapped = {
        header: field
        for field, headers in found.mapping.get("colonnes", {}).items()
        for header in ([headers] if isinstance(headers, str) else headers["ensemble"])
    }
    ignored = set(found.mapping.get("ignorees", ()))
    chosen = [mapped.get(each["header"], "" if each["header"] in ignored else each["field"]) for each in columns]
    if typed is not None:
        chosen = [(typed.get(f"colonne-{rank}") or [""])[0] for rank in range(len(columns))]
    said = found.mapping or found.proposal
    doubts = found.report.get("doubts", [])
    page = request.args.get("doutes", "1")
    last = max(1, -(-len(doubts) // _DOUBTS))
    at = min(int(page), last) if page.isascii() and page.isdecimal() and 0 < len(page) < 6 and int(page) else 1
    return render_template(
        "upload.html",
        upload=found,
        state=STATE_LABELS[found.state],
        working=found.state in WORKING,
        stoppable=found.state in BEFORE,
        waiting=found.state in WORKING and not found.done and services().clock() - found.changed_at > _LONG,
        sheets=found.proposal.get("sheets", []),
        remembered=_remembered(found),
        error=error,
        columns=list(zip(columns, chosen, strict=True)),
        beyond=max(0, len(found.proposal.get("columns", [])) - MOST_COLUMNS),
        fields=FIELD_LABELS,
        kinds=KINDS,
        kind=(typed or {}).get("nature", [said.get("kind", "")])[0],
        category=(typed or {}).get("categorie", [said.get("category", "")])[0],
        categories={code: each.label for code, each in categories().items() if set(each.kinds) & (set(Kind) - {Kind.SCHEME})},
        visibilities=VISIBILITY_LABELS if account().role is Role.ADMINISTRATOR else {},
        complete="complete" in typed if typed is not None else found.mapping.get("complete", False),
        doubts=doubts[(at - 1) * _DOUBTS : at * _DOUBTS],
        at=at,
        last=last,
    )


def _remembered(found: Upload) -> tuple[str, datetime] | None:
    """Who published the version whose columns are read again, and when."""
    last = found.proposal.get("remembered")
    return (last["by"], datetime.fromisoformat(last["at"])) if last else None
