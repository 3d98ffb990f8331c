"""A cohort: many students, few places. Every student is served if anyone can be, then total usefulness is the highest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from directory.catalogue import Catalogue
from directory.catalogue_part import part_of
from directory.columns import BoolArray, IntArray
from directory.responses import ResponseHistory
from directory.vocabulary import Kind, Visibility, When
from matching.candidates import WHENS, gather
from matching.criteria import Case
from matching.criteria.timing import wishes_a_contract
from matching.eligibility import judge
from matching.errors import CohortError
from matching.findings import findings_of
from matching.question import build_question
from matching.reach import too_far
from matching.rules import Level, rules
from matching.scoring import evidence_of, score
from matching.sharing import Choice, Given, share, share_greedily
from matching.travel import CohortTravel
from matching.types import Profile
from matching.weights import Policy, default_policy

MOST_STUDENTS, MOST_PLACES = 10_000, 50_000
_CHOICES = 60
"""Choices kept of each student: beyond, a place is of little use to them, and the sixty before it are not all full."""
_UNWISHED = 2_000
"""Hundredths taken off a place that would end a pupil's parcours unwished."""
_KEPT = 300
"""Hundredths added to a place that the student already had: a small change must not reshuffle everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """A student of a cohort, by a local pseudonym."""

    reference: str
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Places that one listing offers: how many students it can take."""

    listing: str
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One student on one place.

    Attributes:
        rank: Which of the student's own choices it is, from 1.
        points: Its usefulness to the student, hundredths of a point.
        turn: In which round it was given, from 1: nobody has a second place before everyone who can has a first.
        reason: French: why this one.
    """

    student: str
    listing: str
    name: str
    rank: int
    points: int
    turn: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A student whom no place is left for, and why, in French."""

    student: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortAnswer:
    """The places of a cohort.

    Attributes:
        usefulness: Sum of the points of the assignments, in points.
        greedy_usefulness: The same when the best pair is taken first, again and again.
        greedy_served: How many students that serves.
        notices: French: what holds for all, of how journeys were reckoned.
    """

    assignments: tuple[Assignment, ...]
    unassigned: tuple[Unassigned, ...]
    usefulness: float
    greedy_usefulness: float
    greedy_served: int
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class _Wishes:
    """What suits one student, best first, and why the rest does not."""

    choices: list[Choice] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)


