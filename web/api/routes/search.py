"""``/recherche``: the question of the search page, answered for programs."""

from __future__ import annotations

from dataclasses import asdict, replace

from flask import Response, request

from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.models.statistics import Channel
from directory.search.answer_form import answer_to_json
from directory.search.asking import ask
from matching.urgency import find_urgencies
from web.access import public, services
from web.api.answers import answer
from web.api.blueprint import blueprint, refusals, secured
from web.api.refusals import UnclearPlace
from web.api.schemas.search import SearchAnswer, SearchParameters
from web.counting import count_search
from web.params import read_ignored, read_radius, search_query


@blueprint.get("/recherche", responses={"200": SearchAnswer, **refusals(304)}, security=secured())
@public
def search(query: SearchParameters) -> Response:
    """Chercher dans l’annuaire."""
    core = services()
    question = replace(
        search_query(request.args),
        age=query.age,
        limit=query.limite,
        with_facets=query.facettes == "oui",
    )
    found = ask(
        core.index,
        question,
        find_place=core.gazetteer.find_named,
        today=core.clock().date(),
        place=read_place(query.lieu),
        radius_km=read_radius(query.rayon or "") if query.lieu else None,
        bassins=core.repository.load_bassins(),
        but=read_ignored(request.args),
    )
    count_search(Channel.API, question, found)
    alerts = [asdict(alert) for alert in find_urgencies(query.q)]
    return answer({"alerts": alerts, **answer_to_json(found)})


def read_place(text: str) -> Place | None:
    """The place that a text names; None without a text.

    Raises:
        UnclearPlace: None of this name, or several.
    """
    if not text.strip():
        return None
    match services().gazetteer.find(text.strip()):
        case Place() as place:
            return place
        case AmbiguousPlace(candidates=candidates, reason=reason):
            raise UnclearPlace(f"Plusieurs lieux répondent à ce nom. {reason}".strip(), [each.label for each in candidates[:8]])
        case NoSuchPlace(suggestions=suggestions):
            raise UnclearPlace("Aucun lieu ne répond à ce nom.", [each.label for each in suggestions[:8]])
