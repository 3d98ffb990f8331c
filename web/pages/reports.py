"""« Signaler une erreur »: a short form about a listing. It asks nothing of who writes, and goes to a queue that people read."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.errors import TooManyReports
from directory.models.published import PublishedListing
from directory.models.report import LONGEST_TEXT, REASON_LABELS, Report, ReportReason
from web.access import public, services
from web.tokens import Token, make_token, read_token

pages = Blueprint("reports", __name__)

_KEY = "reports"
_TRAP = "site"
"""A field that people do not see: only programs fill it."""


@pages.get("/fiches/<listing_id>/signaler")
@public
def form(listing_id: str) -> str:
    """The blank form."""
    return _page(services().repository.get_listing(listing_id))


@pages.post("/fiches/<listing_id>/signaler")
@public
def send(listing_id: str) -> str | tuple[str, int] | Response:
    """Keep the report, or give the form back as it was, with what is wrong with it."""
    core = services()
    shown = core.repository.get_listing(listing_id)
    text = _plain(request.form.get("texte", ""))
    token = read_token(core.repository.signing_key(_KEY), _purpose(shown), request.form.get("jeton", ""), core.clock())
    errors = dict(_wrong(text, token))
    if errors or token is None:
        return _page(shown, errors), 422
    report = Report(listing_id=shown.id, reason=ReportReason(request.form["raison"]), text=text, nonce=token.nonce)
    try:
        core.repository.keep_report(report, core.clock())
    except TooManyReports as error:
        return _page(shown, {"": error.public}), 429
    return redirect(url_for("listing.listing", listing_id=shown.id, signale=1), 303)


def _plain(text: str) -> str:
    """The text on one line, without what cannot be read."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _wrong(text: str, token: Token | None) -> list[tuple[str, str]]:
    """Field → what is wrong with it; the empty name is the form's own."""
    wrong = []
    reason = request.form.get("raison", "")
    if reason not in set(ReportReason):
        wrong.append(("raison", "Choisissez ce qui ne va pas."))
    if len(text) > LONGEST_TEXT:
        wrong.append(("texte", f"Écrivez {LONGEST_TEXT} caractères au plus : il y en a {len(text)}."))
    if reason == ReportReason.OTHER and not text:
        wrong.append(("texte", "Dites en une phrase ce qui ne va pas."))
    if request.form.get(_TRAP):
        wrong.append(("", "Un champ qui doit rester vide a été rempli : envoyez à nouveau."))
    elif token is None:
        wrong.append(("", "Ce formulaire ne vient pas de cette page : envoyez-le à nouveau."))
    elif token.expired:
        wrong.append(("", "Cette page était ouverte depuis longtemps : relisez, puis envoyez à nouveau."))
    return wrong


def _page(shown: PublishedListing, errors: dict[str, str] | None = None) -> str:
    core = services()
    return render_template(
        "report.html",
        listing=shown,
        reasons=REASON_LABELS,
        longest=LONGEST_TEXT,
        typed=request.form,
        errors=errors or {},
        token=make_token(core.repository.signing_key(_KEY), _purpose(shown), core.clock()),
        trap=_TRAP,
    )


def _purpose(shown: PublishedListing) -> str:
    return f"report {shown.id}"
