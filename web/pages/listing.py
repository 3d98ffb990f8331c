"""One listing: who, where, for whom, when, how to reach it, what it proposes, and where each fact comes from."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from directory.models.published import PublishedListing
from directory.opening import find_opening
from directory.search.similar import find_similar
from directory.services import Services
from directory.vocabulary import Kind
from web import listing_words as words
from web.access import find_account, public, services
from web.facts import Fact, list_facts
from web.noted import holds_for
from web.structured import calendar_file, json_ld
from web.territories import territory_name

pages = Blueprint("listing", __name__)


@pages.get("/fiches/<listing_id>")
@public
def listing(listing_id: str) -> str | Answer:
    """The page of a listing that the public may see."""
    core = services()
    shown = core.repository.get_listing(listing_id)
    if shown.id != listing_id:  # it was merged into another
        return redirect(url_for("listing.listing", listing_id=shown.id), 301)
    now, record = core.clock(), shown.record
    today, town = now.date(), commune_name(core, shown)
    origins = core.repository.list_origins(listing_id)
    territory = partial(territory_name, gazetteer=core.gazetteer, bassins=core.repository.load_bassins())
    facts = list_facts(shown, {origin.field: origin for origin in origins}, territory)
    opening = find_opening(record.opening_hours, now, record.code_commune or "")
    dates = words.coming(record, today)
    seen = words.last_seen(origins)
    similar = find_similar(core.index, core.gazetteer, shown, today)
    return render_template(
        "listing.html",
        listing=shown,
        facts=facts,
        known={fact.field: fact.values for fact in facts},
        sources=_sources(facts),
        carried=core.repository.list_services(listing_id),
        opening=words.opening_sentence(opening) if opening else "",
        open_now=opening.open if opening else None,
        ages=words.ages(record),
        directions=words.directions(record, town),
        town=town,
        dates=dates,
        seen=seen,
        stale=words.is_stale(record, seen, today),
        similar=[(hit, each) for hit, each in zip(similar, _in_order(core, [hit.id for hit in similar]), strict=True)],
        data=json_ld(shown, _address(shown), town, dates),
        hold=holds_for(find_account(), core, today).get(shown.id) if record.kind is Kind.COMPANY else None,
        reported="signale" in request.args,
    )


@pages.get("/fiches/<listing_id>/dates.ics")
@public
def dates(listing_id: str) -> Response:
    """An event's sittings, for an agenda."""
    core = services()
    shown = core.repository.get_listing(listing_id)
    if not shown.record.occurrences:
        raise NotFound
    body = calendar_file([shown], _address, partial(commune_name, core), core.clock())
    disposition = {"Content-Disposition": 'attachment; filename="dates.ics"'}
    return Response(body, mimetype="text/calendar", headers=disposition)


def commune_name(core: Services, shown: PublishedListing) -> str:
    """The name of the commune where a listing is; empty where it is not known."""
    return core.gazetteer.commune_name(shown.record.code_commune) if shown.record.code_commune else ""


def _address(shown: PublishedListing) -> str:
    return url_for("listing.listing", listing_id=shown.id, _external=True)


def _in_order(core: Services, ids: list[str]) -> list[PublishedListing | None]:
    found = {each.id: each for each in core.repository.list_listings(ids)}
    return [found.get(listing_id) for listing_id in ids]


def _sources(facts: tuple[Fact, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.origin.source for fact in facts if fact.origin))
