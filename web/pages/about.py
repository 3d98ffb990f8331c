"""Pages about the service."""

from __future__ import annotations

from flask import Blueprint, render_template

from matching.criteria import CRITERIA
from matching.weights import read_policy
from web.access import public, services

pages = Blueprint("about", __name__)


@pages.get("/a-propos")
@public
def a_propos() -> str:
    """What the service is, and how it ranks."""
    core = services()
    counts, weights = core.repository.count_listings(), read_policy(core.settings.weights)
    return render_template("about.html", counts=counts, criteria=CRITERIA.values(), weights=weights)


@pages.get("/accessibilite")
@public
def accessibilite() -> str:
    """The accessibility statement."""
    return render_template("accessibility.html")


@pages.get("/donnees-personnelles")
@public
def donnees_personnelles() -> str:
    """What is done with what is typed."""
    return render_template("privacy.html")
