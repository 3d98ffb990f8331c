"""Places, occupations, lycées and listings that complete a text, as JSON.

The form asks by POST, because a place typed there is a student's home and may not stand in an address; GET is for whoever
searches the directory.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from directory.occupations import find_occupations
from directory.search.completing import LISTING, OCCUPATION, PLACE, complete
from web.access import public, services

pages = Blueprint("suggestions", __name__)

_LIMIT = 8
_SHORTEST = 2
_LONGEST = 100
_WHAT = {PLACE: "Lieu", OCCUPATION: "Métier", LISTING: "Fiche"}


@pages.route("/suggestions", methods=["GET", "POST"])
@public
def completions() -> Response:
    """What completes the text of the search box: each ``value`` is all that the box then holds, ``label`` what is proposed."""
    core, text = services(), _typed()
    found = complete(core.index, text, core.gazetteer.suggest, _LIMIT) if text else ()
    return jsonify(suggestions=[{"value": each.text, "label": each.label, "what": _WHAT[each.what]} for each in found])


@pages.route("/lieux", methods=["GET", "POST"])
@public
def places() -> Response:
    """Places that complete ``q``, only communes with ``niveau=commune``: ``{"suggestions": [{"value", "code"}]}``."""
    text = _typed()
    found = services().gazetteer.suggest(text, limit=_LIMIT) if text else ()
    if request.args.get("niveau") == "commune":
        found = tuple(place for place in found if place.code_commune)
    return jsonify(suggestions=[{"value": place.label, "code": place.code_commune} for place in found])


@pages.route("/metiers", methods=["GET", "POST"])
@public
def occupations() -> Response:
    """Occupations of the ROME that resemble ``q``."""
    text = _typed()
    found = find_occupations(text, limit=_LIMIT) if text else ()
    return jsonify(suggestions=[{"value": f"{job.title} ({job.code})", "code": job.code} for job in found])


@pages.route("/lycees", methods=["GET", "POST"])
@public
def lycees() -> Response:
    """Lycées whose name or town hold ``q``."""
    text = _typed()
    found = services().gazetteer.find_lycees(text, limit=_LIMIT) if text else ()
    return jsonify(suggestions=[{"value": lycee.label, "code": lycee.uai} for lycee in found])


def _typed() -> str:
    text = request.values.get("q", "").strip()[:_LONGEST]
    return text if len(text) >= _SHORTEST else ""
