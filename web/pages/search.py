"""The search page: a text, a place, a radius, kinds and filters, in the address. Nothing of a student stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from directory.errors import InvalidQuery
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.search.asking import Answer, ask
from matching.urgency import find_urgencies
from web.access import public, services
from web.params import RADII_KM, read_ignored, read_radius, search_query

pages = Blueprint("search", __name__)


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that was recognised in the text, and the address of the same search without it."""

    label: str
    without: str


@pages.get("/recherche")
@public
def search() -> str | tuple[str, int]:
    """The search form, and what answers."""
    args = request.args
    text = args.get("q", "").strip()
    typed_place = args.get("lieu", "").strip()
    context = {"args": args, "radii": RADII_KM, "urgencies": find_urgencies(text), "page": None, "place": None, "error": None}
    if not (text or typed_place or args.getlist("genre")):
        return render_template("search.html", **context)
    place = services().gazetteer.find(typed_place) if typed_place else None
    if isinstance(place, AmbiguousPlace | NoSuchPlace):
        return render_template("search.html", **{**context, "unclear": place}), 422
    try:
        answer = _ask(args, place)
    except InvalidQuery as error:
        return render_template("search.html", **{**context, "error": error}), 400
    found = {"page": answer.page, "place": answer.place, "answer": answer, "chips": list(_chips(args, answer))}
    return render_template("search.html", **{**context, **found, "next": _address(args, suite=answer.page.next)})


def _ask(args: MultiDict[str, str], place: Place | None) -> Answer:
    return ask(
        services().index,
        search_query(args),
        find_place=services().gazetteer.find_named,
        today=services().clock().date(),
        place=place,
        radius_km=read_radius(args.get("rayon", "")) if place else None,
        bassins=services().repository.load_bassins(),
        but=read_ignored(args),
    )


def _chips(args: MultiDict[str, str], answer: Answer) -> Iterator[Chip]:
    ignored = read_ignored(args)
    for recognition in answer.understood.recognitions:
        yield Chip(recognition.label, _address(args, suite=None, sans=sorted({*ignored, recognition.what})))


def _address(args: MultiDict[str, str], **changed: str | list[str] | None) -> str:
    """The address of the same search, with some parameters changed; None takes one away."""
    same: dict[str, Any] = {name: args.getlist(name) for name in args if name not in changed}
    return url_for("search.search", **{**same, **changed})
