"""``/lieux``, ``/vocabulaire`` and ``/sources``: the words and places by which listings are described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response

from directory import vocabulary as words
from directory.sources import source_to_json
from directory.territory import departements
from matching.needs import needs
from web.access import public, services
from web.api.answers import answer
from web.api.blueprint import blueprint, refusals, secured
from web.api.refusals import CommuneNotFound
from web.api.schemas.reference import CommunePath, PlacesAnswer, PlacesParameters, SourcesAnswer, VocabularyAnswer
from web.api.schemas.search import PlaceForm

_RUN = ("run", "status", "started_at", "finished_at", "counts")


@blueprint.get("/lieux", responses={"200": PlacesAnswer, **refusals(304)}, security=secured())
@public
def places(query: PlacesParameters) -> Response:
    """Les lieux qui complètent un début de nom. Le domicile d’un élève n’a rien à faire dans une adresse : voir /propositions."""
    return answer({"places": [asdict(place) for place in services().gazetteer.suggest(query.q, limit=query.limite)]})


@blueprint.get("/lieux/<code>", responses={"200": PlaceForm, **refusals(304, 404)}, security=secured())
@public
def commune(path: CommunePath) -> Response:
    """Une commune ou un arrondissement, par son code INSEE."""
    place = services().gazetteer.get_commune(path.code)
    if place is None:
        raise CommuneNotFound(path.code)
    return answer(asdict(place))


@blueprint.get("/vocabulaire", responses={"200": VocabularyAnswer, **refusals(304)}, security=secured())
@public
def vocabulary() -> Response:
    """Les mots par lesquels les fiches et les profils sont décrits."""
    lists: dict[str, Mapping[Any, str]] = {
        "kinds": words.KIND_LABELS,
        "categories": {code: category.label for code, category in words.categories().items()},
        "thematiques": words.THEMATIQUES,
        "publics": words.PUBLICS,
        "types": words.SERVICE_TYPES,
        "frais": words.FRAIS,
        "modes_accueil": words.MODES_ACCUEIL,
        "networks": words.networks(),
        "pathways": words.PATHWAY_LABELS,
        "whens": words.WHEN_LABELS,
        "needs": {key: need.label for key, need in needs().items()},
        "departements": {code: entry.name for code, entry in departements().items()},
    }
    return answer({name: [{"code": str(code), "label": label} for code, label in each.items()] for name, each in lists.items()})


@blueprint.get("/sources", responses={"200": SourcesAnswer, **refusals(304)}, security=secured())
@public
def sources() -> Response:
    """Les sources de l’annuaire : licence, fraîcheur, dernier import."""
    core = services()
    today = core.clock().date()
    found = [source_to_json(each, core.repository.list_runs(each.name, limit=1), today) for each in core.sources]
    for each in found:
        # messages and alarms are for who operates: they may name a file
        each["last_run"] = {name: each["last_run"][name] for name in _RUN} if each["last_run"] else None
    return answer({"sources": found})
