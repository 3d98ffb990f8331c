"""The sheets to print: the student's, with its calendar file, and the référent's follow-up. Nothing of them is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from directory.services import Services
from matching.allowance import RATES
from matching.followup import follow_up as follow_up_of
from matching.types import Profile
from web.access import public, services
from web.answers import Proposals, propose
from web.calendars import calendar_of
from web.choices import Choices, read_choices
from web.form_words import FORM_WORDS, need_labels
from web.pages.profile import form_page
from web.params import ProfileForm, read_profile_form
from web.printing import PdfUnavailable, can_print, pdf_of
from web.profiles import read_profile
from web.sheets import EMERGENCY, chosen, list_calls, meeting_text, words_of

pages = Blueprint("sheets", __name__)

_Answer = str | Response | AnyResponse | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a sheet is made from."""

    form: ProfileForm
    profile: Profile
    choices: Choices
    proposed: Proposals
    core: Services
    now: datetime


@pages.get("/fiche-eleve")
@pages.get("/fiche-suivi")
@public
def no_sheet() -> AnyResponse:
    """A sheet has no address of its own."""
    return redirect(url_for("profile.home"))


@pages.post("/fiche-eleve")
@public
def student() -> _Answer:
    """The student's sheet, as a page that prints."""
    return _answer(lambda asked: render_template("student_sheet.html", **_student(asked)))


@pages.post("/fiche-eleve.pdf")
@public
def student_pdf() -> _Answer:
    """The student's sheet as a PDF."""
    return _answer(lambda asked: _pdf("parts/student_sheet.html", "fiche-eleve.pdf", "Ma fiche", _student(asked)))


@pages.post("/fiche-eleve.ics")
@public
def student_calendar() -> _Answer:
    """The calendar file of the student's sheet."""
    return _answer(_calendar)


@pages.post("/fiche-suivi")
@public
def follow_up() -> _Answer:
    """The follow-up sheet, as a page that prints."""
    return _answer(lambda asked: render_template("follow_up.html", **_follow_up(asked)))


@pages.post("/fiche-suivi.pdf")
@public
def follow_up_pdf() -> _Answer:
    """The follow-up sheet as a PDF."""
    return _answer(lambda asked: _pdf("parts/follow_up.html", "fiche-suivi.pdf", "Fiche de suivi", _follow_up(asked)))


def _answer(make: Callable[[_Asked], str | Response]) -> _Answer:
    """What is made from the form that was sent, or the form again with what is wrong."""
    form, core = _told(read_profile_form(request.form), request.form.get("action", "")), services()
    now = core.clock()
    profile, refusals = read_profile(form, core, now.date())
    if profile is None:
        return form_page(form, refusals), 422
    choices = read_choices(form)
    proposed = propose(profile, core, choices, now.date())
    try:
        return make(_Asked(form=form, profile=profile, choices=choices, proposed=proposed, core=core, now=now))
    except PdfUnavailable as error:
        return render_template("error.html", title="Pas de PDF ici", text=error.public, status=501), 501


def _told(form: ProfileForm, action: str) -> ProfileForm:
    """The form with the student's sheet as discreet as the button that was pressed says."""
    if action not in ("discreet", "named"):
        return form
    return replace(form, texts={**form.texts, "discreet": "oui" if action == "discreet" else ""})


def _student(asked: _Asked) -> dict[str, object]:
    profile = asked.profile
    level = profile.diploma.level
    followed = follow_up_of(profile, asked.now.date())
    discreet = bool(asked.form.text("discreet"))
    calls = list_calls(asked.proposed, profile, asked.choices, asked.core, asked.now, discreet=discreet)
    return {
        **_common(asked),
        "discreet": discreet,
        "calls": calls,
        "meanings": words_of(calls),
        "emergency": EMERGENCY,
        "parcours_end": followed.last if followed.enrolled else None,
        "rate": RATES.get(level) if level and followed.enrolled else None,
    }


def _follow_up(asked: _Asked) -> dict[str, object]:
    matches = chosen(asked.proposed)
    return {
        **_common(asked),
        "followed": follow_up_of(asked.profile, asked.now.date()),
        "profile": asked.profile,
        "alerts": asked.proposed.answer.alerts,
        "notices": [notice for notice in asked.proposed.answer.notices if notice.id.startswith("parcours-mef")],
        "holds": asked.proposed.question.holds,
        "rows": [
            (
                match,
                asked.proposed.listings.get(match.id),
                meeting_text(asked.choices, match.id),
                asked.choices.notes.get(match.id, ""),
            )
            for match in matches
        ],
        "need_labels": need_labels(asked.profile.needs),
        "words": FORM_WORDS,
    }


def _common(asked: _Asked) -> dict[str, object]:
    return {"form": asked.form, "today": asked.now.date(), "can_print": can_print(), "kept": bool(asked.proposed.kept)}


def _pdf(part: str, name: str, title: str, context: dict[str, object]) -> Response:
    html = render_template("sheet_pdf.html", part=part, title=title, **context)
    return _file(pdf_of(html), "application/pdf", name)


def _calendar(asked: _Asked) -> Response:
    calls = list_calls(asked.proposed, asked.profile, asked.choices, asked.core, asked.now)
    followed = follow_up_of(asked.profile, asked.now.date())
    end = followed.last if followed.enrolled else None
    return _file(calendar_of(calls, asked.choices, end, asked.now), "text/calendar; charset=utf-8", "ma-fiche.ics")


def _file(body: bytes, mimetype: str, name: str) -> Response:
    return Response(body, content_type=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
