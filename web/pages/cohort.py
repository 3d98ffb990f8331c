"""A cohort: the students of a lycée pasted in a page, and the places shared among them. Nothing of it is kept."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matching.cohort import CohortAnswer, assign
from matching.cohort_form import declared_places
from matching.errors import CohortError
from matching.travel import travel_of_cohort
from matching.weights import read_policy
from web.access import find_account, public, services
from web.cohorts import COLUMNS, EXAMPLE, MOST_STUDENTS, BadLine, read_students
from web.noted import noted_for

pages = Blueprint("cohort", __name__)

_EACH = (1, 2, 3)


@pages.get("/cohorte")
@public
def blank() -> str:
    """The blank page."""
    return _page("")


@pages.get("/cohorte/places")
@public
def no_share() -> Response:
    """A share has no address of its own."""
    return redirect(url_for("cohort.blank"))


@pages.post("/cohorte/places")
@public
def share() -> str | tuple[str, int]:
    """The places shared, or the page again with what is wrong of each line."""
    text, core = request.form.get("eleves", ""), services()
    each = request.form.get("chacun", "1")
    students, bad = read_students(text, core, core.clock().date())
    if not bad and not students:
        bad = [BadLine(1, "Collez au moins une ligne : un repère, un âge et une commune.")]
    if len(students) > MOST_STUDENTS:
        bad = [BadLine(MOST_STUDENTS + 1, f"Cette page partage les places de {MOST_STUDENTS} élèves au plus.")]
    if each not in map(str, _EACH):
        bad.append(BadLine(0, "Le nombre de places par élève est de 1 à 3."))
    if bad:
        return _page(text, bad, each=each), 422
    try:
        policy = read_policy(core.settings.weights)
        today = core.clock().date()
        catalogue = core.catalogue.current()
        answer = assign(
            students,
            declared_places(catalogue, noted_for(find_account(), core, today)),
            catalogue,
            at=today,
            each=int(each),
            travel=travel_of_cohort([student.profile for student in students], core.itineraries),
            policy=policy,
            responses=core.responses.current(),
        )
    except CohortError as error:
        return _page(text, [BadLine(0, error.public)], each=each), 422
    return _page(text, answer=answer, each=each)


def _page(text: str, bad: list[BadLine] | None = None, answer: CohortAnswer | None = None, each: str = "1") -> str:
    return render_template(
        "cohort.html", text=text, bad=bad or [], answer=answer, each=each, choices=_EACH, columns=COLUMNS, example=EXAMPLE
    )
