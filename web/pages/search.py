"""The search page: a text, a place, a radius and kinds, in the address. Nothing of a student stands there."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from directory.errors import InvalidQuery
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.search.near import near_place
from directory.search.types import Near, SearchPage
from matching.urgency import find_urgencies
from web.access import public, services
from web.params import RADII_KM, read_radius, search_query

pages = Blueprint("search", __name__)


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
        page = _ask(args, place)
    except InvalidQuery as error:
        return render_template("search.html", **{**context, "error": error}), 400
    return render_template("search.html", **{**context, "page": page, "place": place})


def _ask(args: MultiDict[str, str], place: Place | None) -> SearchPage:
    radius = read_radius(args.get("rayon", ""))
    near: Near | None = None
    if place is not None:
        near = near_place(place, radius_km=radius, bassins=services().repository.load_bassins())
    return services().index.search(search_query(args, near))