def assign(  # noqa: PLR0913 - each is named by who asks
    students: Sequence[Student],
    places: Sequence[Place],
    catalogue: Catalogue,
    *,
    at: date,
    each: int = 1,
    previous: Iterable[tuple[str, str]] = (),
    viewer: Visibility = Visibility.PUBLIC,
    travel: CohortTravel | None = None,
    policy: Policy | None = None,
    responses: ResponseHistory | None = None,
) -> CohortAnswer:
    """Share places among students.

    In turns: the first gives one place to as many students as possible and, among all the ways to do so, the most useful one
    (a matching of minimum weight, exact); the next shares what is left, so that no one has two before all who can have one.

    Args:
        students: Each once, by reference; their order changes nothing.
        places: Each listing once.
        catalogue: Where the listings stand.
        at: The day asked.
        each: How many places a student may have, 1 or more.
        previous: (student, listing) pairs of the last time, which are kept unless something clearly better is possible.
        viewer: What the asker may see.
        travel: How journeys are reckoned; the estimate by default.
        policy: What each criterion weighs; the one that ships by default.
        responses: What came of contacts with partners; nothing known by default.

    Raises:
        CohortError: Too many, twice the same, an unknown listing, a capacity below one; the field is named.
    """
    row_of = {listing: row for row, listing in enumerate(catalogue.ids)}
    _check(students, places, row_of, each)
    travel = travel or CohortTravel()
    asking = _Asking(at=at, viewer=viewer, travel=travel, policy=policy or default_policy(), responses=responses)
    students = sorted(students, key=lambda student: student.reference)
    places = sorted(places, key=lambda place: place.listing)
    part = part_of(catalogue, [row_of[place.listing] for place in places])
    rank = {place.listing: number for number, place in enumerate(places)}
    numbers = np.array([rank[listing] for listing in part.ids], dtype=np.int32)
    kept = defaultdict(set)
    for student, listing in previous:
        kept[student].add(listing)
    wishes = [asking.wishes(student, part, numbers, kept[student.reference]) for student in students]
    capacities = [place.capacity for place in places]
    given = share([own.choices for own in wishes], capacities, each)
    greedy = share_greedily([own.choices for own in wishes], capacities, each)
    names = {rank[listing]: name for listing, name in zip(part.ids, part.names, strict=True)}
    served = {student for student, _, _ in given}
    return CohortAnswer(
        assignments=tuple(
            Assignment(
                student=students[student].reference,
                listing=places[wishes[student].choices[choice].place].listing,
                name=names[wishes[student].choices[choice].place],
                rank=choice + 1,
                points=wishes[student].choices[choice].points,
                turn=turn,
                reason=_reason(asking, students[student], part, places, wishes[student], choice, names),
            )
            for student, choice, turn in sorted(given, key=lambda one: (one[0], one[2]))
        ),
        unassigned=tuple(
            Unassigned(student=student.reference, reason=_why_none(wishes[rank], names))
            for rank, student in enumerate(students)
            if rank not in served
        ),
        usefulness=_usefulness(wishes, given),
        greedy_usefulness=_usefulness(wishes, greedy),
        greedy_served=len({student for student, _, _ in greedy}),
        notices=(rules()[travel.warning].finding().reason,) if travel.warning else (),
    )


def _usefulness(wishes: Sequence[_Wishes], given: Iterable[Given]) -> float:
    return sum(wishes[student].choices[choice].points for student, choice, _ in given) / 100


# ---------------------------------------------------------------- what suits whom


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    at: date
    viewer: Visibility
    travel: CohortTravel
    policy: Policy
    responses: ResponseHistory | None

    def cases(self, student: Student, part: Catalogue) -> Iterable[Case]:
        """The listings of each kind, judged for one student."""
        profile = student.profile
        question = build_question(
            profile,
            part,
            at=self.at,
            viewer=self.viewer,
            travel=self.travel.of(profile),
            policy=self.policy,
            responses=self.responses,
        )
        for kind in Kind:
            if len(part.by_kind[kind]):
                candidates = gather(question, kind)
                yield Case(candidates, judge(candidates))

    def wishes(self, student: Student, part: Catalogue, numbers: IntArray, kept: set[str]) -> _Wishes:
        found = _Wishes()
        for case in self.cases(student, part):
            blocked, far = case.judgement.blocked, too_far(case.candidates)
            totals, unwished = score(case).total, _ends_it_unwished(case)
            allowed = np.flatnonzero(~blocked & ~far)
            rows = case.candidates.rows[allowed]
            held = (
                np.array([part.ids[row] in kept for row in rows], dtype=np.bool_) if kept else np.zeros(len(rows), dtype=np.bool_)
            )
            values = np.maximum(1, totals[allowed] - _UNWISHED * unwished[allowed] + _KEPT * held)
            # equal values by the place's number, so that the order of the directory changes nothing
            best = np.lexsort((numbers[rows], -values))[:_CHOICES]
            found.choices += [
                Choice(int(numbers[rows[one]]), int(totals[allowed[one]]), int(values[one])) for one in best.tolist()
            ]
            if far.any():
                found.refusals[_TOO_FAR] += int((far & ~blocked).sum())
            for index in np.flatnonzero(blocked)[:_READ_REFUSALS]:
                found.refusals.update({finding.reason for finding in findings_of(case, int(index), Level.BLOCKING)})
        found.choices.sort(key=lambda choice: (-choice.value, choice.place))
        del found.choices[_CHOICES:]
        return found


