"""The web: pages for people. ``create_app`` builds the application from the services it is given."""

from __future__ import annotations

from flask import Flask

from directory.services import Services
from web import compression, errors, security, theme, wording
from web.access import public
from web.pages import about, basemap, cohort, listing, lycee, profile, reports, search, sheets, suggestions, why


def create_app(services: Services) -> Flask:
    """Build the application.

    Args:
        services: The directory, index, gazetteer, catalogue and clock that the pages ask.
    """
    app = Flask("web", static_folder="static", template_folder="templates")
    app.extensions["relais"] = services
    app.view_functions["static"] = public(app.view_functions["static"])
    security.protect(app, services.settings.map_tiles)
    compression.install(app)
    wording.install(app)
    theme.install(app, services.settings)
    for pages in (profile, why, sheets, cohort, lycee, listing, reports, search, basemap, suggestions, about):
        app.register_blueprint(pages.pages)
    errors.install(app)
    return app
