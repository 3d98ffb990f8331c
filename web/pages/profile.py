"""The interview form, and the answer to it. A profile travels in the body of a POST, never in an address."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matching.plan import within_reach
from web.access import public, services
from web.answers import propose
from web.choices import LONGEST_NOTE, MOST_KEPT, act, read_choices
from web.counting import count_match
from web.form_words import FORM_WORDS, need_labels
from web.params import ProfileForm, read_profile_form
from web.profiles import Refusal, read_profile

pages = Blueprint("profile", __name__)

_SHOWN_FIRST = 3
"""Results of a section that are unfolded, those too far apart: on a phone the plan and the first calls are to be seen at once."""

_DONE = {
    "keep": "« {name} » est dans la sélection.",
    "leave": "« {name} » n’est plus dans la sélection.",
    "drop": "« {name} » est écartée.",
    "up": "« {name} » est en place {rank}.",
    "down": "« {name} » est en place {rank}.",
    "minutes": "Trajet accepté modifié.",
    "occupation": "Métier ajouté aux métiers envisagés.",
}


@pages.get("/")
@public
def home() -> str:
    """The blank form."""
    return form_page(ProfileForm(), cleared="efface" in request.args, steps=True)


@pages.post("/")
@public
def edit() -> str:
    """The form again, filled as it was: « Modifier le profil »."""
    return form_page(read_profile_form(request.form))


@pages.get("/propositions")
@public
def no_proposals() -> Response:
    """An answer has no address of its own."""
    return redirect(url_for("profile.home"))


@pages.post("/propositions")
@public
def proposals() -> str | tuple[str, int]:
    """The answer to a profile, or the form again with what is wrong."""
    action = request.form.get("action", "")
    form = act(read_profile_form(request.form), action)
    core = services()
    today = core.clock().date()
    profile, refusals = read_profile(form, core, today)
    if profile is None:
        return form_page(form, refusals), 422
    choices = read_choices(form)
    proposed = propose(profile, core, choices, today)
    if not action:  # what is kept or set aside afterwards is no other question
        count_match(profile.place.code_departement, answered=any(proposed.answer.sections.values()))
    names = {key: listing.record.name for key, listing in proposed.listings.items()}
    return render_template(
        "answer.html",
        form=form,
        profile=profile,
        answer=proposed.answer,
        proposed=proposed,
        choices=choices,
        changes=proposed.changes(),
        listings=proposed.listings,
        need_labels=need_labels((*profile.needs, *proposed.answer.needs)),
        words=FORM_WORDS,
        today=today,
        said=_said(action, names, form.values("keep")),
        asked_to_compare=action == "compare",
        limits={"kept": MOST_KEPT, "note": LONGEST_NOTE},
        unfolded={kind: min(_SHOWN_FIRST, len(within_reach(matches)) or 1) for kind, matches in proposed.answer.sections.items()},
    )


def _said(action: str, names: dict[str, str], kept: tuple[str, ...]) -> str:
    """What was just done, for who cannot see it."""
    verb, _, about = action.partition(" ")
    rank = kept.index(about) + 1 if about in kept else ""
    if verb == "keep" and not rank:
        return f"La sélection est pleine : {MOST_KEPT} fiches au plus."
    return _DONE[verb].format(name=names.get(about, about[:100]), rank=rank) if verb in _DONE else ""


def form_page(form: ProfileForm, refusals: tuple[Refusal, ...] = (), *, cleared: bool = False, steps: bool = False) -> str:
    """The form, with what is wrong beside each field; in steps while nothing was typed yet, where there is JavaScript."""
    order = [*FORM_WORDS["labels"], ""]
    errors = {refusal.field: refusal for refusal in sorted(refusals, key=lambda refusal: order.index(refusal.field))}
    return render_template(
        "form.html", form=form, errors=errors, need_labels=need_labels(), cleared=cleared, steps=steps, words=FORM_WORDS
    )
