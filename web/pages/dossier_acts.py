"""What is done with a dossier: steps, handing over, the hand-over sheet, export, erasure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from directory.dossiers import DossierRefused, is_minor
from directory.errors import InvalidValue
from directory.models.accounts import Role
from directory.models.dossiers import (
    ACCESS_LABELS,
    DIPLOMA_LABELS,
    STATE_LABELS,
    STEP_LABELS,
    Access,
    AccessKind,
    Dossier,
    StepState,
)
from web.access import account, for_roles, services
from web.dossier_form import form_of, read_label
from web.pages.dossiers import dossier_page
from web.sessions import nonce

pages = Blueprint("acts", __name__)

_REMOVED = "retirer"
"""What is chosen of a step that was noted by mistake."""
_MOST_ACCESSES = 10_000


@pages.post("/dossiers/<dossier_id>/demarches")
@for_roles(Role.REFERENT)
def add_step(dossier_id: str) -> str | tuple[str, int] | AnyResponse:
    """Note a partner that the directory does not hold."""
    core, viewer = services(), account()
    try:
        label = read_label(request.form.get("partenaire", ""))
        core.repository.dossiers.add_step(viewer, dossier_id, label, nonce(), core.clock())
    except (InvalidValue, DossierRefused) as error:
        return _refused(dossier_id, "partenaire", error.public)
    return _back(dossier_id)


@pages.post("/dossiers/<dossier_id>/demarches/<int:step>")
@for_roles(Role.REFERENT)
def set_step(dossier_id: str, step: int) -> str | tuple[str, int] | AnyResponse:
    """Say what became of a step, or that it was noted by mistake."""
    core, viewer = services(), account()
    state = request.form.get("etape", "")
    if state == _REMOVED:
        core.repository.dossiers.remove_step(viewer, dossier_id, step, core.clock())
        return redirect(url_for("dossiers.show", dossier_id=dossier_id, retire=1) + "#demarches", 303)
    if state not in set(StepState):
        return _refused(dossier_id, "etape", "Choisissez ce qu’a donné la démarche.")
    core.repository.dossiers.set_step(viewer, dossier_id, step, StepState(state), core.clock())
    return _back(dossier_id)


@pages.get("/proposer/<listing_id>")
@for_roles(Role.REFERENT)
def choose(listing_id: str) -> str:
    """To which student a listing is proposed."""
    return _choose_page(listing_id)


@pages.post("/proposer/<listing_id>")
@for_roles(Role.REFERENT)
def propose(listing_id: str) -> str | tuple[str, int] | AnyResponse:
    """Propose a listing to a student."""
    core, dossier_id = services(), request.form.get("dossier", "")
    if not dossier_id:
        return _choose_page(listing_id, "Choisissez un dossier."), 422
    listing = core.repository.get_listing(listing_id)
    if listing.closed_at is not None:
        return _choose_page(listing_id, "Cette fiche est fermée : elle ne se propose plus."), 422
    label = listing.record.name[:200]
    try:
        core.repository.dossiers.add_step(account(), dossier_id, label, nonce(), core.clock(), listing_id=listing.id)
    except DossierRefused as error:
        return _choose_page(listing_id, error.public), 422
    return _back(dossier_id)


@pages.post("/dossiers/<dossier_id>/transmettre")
@for_roles(Role.REFERENT)
def hand_over(dossier_id: str) -> str | tuple[str, int] | AnyResponse:
    """Give a dossier to another référent of the lycée."""
    core = services()
    try:
        core.repository.dossiers.hand_over(account(), dossier_id, request.form.get("referent", "")[:24], core.clock())
    except DossierRefused as error:
        return _refused(dossier_id, "referent", error.public)
    return redirect(url_for("dossiers.show", dossier_id=dossier_id, transmis=1), 303)


@pages.get("/dossiers/<dossier_id>/liaison")
@for_roles(Role.REFERENT)
def liaison(dossier_id: str) -> str:
    """The hand-over sheet for the mission locale, to print: the name is written on the paper, by hand."""
    core = services()
    found = core.repository.dossiers.get(account(), dossier_id, core.clock(), AccessKind.PRINTED)
    today = core.clock().date()
    return render_template(
        "liaison.html",
        dossier=found,
        minor=is_minor(found.born, today),
        today=today,
        lycee=core.repository.find_lycee(found.uai) or core.gazetteer.find_lycee(found.uai),
        states=STATE_LABELS,
        diplomas=DIPLOMA_LABELS,
        step_states=STEP_LABELS,
    )


@pages.get("/dossiers/<dossier_id>/export.json")
@for_roles(Role.REFERENT)
def export(dossier_id: str) -> Response:
    """Everything that is kept of a student, as a file: what whoever asks for their data is given."""
    core = services()
    found = core.repository.dossiers.get(account(), dossier_id, core.clock(), AccessKind.EXPORTED)
    accesses = core.repository.dossiers.list_accesses(account(), dossier_id, core.clock(), _MOST_ACCESSES)
    answer = jsonify(dossier_to_json(found, accesses))
    answer.headers["Content-Disposition"] = f'attachment; filename="dossier-{found.id}.json"'
    return answer


@pages.get("/dossiers/<dossier_id>/effacer")
@for_roles(Role.REFERENT)
def confirm_erasure(dossier_id: str) -> str:
    """What will be erased, once more before it is."""
    core = services()
    return render_template("dossier_erase.html", dossier=core.repository.dossiers.get(account(), dossier_id, core.clock()))


@pages.post("/dossiers/<dossier_id>/effacer")
@for_roles(Role.REFERENT)
def erase(dossier_id: str) -> AnyResponse:
    """Erase a dossier, at once."""
    core = services()
    core.repository.dossiers.erase(account(), dossier_id, core.clock())
    return redirect(url_for("dossiers.cohort", efface=1), 303)


def dossier_to_json(found: Dossier, accesses: Iterable[Access] = ()) -> dict[str, Any]:
    """A dossier as plain values, and when it was seen: by whom is the colleagues' own, and stays in the journal."""
    days = {name: day.isoformat() if (day := getattr(found, name)) else None for name in _DAYS}
    steps = [
        {"partenaire": step.label, "fiche": step.listing_id, "etape": str(step.state), "le": step.state_on.isoformat()}
        for step in found.steps
    ]
    return {
        "code": found.id,
        "lycee": found.uai,
        "etat": str(found.state),
        "naissance": found.born,
        "diplome": str(found.diploma),
        "filiere": found.filiere,
        "note": found.note,
        **{_DAYS[name]: day for name, day in days.items()},
        "demarches": steps,
        "acces": [{"le": each.at.isoformat(timespec="seconds"), "quoi": ACCESS_LABELS[each.kind]} for each in accesses],
    }


_DAYS = {
    "opened_on": "ouvert_le",
    "state_on": "etat_depuis",
    "met_on": "entretien_le",
    "enrolled_on": "inscrit_le",
    "remind_on": "rappel_le",
    "delete_on": "effacement_le",
}


def _choose_page(listing_id: str, error: str = "") -> str:
    core = services()
    listing = core.repository.get_listing(listing_id)
    found = core.repository.dossiers.list_all(account(), core.clock())
    dossiers = sorted(found, key=lambda each: each.referent != account().id)  # one's own first
    return render_template("dossier_choose.html", listing=listing, dossiers=dossiers, error=error, states=STATE_LABELS)


def _refused(dossier_id: str, field: str, message: str) -> tuple[str, int]:
    """The page of a dossier, with what is wrong of one of its smaller forms."""
    core = services()
    found = core.repository.dossiers.get(account(), dossier_id, core.clock())
    return dossier_page(found, form_of(found), {field: message}), 422


def _back(dossier_id: str) -> AnyResponse:
    return redirect(url_for("dossiers.show", dossier_id=dossier_id, note=1) + "#demarches", 303)
