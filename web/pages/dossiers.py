"""Dossiers of a lycée: the cohort, one student, what changes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.dossiers import (
    ALERT_LABELS,
    LONGEST_NOTE,
    Alert,
    DossierChanged,
    DossierRefused,
    alerts_of,
    is_minor,
    parcours_end,
)
from directory.models.accounts import Account, Area, Role
from directory.models.dossiers import ACCESS_LABELS, DIPLOMA_LABELS, STATE_LABELS, STEP_LABELS, Dossier
from web.access import account, for_roles, services
from web.dossier_form import DossierForm, blank_form, form_of, read_dossier_form
from web.sessions import nonce

pages = Blueprint("dossiers", __name__)

_WORDS = {
    "states": STATE_LABELS,
    "diplomas": DIPLOMA_LABELS,
    "step_states": STEP_LABELS,
    "alert_labels": ALERT_LABELS,
    "access_labels": ACCESS_LABELS,
    "longest": LONGEST_NOTE,
}
_A_PAGE = 50
"""Students of one page of the cohort."""


@pages.get("/dossiers")
@for_roles(Role.REFERENT)
def cohort() -> str | Response:
    """The students of the lycée: who has nothing yet, who is a minor without a solution, who is past a date."""
    core, viewer = services(), account()
    now = core.clock()
    found = core.repository.dossiers.list_all(viewer, now)
    code = "".join(request.args.get("code", "").upper().split())[:12]
    if any(each.id == code for each in found):
        return redirect(url_for("dossiers.show", dossier_id=code), 303)
    alerts = {each.id: alerts_of(each, now.date()) for each in found}
    views = {"": ("Tous", len(found)), "miens": ("Que je suis", sum(each.referent == viewer.id for each in found))}
    views |= {
        str(alert): (label.capitalize(), sum(alert in each for each in alerts.values())) for alert, label in ALERT_LABELS.items()
    }
    wanted = request.args.get("vue", "")
    wanted = wanted if wanted in views else ""
    shown = [
        each for each in found if not wanted or wanted in alerts[each.id] or (wanted == "miens" and each.referent == viewer.id)
    ]
    shown = [each for each in shown if each.id.startswith(code)]
    # what is due comes first, then who has most to be seen to
    shown.sort(key=lambda each: (Alert.LATE not in alerts[each.id], -len(alerts[each.id])))
    pages_ = max(1, -(-len(shown) // _A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages_)
    first = (page - 1) * _A_PAGE
    return render_template(
        "dossiers.html",
        dossiers=shown[first : first + _A_PAGE],
        number=len(shown),
        first=first + 1,
        page=page,
        pages=pages_,
        code=code,
        alerts=alerts,
        views=views,
        wanted=wanted,
        referents=_referents(viewer),
        erased="efface" in request.args,
        minors={each.id for each in found if is_minor(each.born, now.date())},
        **_WORDS,
    )


@pages.get("/dossiers/nouveau")
@for_roles(Role.REFERENT)
def blank() -> str:
    """The blank form."""
    return _new_page(blank_form())


@pages.post("/dossiers/nouveau")
@for_roles(Role.REFERENT)
def open_dossier() -> str | tuple[str, int] | Response:
    """Open a dossier, or give the form back with what is wrong."""
    core = services()
    form = read_dossier_form(request.form, core.clock().date())
    if form.fields is None:
        return _new_page(form), 422
    try:
        code = core.repository.dossiers.open(account(), form.fields, nonce(), core.clock(), core.settings.dossier_months)
    except DossierRefused as error:
        form.errors[error.field] = error.public
        return _new_page(form), 422
    return redirect(url_for("dossiers.show", dossier_id=code, ouvert=1), 303)


@pages.get("/dossiers/<dossier_id>")
@for_roles(Role.REFERENT)
def show(dossier_id: str) -> str:
    """One student."""
    core = services()
    found = core.repository.dossiers.get(account(), dossier_id, core.clock())
    return dossier_page(found, form_of(found))


@pages.post("/dossiers/<dossier_id>")
@for_roles(Role.REFERENT)
def change(dossier_id: str) -> str | tuple[str, int] | Response:
    """Write what changed, or give the form back: with what is wrong, or with what another page changed meanwhile."""
    core, viewer = services(), account()
    kept = core.repository.dossiers
    form = read_dossier_form(request.form, core.clock().date())
    if form.fields is None:
        return dossier_page(kept.get(viewer, dossier_id, core.clock()), form), 422
    version = form.typed["version"]
    try:
        number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1
        kept.change(viewer, dossier_id, number, form.fields, core.clock())
    except DossierChanged as error:
        found = kept.get(viewer, dossier_id, core.clock())
        form.errors[""] = error.public
        form.typed["version"] = str(found.version)
        return dossier_page(found, form), 409
    return redirect(url_for("dossiers.show", dossier_id=dossier_id, enregistre=1), 303)


def dossier_page(found: Dossier, form: DossierForm, errors: dict[str, str] | None = None) -> str:
    """The page of a dossier, with a form in it as it was typed."""
    core, viewer = services(), account()
    now = core.clock()
    return render_template(
        "dossier.html",
        dossier=found,
        form=form,
        errors=errors or {},
        alerts=alerts_of(found, now.date()),
        minor=is_minor(found.born, now.date()),
        ends=parcours_end(found.opened_on),
        referents=_referents(viewer),
        accesses=core.repository.dossiers.list_accesses(viewer, found.id, now),
        done={name for name in ("ouvert", "enregistre", "note", "retire", "transmis") if name in request.args},
        typed=request.form,
        **_WORDS,
    )


def _new_page(form: DossierForm) -> str:
    return render_template("dossier_new.html", form=form, months=services().settings.dossier_months, **_WORDS)


def _referents(viewer: Account) -> dict[str, str]:
    """Id → label of the référents of the viewer's lycée."""
    found: list[Any] = services().repository.accounts.list_of(Role.REFERENT, Area.LYCEE, viewer.code)
    return {each.id: each.label for each in found}
