"""The profile form, and the answer to it. A profile travels in the body of a POST, never in an address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.models.published import PublishedListing
from directory.services import Services
from matching.errors import ProfileError
from matching.profile import parse_profile
from matching.ranking import match
from matching.types import Answer
from web.access import public, services
from web.form_words import FORM_WORDS, need_labels, plain_message
from web.params import ProfileForm, form_field, profile_data, read_profile_form

pages = Blueprint("profile", __name__)

_RESULTS_PER_SECTION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a form comes back: what is wrong with which field.

    Attributes:
        field: The form's field; empty when none of them is at fault.
        choices: Places among which to choose, when the one typed is ambiguous or unknown.
    """

    field: str
    message: str
    choices: tuple[Place, ...] = ()


@pages.get("/")
@public
def home() -> str:
    """The blank form."""
    return _form_page(ProfileForm(), cleared="efface" in request.args)


@pages.post("/")
@public
def edit() -> str:
    """The form again, filled as it was: « Modifier le profil »."""
    return _form_page(read_profile_form(request.form))


@pages.get("/propositions")
@public
def no_proposals() -> Response:
    """An answer has no address of its own."""
    return redirect(url_for("profile.home"))


@pages.post("/propositions")
@public
def proposals() -> str | tuple[str, int]:
    """The answer to a profile, or the form again with what is wrong."""
    form = read_profile_form(request.form)
    core = services()
    if refusals := tuple(filter(None, (_place_refusal(form, core), _age_refusal(form)))):
        return _form_page(form, refusals), 422
    today = core.clock().date()
    try:
        profile = parse_profile(profile_data(form), gazetteer=core.gazetteer, bassins=core.repository.load_bassins(), today=today)
    except ProfileError as error:
        return _form_page(form, (Refusal(field=form_field(error.field), message=plain_message(error)),)), 422
    answer = match(profile, core.catalogue.current(), at=today, limit=_RESULTS_PER_SECTION)
    return render_template(
        "answer.html",
        form=form,
        profile=profile,
        answer=answer,
        listings=_listings(core, answer),
        need_labels=need_labels((*profile.needs, *answer.needs)),
        words=FORM_WORDS,
        today=today,
    )


def _place_refusal(form: ProfileForm, core: Services) -> Refusal | None:
    if not form.place:
        return Refusal(field="place", message="Indiquez où habite l’élève : une commune ou un code postal.")
    match core.gazetteer.find(form.place):
        case AmbiguousPlace(candidates=candidates, reason=reason):
            message = f"Plusieurs lieux répondent à « {form.text('place')[:80]} » : choisissez celui de l’élève. {reason}".strip()
            return Refusal(field="place", message=message, choices=tuple(place for place in candidates if place.code_commune))
        case NoSuchPlace(suggestions=suggestions):
            message = f"« {form.text('place')[:80]} » n’est pas un lieu connu. Indiquez une commune ou un code postal."
            return Refusal(field="place", message=message, choices=tuple(place for place in suggestions if place.code_commune))
        case Place():
            return None


def _listings(core: Services, answer: Answer) -> dict[str, PublishedListing]:
    # contacts above the public's view are taken off by the repository
    ids = [result.id for results in answer.sections.values() for result in results]
    return {listing.id: listing for listing in core.repository.list_listings(ids)}


def _age_refusal(form: ProfileForm) -> Refusal | None:
    if form.text("age") or form.text("birth_date"):
        return None
    return Refusal(field="age", message="Indiquez l’âge de l’élève, ou sa date de naissance.")


def _form_page(form: ProfileForm, refusals: tuple[Refusal, ...] = (), *, cleared: bool = False) -> str:
    errors = {refusal.field: refusal for refusal in refusals}
    return render_template("form.html", form=form, errors=errors, need_labels=need_labels(), cleared=cleared, words=FORM_WORDS)
