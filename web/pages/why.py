"""« Pourquoi pas ? »: what is said of any listing for the profile of the page, in the body of a POST as the profile is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.geocoding.types import Place
from directory.search.types import Near, SearchQuery
from directory.services import Services
from matching.errors import UnknownListing
from matching.question import Question
from matching.why import Why, explain_listing
from web.access import public, services
from web.answers import RESULTS_PER_SECTION, question_of
from web.pages.profile import form_page
from web.params import read_profile_form
from web.profiles import read_profile

pages = Blueprint("why", __name__)

_NAMED = 3
"""Listings that are explained at once, where a name means several."""
_LONGEST_NAME = 400


@pages.get("/propositions/pourquoi")
@public
def no_reasons() -> Response:
    """Reasons have no address of their own."""
    return redirect(url_for("profile.home"))


@pages.post("/propositions/pourquoi")
@public
def reasons() -> str | tuple[str, int]:
    """What is said of the listings that a name finds, for the same profile; the form again with what is wrong."""
    form = read_profile_form(request.form)
    name = form.text("fiche")[:_LONGEST_NAME]
    core = services()
    today = core.clock().date()
    profile, refusals = read_profile(form, core, today)
    if profile is None:
        return form_page(form, refusals), 422
    question = question_of(profile, core, today)
    whys = list(_reasons(question, _named(core, name, profile.place)))
    return render_template("why.html", form=form, name=name, whys=whys, in_parcours=question.window.in_parcours)


def _named(core: Services, name: str, near: Place) -> list[str]:
    """Ids of the few listings that a name, or an id, means; those of the student's surroundings first."""
    if not name:
        return []
    known = core.repository.list_listings([name])
    if known and known[0].closed_at is None:
        return [known[0].id]
    here = Near(latitude=near.latitude, longitude=near.longitude, territories=near.territories)
    hits = core.index.search(SearchQuery(text=name, near=here, with_facets=False, limit=_NAMED)).hits
    return [hit.id for hit in hits]


def _reasons(question: Question, ids: list[str]) -> Iterator[Why]:
    for listing_id in ids:
        with suppress(UnknownListing):  # the index may be a change ahead of the catalogue
            yield explain_listing(question, listing_id, limit=RESULTS_PER_SECTION)
