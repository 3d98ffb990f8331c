"""What the map of the pages is drawn with: the points of the communes, by département."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from web.access import public, services

pages = Blueprint("basemap", __name__)


@pages.get("/carte/communes/<departement>")
@public
def communes(departement: str) -> Response:
    """The communes of a département: name, latitude, longitude, population; none for an unknown one."""
    points = services().gazetteer.list_points(departement)
    return jsonify([[name, round(latitude, 3), round(longitude, 3), people or 0] for name, latitude, longitude, people in points])
