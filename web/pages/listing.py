"""One listing: its facts, and for each the source that states it, as it was published, and since when."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Blueprint, render_template

from directory.models.published import FactOrigin, PublishedListing
from directory.models.record import FIELDS
from directory.vocabulary import Visibility
from web.access import public, services
from web.facts import Fact, list_facts
from web.territories import territory_name

pages = Blueprint("listing", __name__)


@pages.get("/fiches/<listing_id>")
@public
def listing(listing_id: str) -> str:
    """The page of a listing that the public may see."""
    repository = services().repository
    shown = repository.get_listing(listing_id)
    whole = repository.get_listing(listing_id, viewer=Visibility.PRIVATE)
    origins = _showable(repository.list_origins(listing_id), shown, whole)
    territory = partial(territory_name, gazetteer=services().gazetteer, bassins=repository.load_bassins())
    facts = list_facts(shown, origins, territory)
    return render_template("listing.html", listing=shown, facts=facts, sources=_sources(facts))


def _showable(origins: list[FactOrigin], shown: PublishedListing, whole: PublishedListing) -> dict[str, FactOrigin]:
    """Origins by field, without the raw texts that hold what the public may not see."""
    hidden: set[str] = set()
    for origin in origins:
        narrowed = getattr(shown.record, origin.field) != getattr(whole.record, origin.field)
        if origin.field in FIELDS and narrowed:
            hidden |= origin.original.keys()
    return {origin.field: _without(origin, hidden) for origin in origins if origin.field in FIELDS}


def _without(origin: FactOrigin, hidden: set[str]) -> FactOrigin:
    if hidden.isdisjoint(origin.original):
        return origin
    return replace(origin, original={header: text for header, text in origin.original.items() if header not in hidden})


def _sources(facts: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.origin.source for fact in facts if fact.origin))
