"""A cohort from JSON, and its answer as JSON: what the command line and the API share (contracts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from directory.catalogue import Catalogue
from directory.responses import ResponseHistory
from directory.territory import Bassins
from directory.vocabulary import Kind
from matching.cohort import MOST_SEATS, MOST_STUDENTS, CohortAnswer, Place, Student, assign
from matching.errors import CohortError, ProfileError
from matching.profile import ProfileGazetteer, parse_profile
from matching.travel import AreaService, travel_of_cohort
from matching.weights import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What bureaux des entreprises noted of companies, as far as whoever asks may see it.

    Attributes:
        seats: Listing → students that it can still take while the parcours lasts, net of classes in PFMP; 0 included.
        holds: Listing → the day before which nobody calls it.
    """

    seats: Mapping[str, int] = field(default_factory=dict)
    holds: Mapping[str, date] = field(default_factory=dict)


_FIELDS = ("students", "places", "previous")


def share_places(  # noqa: PLR0913 - each is named by who asks
    data: Mapping[str, Any],
    catalogue: Catalogue,
    *,
    gazetteer: ProfileGazetteer,
    bassins: Bassins,
    policy: Policy,
    at: date,
    each: int = 1,
    noted: Noted | None = None,
    itineraries: AreaService | None = None,
    responses: ResponseHistory | None = None,
) -> CohortAnswer:
    """Understand a cohort as JSON gives it (contracts, « The command line »), and share its places.

    Raises:
        CohortError: A field of the cohort cannot be used; it is named.
        ProfileError: A field of a student's profile; likewise, with the student's position.
    """
    unknown = sorted(data.keys() - set(_FIELDS))
    if unknown:
        raise CohortError(unknown[0], "unknown field", public=f"Champ inconnu : « {unknown[0]} ». Champs : {', '.join(_FIELDS)}.")
    students = _students(data.get("students"), gazetteer, bassins, at)
    given = data.get("places")
    places = declared_places(catalogue, noted or Noted()) if given is None else _places(given)
    previous = [(_text(pair, "student", "previous"), _text(pair, "listing", "previous")) for pair in _list(data, "previous")]
    travel = travel_of_cohort([student.profile for student in students], itineraries)
    return assign(
        students, places, catalogue, at=at, each=each, previous=previous, travel=travel, policy=policy, responses=responses
    )


def _students(given: object, gazetteer: ProfileGazetteer, bassins: Bassins, at: date) -> list[Student]:
    if not isinstance(given, list) or not given:
        raise CohortError("students", "not a list", public="« students » doit être la liste des profils, un au moins.")
    if len(given) > MOST_STUDENTS:  # before each of them is read
        public = f"« students » : {len(given)} élèves, une cohorte en compte {MOST_STUDENTS} au plus."
        raise CohortError("students", "too many", public=public)
    students = []
    for rank, profile in enumerate(given):
        try:
            parsed = parse_profile(profile, gazetteer=gazetteer, bassins=bassins, today=at)
        except ProfileError as error:
            name = f"students[{rank}].{error.field}"
            raise CohortError(name, str(error), public=f"Élève {rank + 1} (« {name} ») : {error.public}") from error
        students.append(Student(reference=parsed.reference or f"élève {rank + 1}", profile=parsed))
    return students


def declared_places(catalogue: Catalogue, noted: Noted) -> list[Place]:
    """The places to share when none are given: what bureaux noted of a company, else what its listing declares.

    A company that is not to be called yet gives none.
    """
    rows = catalogue.by_kind[Kind.COMPANY]
    seats = {catalogue.ids[row]: int(catalogue.places[row]) for row in rows[catalogue.places[rows] > 0].tolist()}
    seats |= {listing: places for listing, places in noted.seats.items() if catalogue.find_row(listing) is not None}
    return [
        Place(listing=listing, capacity=min(capacity, MOST_SEATS))
        for listing, capacity in seats.items()
        if capacity > 0 and listing not in noted.holds
    ]


def _places(given: object) -> list[Place]:
    if not isinstance(given, list):
        raise CohortError("places", "not a list", public="« places » doit être une liste de {« id », « capacity »}.")
    places = []
    for rank, place in enumerate(given):
        capacity = place.get("capacity") if isinstance(place, dict) else None
        if not isinstance(capacity, int) or isinstance(capacity, bool):
            name = f"places[{rank}].capacity"
            raise CohortError(name, repr(capacity)[:80], public=f"« {name} » doit être un nombre entier.")
        places.append(Place(listing=_text(place, "id", f"places[{rank}]"), capacity=capacity))
    return places


def _list(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    given = data.get(name, [])
    if not isinstance(given, list):
        raise CohortError(name, "not a list", public=f"« {name} » doit être une liste.")
    return given


def _text(data: object, name: str, where: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise CohortError(f"{where}.{name}", repr(value)[:80], public=f"« {where}.{name} » doit être un texte.")
    return value


def cohort_to_json(answer: CohortAnswer) -> dict[str, Any]:
    """The answer in the shape of the contract; points in points, not hundredths."""
    assignments = [{**asdict(one), "points": one.points / 100} for one in answer.assignments]
    return {
        "assignments": assignments,
        "unassigned": [asdict(one) for one in answer.unassigned],
        "usefulness": answer.usefulness,
        "greedy_usefulness": answer.greedy_usefulness,
        "greedy_served": answer.greedy_served,
        "notices": list(answer.notices),
    }
