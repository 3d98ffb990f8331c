"""The search page: a text, a place, a radius, facets and dates, in the address. Nothing of a student stands there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from directory.errors import InvalidQuery, SearchError
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.models.published import PublishedListing
from directory.models.statistics import Channel
from directory.search.asking import Answer, ask
from directory.search.types import Hit, SearchQuery
from matching.urgency import find_urgencies
from web.access import public, services
from web.counting import count_search
from web.facets import FACETS, Group, list_groups
from web.params import RADII_KM, read_first_rank, read_ignored, read_radius, search_query
from web.sessions import own_address
from web.wording import day

pages = Blueprint("search", __name__)

_PAGING = ("suite", "rang")
_ASKS = ("q", "lieu", "du", "au", *(facet.name for facet in FACETS))
_DATES = {"du": "À partir du", "au": "Jusqu’au"}


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the answers, and the address of the same search without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Result:
    """A hit, with what the directory says of it; None for the instant in which the index is ahead of it."""

    hit: Hit
    listing: PublishedListing | None


@pages.get("/recherche")
@public
def search() -> str | tuple[str, int]:
    """The search form, and what answers."""
    args = request.args
    text, typed_place = args.get("q", "").strip(), args.get("lieu", "").strip()
    context = {"args": args, "radii": RADII_KM, "urgencies": find_urgencies(text), "facets": list_groups(args, {})}
    if not any(value.strip() for name in _ASKS for value in args.getlist(name)):
        return render_template("search.html", **context, **_browse(args))
    place = services().gazetteer.find(typed_place) if typed_place else None
    if isinstance(place, AmbiguousPlace | NoSuchPlace):
        return render_template("search.html", **context, unclear=place, choices=list(_places(args, place))), 422
    try:
        answer = _ask(args, place)
    except InvalidQuery as error:
        return render_template("search.html", **context, error=_sentence(error)), 400
    count_search(Channel.PAGES, search_query(args), answer)
    return render_template("search.html", **{**context, **_found(args, answer, place)})


def _browse(args: MultiDict[str, str]) -> dict[str, Any]:
    """What there is in the directory; without an index, the form alone: it may be there when it is sent."""
    try:
        whole = services().index.search(SearchQuery(limit=0, after=services().clock().date()))
    except SearchError:
        return {"browse": (), "whole": None}
    return {"browse": list_groups(args, whole.facets), "whole": whole.total}


def _ask(args: MultiDict[str, str], place: Place | None) -> Answer:
    return ask(
        services().index,
        search_query(args),
        find_place=services().gazetteer.find_named,
        today=services().clock().date(),
        place=place,
        radius_km=read_radius(args.get("rayon", "")),
        bassins=services().repository.load_bassins(),
        but=read_ignored(args),
    )


def _sentence(error: InvalidQuery) -> str:
    """What is refused, in the words of the page."""
    legend = next((facet.legend for facet in FACETS if facet.field == error.field), "")
    return f"Une valeur choisie pour « {legend} » n’existe pas." if legend else error.public


def _found(args: MultiDict[str, str], answer: Answer, told: Place | None) -> dict[str, Any]:
    """What the template shows of an answer."""
    page, first = answer.page, read_first_rank(args)
    listings = {each.id: each for each in services().repository.list_listings([hit.id for hit in page.hits])}
    groups = list_groups(args, page.facets)
    return {
        "page": page,
        "answer": answer,
        "place": answer.place,
        "first": first,
        "results": [Result(hit, listings.get(hit.id)) for hit in page.hits],
        "facets": groups,
        "understood": list(_understood(args, answer)),
        "homonyms": list(_homonyms(args, answer)),
        "chosen": list(_chosen(args, groups, told)),
        "without": {group.facet.name: _address(args, **{group.facet.name: None}) for group in groups if group.chosen},
        "bare": _address(MultiDict([("q", args.get("q", ""))]), q=args.get("q") or None),
        "everywhere": _everywhere(args, answer, told),
        "next": _address(args, suite=page.next, rang=str(first + len(page.hits))) if page.next else None,
        "start": _address(args) if args.get("suite") else None,
        "oembed": url_for("configurator.oembed", url=own_address() + _address(args)),
        "suggested": _address(args, q=answer.suggestion, sans=None) if answer.suggestion else None,
        "with_past": _address(args, passes="oui") if answer.past else None,
        "lost_radius": bool(args.get("rayon")) and answer.place is None,
        "today": services().clock().date(),
    }


def _everywhere(args: MultiDict[str, str], answer: Answer, told: Place | None) -> str | None:
    """The address of the same search in the whole country; None where it is searched already."""
    if answer.place is None:
        return None
    ignored = None if told else sorted({*read_ignored(args), "lieu"})
    return _address(args, lieu=None, rayon=None, sans=ignored)


def _places(args: MultiDict[str, str], unclear: AmbiguousPlace | NoSuchPlace) -> Iterator[Chip]:
    """The places among which to choose, each with its address."""
    for place in unclear.candidates if isinstance(unclear, AmbiguousPlace) else unclear.suggestions:
        yield Chip(place.label, _address(args, lieu=place.code_commune or place.label))


def _understood(args: MultiDict[str, str], answer: Answer) -> Iterator[Chip]:
    """What was recognised in the text."""
    ignored = read_ignored(args)
    for recognition in answer.understood.recognitions:
        yield Chip(recognition.label, _address(args, sans=sorted({*ignored, recognition.what})))


def _homonyms(args: MultiDict[str, str], answer: Answer) -> Iterator[Chip]:
    """The places that bear a name of the text, each with the address of the search there."""
    if (choice := answer.understood.choice) and answer.place is None:
        for place in choice.places:
            yield Chip(place.label, _address(args, lieu=place.code_commune or place.label, q=choice.text or None))


def _chosen(args: MultiDict[str, str], groups: tuple[Group, ...], told: Place | None) -> Iterator[Chip]:
    """What was chosen beside the text."""
    if told:
        yield Chip(f"Autour de {told.label}", _address(args, lieu=None, rayon=None))
    if args.get("passes") == "oui":
        yield Chip("Événements passés aussi", _address(args, passes=None))
    if args.get("rayon"):
        yield Chip(f"{args['rayon']}\u00a0km au plus", _address(args, rayon=None))
    for group in groups:
        for choice in group.chosen:
            kept = [value for value in args.getlist(group.facet.name) if value.strip() != choice.value]
            yield Chip(choice.label, _address(args, **{group.facet.name: kept}))
    for name, label in _DATES.items():
        if args.get(name):
            yield Chip(f"{label} {_day(args[name])}", _address(args, **{name: None}))


def _day(text: str) -> str:
    """A day in words; as it was typed when it is none that a browser sends."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _address(args: MultiDict[str, str], **changed: str | list[str] | None) -> str:
    """The address of the same search from its first page, with some parameters changed; None takes one away."""
    left_out = {*changed, *_PAGING}
    same: Mapping[str, Any] = {
        name: [value for value in args.getlist(name) if value.strip()] for name in args if name not in left_out
    }
    return url_for("search.search", **{**same, **changed})
