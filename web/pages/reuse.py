"""``/suivre``: what can be followed or taken elsewhere: a calendar, a feed, a table, a map layer, the widget, the API."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for

from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.territory import departements
from web.access import public, services
from web.sessions import own_address

pages = Blueprint("reuse", __name__)

RADII_KM = (10, 20, 50, 100)
_USUAL_KM = 50


@pages.get("/suivre")
@public
def reuse() -> str | tuple[str, int]:
    """The addresses to follow, for a place and a département."""
    typed, code = request.args.get("lieu", "").strip(), request.args.get("departement", "").strip()
    radius = request.args.get("rayon", str(_USUAL_KM))
    context = {"args": request.args, "radii": RADII_KM, "departements": departements(), "usual": _USUAL_KM}
    wrong = _wrong(typed, code, radius)
    if wrong:
        return render_template("reuse.html", **context, error=wrong), 400
    place = services().gazetteer.find(typed) if typed else None
    if isinstance(place, AmbiguousPlace | NoSuchPlace):
        others = place.candidates if isinstance(place, AmbiguousPlace) else place.suggestions
        return render_template("reuse.html", **context, unclear=typed, others=others[:8]), 422
    return render_template("reuse.html", **context, place=place, feeds=_feeds(place, radius, code), code=code)


def _wrong(typed: str, code: str, radius: str) -> str:
    if len(typed) > 200:
        return "Le lieu dépasse 200 caractères."
    if code and code not in departements():
        return "Ce département n’existe pas."
    return "" if radius in map(str, RADII_KM) else "La distance doit être l’une de celles de la liste."


def _feeds(place: Place | None, radius: str, code: str) -> dict[str, str]:
    """What can be followed → its whole address."""
    home = own_address()
    found = {"atom": home + url_for("api.news", departement=code or None)}
    if place is not None:
        told = place.code_commune or place.label
        around = radius if place.code_commune else None
        found["ics"] = home + url_for("api.calendar", lieu=told, rayon=around)
        # calendar programs subscribe to what this scheme names
        found["webcal"] = "webcal://" + found["ics"].partition("://")[2]
    if code:
        for name in ("fiches.csv", "fiches.geojson"):
            found[name] = home + url_for("api.layer", name=name, departement=code)
    return found
