"""``/flux``: a calendar of salons near a place, what is new (Atom), a map layer and a table that are always fresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from flask import Response, request, url_for
from icalendar import Calendar, Event, vDuration

from directory.models.published import PublishedListing
from directory.search.near import near_place
from directory.search.types import SearchQuery
from directory.services import Services
from directory.vocabulary import Kind, categories
from web.access import embeddable, public, services
from web.api.answers import answer
from web.api.blueprint import blueprint, refusals, secured
from web.api.refusals import UnclearPlace
from web.api.routes.exports import send_file
from web.api.routes.search import read_place
from web.api.schemas.feeds import EventsParameters, LayerParameters, LayerPath, NewsParameters
from web.structured import event_of, title_of

_MOST_EVENTS, _MOST_NEWS = 100, 50
_MOST_SITTINGS = 20
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AN_HOUR = "public, max-age=3600"


def _file(content_type: str, description: str) -> dict[str, object]:
    return {"description": description, "content": {content_type: {"schema": {"type": "string"}}}}


@blueprint.get("/flux/salons.ics", responses={"200": _file("text/calendar", "Un agenda."), **refusals(304)}, security=secured())
@embeddable
@public
def calendar(query: EventsParameters) -> Response:
    """Les salons et événements à venir autour d’un lieu, à suivre dans un agenda."""
    core = services()
    today = core.clock().date()
    place = read_place(query.lieu)
    if place is None:
        raise UnclearPlace("Aucun lieu ne répond à ce nom.", ())
    # a calendar is never widened: who subscribes to Marseille wants no salon of Lille
    near = near_place(place, radius_km=float(query.rayon) if place.code_commune else None, bassins=core.repository.load_bassins())
    question = SearchQuery(kinds=(Kind.EVENT,), after=today, near=near, limit=_MOST_EVENTS, with_facets=False)
    listings = core.repository.list_listings([hit.id for hit in core.index.search(question).hits])
    agenda = Calendar()
    agenda.add("prodid", "-//Relais//Salons//FR")
    agenda.add("version", "2.0")
    agenda.add("x-wr-calname", f"Salons et événements : {place.label}")
    agenda["refresh-interval"] = vDuration(timedelta(hours=12), params={"VALUE": "DURATION"})
    for listing in sorted(listings, key=lambda each: each.id):
        for event in _events(listing, core):
            agenda.add_component(event)
    return answer(agenda.to_ical(), content_type="text/calendar; charset=utf-8", Cache_Control=_AN_HOUR)


def _events(listing: PublishedListing, core: Services) -> Iterator[Event]:
    record, now = listing.record, core.clock()
    town = core.gazetteer.commune_name(record.code_commune) if record.code_commune else ""
    for sitting in [each for each in record.occurrences if each.end >= now][:_MOST_SITTINGS]:
        event = event_of(listing, sitting, _page(listing), town)
        # not the moment of the answer, which is the same until something changes
        event.add("dtstamp", listing.last_changed.astimezone(UTC))
        yield event


@blueprint.get(
    "/flux/nouveautes.atom", responses={"200": _file("application/atom+xml", "Un fil Atom."), **refusals(304)}, security=secured()
)
@embeddable
@public
def news(query: NewsParameters) -> Response:
    """Les dernières fiches arrivées dans l’annuaire, à suivre dans un lecteur de fils."""
    found = services().repository.list_newest(_MOST_NEWS, kinds=query.genre, departement=query.departement or "")
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "fr"})
    where = f" ({query.departement})" if query.departement else ""
    _add(feed, "title", f"Relais : nouvelles fiches{where}")
    _add(feed, "id", request.url)
    ET.SubElement(feed, "link", {"rel": "self", "href": request.url})
    newest = max((listing.last_changed for listing in found), default=datetime(2026, 1, 1, tzinfo=UTC))
    _add(feed, "updated", newest.isoformat())
    _add(ET.SubElement(feed, "author"), "name", "Relais")
    for listing in found:
        _add_entry(feed, listing)
    body = ET.tostring(feed, encoding="unicode", xml_declaration=False)
    return answer(
        '<?xml version="1.0" encoding="utf-8"?>\n' + body,
        content_type="application/atom+xml; charset=utf-8",
        Cache_Control=_AN_HOUR,
    )


def _add_entry(feed: ET.Element, listing: PublishedListing) -> None:
    entry = ET.SubElement(feed, "entry")
    category = categories().get(listing.record.category)
    _add(entry, "title", title_of(listing.record))
    _add(entry, "id", _page(listing))
    ET.SubElement(entry, "link", {"href": _page(listing)})
    ET.SubElement(
        entry, "category", {"term": listing.record.category, "label": category.label if category else listing.record.category}
    )
    _add(entry, "published", listing.first_seen.isoformat())
    _add(entry, "updated", listing.last_changed.isoformat())
    _add(entry, "summary", listing.record.description[:500])


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _page(listing: PublishedListing) -> str:
    return url_for("listing.listing", listing_id=listing.id, _external=True)


@blueprint.get(
    "/flux/<name>",
    responses={
        "200": {
            "description": "Le fichier, toujours à jour.",
            "content": {"text/csv": {"schema": {"type": "string"}}, "application/geo+json": {"schema": {"type": "object"}}},
        },
        **refusals(304),
    },
    security=secured(),
)
@embeddable
@public
def layer(path: LayerPath, query: LayerParameters) -> Response:
    """Les fiches d’un département : un tableau pour un tableur, une couche pour une carte."""
    return send_file(path.name, kinds=query.genre, departement=query.departement)