def _ends_it_unwished(case: Case) -> BoolArray:
    """What would end the parcours of a pupil who did not ask for a contract."""
    candidates = case.candidates
    if candidates.kind is not Kind.COMPANY or not case.question.window.in_parcours or wishes_a_contract(case.question):
        return np.zeros(len(candidates), dtype=np.bool_)
    return np.asarray(candidates.when == WHENS.index(When.ENDS_IT))


# ---------------------------------------------------------------- saying why

_TOO_FAR = "Le trajet est plus long que ce qu’il ou elle accepte."
_READ_REFUSALS = 50
_ORDINALS = {1: "Première", 2: "Deuxième", 3: "Troisième"}


def _reason(
    asking: _Asking,
    student: Student,
    part: Catalogue,
    places: Sequence[Place],
    wishes: _Wishes,
    choice: int,
    names: Mapping[int, str],
) -> str:
    """The student's own order, what stood before, and what speaks for this place; French."""
    alone = part_of(part, [part.ids.index(places[wishes.choices[choice].place].listing)])
    best: list[str] = []
    for case in asking.cases(student, alone):
        evidence = evidence_of(case, score(case), 0)
        best = [one.reason for one in sorted(evidence, key=lambda one: -one.points)[:2] if one.points]
    why = " ; ".join(best)
    ordinal = _ORDINALS.get(choice + 1, f"{choice + 1}e")
    if choice == 0:
        return f"{ordinal} proposition : {why}."
    before = [names[other.place] for other in wishes.choices[:choice][:2]]
    more = f" et {choice - 2} autre{'s' if choice > 3 else ''}" if choice > 2 else ""
    taken = f"{' et '.join(before)}{more}"
    lost = "avant elle, servent davantage à d’autres élèves, ou sont leur seule chance"
    return f"{ordinal} proposition : {taken}, {lost}. {why}."


def _why_none(wishes: _Wishes, names: Mapping[int, str]) -> str:
    if wishes.choices:
        some = ", ".join(names[choice.place] for choice in wishes.choices[:3])
        return f"Toutes les places qui lui conviennent sont prises ({some}{'…' if len(wishes.choices) > 3 else ''})."
    if wishes.refusals:
        return f"Aucune place ne lui convient. {wishes.refusals.most_common(1)[0][0]}"
    return "Aucune place n’est à sa portée."


# ---------------------------------------------------------------- refusals


def _check(students: Sequence[Student], places: Sequence[Place], row_of: Mapping[str, int], each: int) -> None:
    if not 1 <= len(students) <= MOST_STUDENTS:
        raise _refused("students", f"{len(students)} students", f"Une cohorte compte de 1 à {MOST_STUDENTS} élèves.")
    if len(places) > MOST_PLACES:
        raise _refused("places", f"{len(places)} places", f"Une cohorte compte au plus {MOST_PLACES} lieux d’accueil.")
    if not 1 <= each <= _MOST_EACH:
        raise _refused("each", str(each), f"Chaque élève peut recevoir de 1 à {_MOST_EACH} places.")
    _check_once("students", [student.reference for student in students])
    _check_once("places", [place.listing for place in places])
    for rank, place in enumerate(places):
        if place.listing not in row_of:
            raise _refused(f"places[{rank}].id", "unknown", f"« places[{rank}].id » : aucune fiche « {place.listing} ».")
        if not 1 <= place.capacity <= MOST_SEATS:
            message = f"« places[{rank}].capacity » : {place.capacity}, il faut de 1 à {MOST_SEATS} places."
            raise _refused(f"places[{rank}].capacity", str(place.capacity), message)


def _check_once(field_name: str, names: Sequence[str]) -> None:
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise _refused(field_name, f"{twice!r} twice", f"« {twice} » est donné deux fois dans « {field_name} ».")


_MOST_EACH, MOST_SEATS = 10, 1000


def _refused(field_name: str, reason: str, public: str) -> CohortError:
    return CohortError(field_name, reason, public=public)
