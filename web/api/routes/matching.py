"""``/propositions`` and ``/cohortes``: what is proposed to students. Nothing of them is kept, nor written in any log."""

from __future__ import annotations

from flask import Response

from directory.models.keys import ApiScope
from matching.answer import changes_to_json, to_json
from matching.cohort_form import cohort_to_json, share_places
from matching.profile import parse_profile
from matching.question import build_question
from matching.ranking import answer_question
from matching.travel import travel_for
from matching.weights import read_policy
from matching.whatif import what_if
from web.access import services, with_key
from web.api.answers import answer
from web.api.blueprint import blueprint, refusals, secured
from web.api.schemas.matching import (
    CohortAnswerForm,
    CohortForm,
    CohortParameters,
    MatchAnswer,
    MatchParameters,
    ProfileForm,
)
from web.counting import count_match
from web.noted import holds_for, noted_for


@blueprint.post("/propositions", responses={"200": MatchAnswer, **refusals(415)}, security=secured(ApiScope.MATCHING))
@with_key(ApiScope.MATCHING)
def matches(query: MatchParameters, body: ProfileForm) -> Response:
    """Proposer à un élève partenaires, dispositifs, entreprises et salons, avec les raisons."""
    core = services()
    day = query.le or core.clock().date()
    profile = parse_profile(_given(body), gazetteer=core.gazetteer, bassins=core.repository.load_bassins(), today=day)
    question = build_question(
        profile,
        core.catalogue.current(),
        at=day,
        policy=read_policy(core.settings.weights),
        travel=travel_for(profile.place, profile.mode, core.itineraries),
        responses=core.responses.current(),
        holds=holds_for(None, core, day),
    )
    found = answer_question(question, query.limite)
    count_match(profile.place.code_departement, answered=any(found.sections.values()))
    document = to_json(found)
    if query.et_si == "oui":
        document["what_if"] = changes_to_json(what_if(question))
    return answer(document)


@blueprint.post("/cohortes", responses={"200": CohortAnswerForm, **refusals(415)}, security=secured(ApiScope.MATCHING))
@with_key(ApiScope.MATCHING)
def cohorts(query: CohortParameters, body: CohortForm) -> Response:
    """Partager des places peu nombreuses entre les élèves d’une cohorte."""
    core = services()
    shared = share_places(
        _given(body),
        core.catalogue.current(),
        gazetteer=core.gazetteer,
        bassins=core.repository.load_bassins(),
        policy=read_policy(core.settings.weights),
        at=query.le or core.clock().date(),
        each=query.chacun,
        noted=noted_for(None, core, query.le or core.clock().date()),
        itineraries=core.itineraries,
        responses=core.responses.current(),
    )
    return answer(cohort_to_json(shared))


def _given(body: ProfileForm | CohortForm) -> dict[str, object]:
    """What was sent, as JSON has it: what was left out, or null, is left out."""
    return body.model_dump(mode="json", exclude_unset=True, exclude_none=True)
