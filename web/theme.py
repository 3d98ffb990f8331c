"""The two themes of the same pages: ``dsfr``, for sites of the State, and ``neutre``; and the addresses of static files."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path

from flask import Flask, url_for

from directory.settings import Settings

_STATIC = Path(__file__).parent / "static"
_DSFR_SHEET = "vendor/dsfr.css"
_LEAFLET = "vendor/leaflet/leaflet.js"
_log = logging.getLogger(__name__)


def install(app: Flask, settings: Settings) -> None:
    """Give the templates their theme, and the maps' background where maps can be shown.

    Without the design system's files, the neutral theme serves; without Leaflet's, no map is offered.
    """
    name: str = settings.theme
    if name == "dsfr" and not (_STATIC / _DSFR_SHEET).is_file():
        _log.warning("no %s: the pages take the neutral theme (make install brings the design system)", _DSFR_SHEET)
        name = "neutre"
    own = "css/neutre.css" if name == "neutre" else _DSFR_SHEET
    basemap = {"tiles": settings.map_tiles, "credit": settings.map_credit} if (_STATIC / _LEAFLET).is_file() else None
    app.jinja_env.globals.update(basemap=basemap)
    app.jinja_env.globals.update(theme=name, stylesheets=(own, "css/relais.css"), asset=asset)


def asset(name: str) -> str:
    """The address of a static file, with a version that changes with its content."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    path = _STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0"
