"""The web: pages for people, an API for programs. ``create_app`` builds the application from the services it is given."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from directory.services import Services
from web import api, compression, counting, errors, openid, security, sessions, theme, watching, wording
from web.access import public
from web.pages import (
    about,
    accounts,
    adding,
    answers,
    basemap,
    campaigns,
    cohort,
    companies,
    counts,
    curation,
    desk,
    dossier_acts,
    dossiers,
    files,
    health,
    identities,
    listing,
    lycee,
    partner,
    profile,
    reports,
    reuse,
    search,
    sheets,
    statistics,
    suggestions,
    upkeep,
    why,
)
from web.widget import configurator, frame


def create_app(services: Services, shared_metrics: Path | None = None) -> Flask:
    """Build the application.

    Args:
        services: The directory, index, gazetteer, catalogue and clock that the pages ask.
        shared_metrics: Folder where the processes of one server count together; None when this one is alone.
    """
    app = api.make_app("web", static_folder="static", template_folder="templates")
    app.extensions["relais"] = services
    app.view_functions["static"] = public(app.view_functions["static"])
    watching.install(app, services.settings, shared_metrics)
    security.protect(app, services.settings.map_tiles)
    compression.install(app)
    counting.install(app)
    wording.install(app)
    theme.install(app, services.settings)
    sessions.install(app, services.settings.public_url)
    openid.install(app, services.settings)
    for pages in (
        accounts,
        identities,
        dossiers,
        dossier_acts,
        counts,
        profile,
        why,
        sheets,
        statistics,
        cohort,
        lycee,
        listing,
        curation,
        adding,
        companies,
        desk,
        files,
        upkeep,
        campaigns,
        answers,
        partner,
        reports,
        reuse,
        search,
        basemap,
        suggestions,
        about,
        health,
        frame,
        configurator,
    ):
        app.register_blueprint(pages.pages)
    api.install(app, services.settings)
    errors.install(app)
    if services.settings.proxies:
        hops = services.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
