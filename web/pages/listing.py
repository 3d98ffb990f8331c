"""One listing: its facts, and for each the source that states it, as it was published, and since when."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web.access import public, services
from web.facts import Fact, list_facts
from web.territories import territory_name

pages = Blueprint("listing", __name__)


@pages.get("/fiches/<listing_id>")
@public
def listing(listing_id: str) -> str | Response:
    """The page of a listing that the public may see."""
    repository = services().repository
    shown = repository.get_listing(listing_id)
    if shown.id != listing_id:  # it was merged into another
        return redirect(url_for("listing.listing", listing_id=shown.id), 301)
    origins = {origin.field: origin for origin in repository.list_origins(listing_id)}
    territory = partial(territory_name, gazetteer=services().gazetteer, bassins=repository.load_bassins())
    facts = list_facts(shown, origins, territory)
    return render_template(
        "listing.html", listing=shown, facts=facts, sources=_sources(facts), carried=repository.list_services(listing_id)
    )


def _sources(facts: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.origin.source for fact in facts if fact.origin))
