"""Candidates: the listings of one kind worth judging for one student, as columns of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from directory.catalogue import KINDS, NAMELESS, SCOPES, Catalogue, among
from directory.columns import NO_DAY, BoolArray, FloatArray, IntArray, day_number
from directory.geo import EARTH_RADIUS_KM
from directory.vocabulary import Competence, Kind, Pathway, Scope, When, categories
from matching.question import Question
from matching.travel import Journeys
from matching.types import Mode
from matching.window import ages_on_days

Number = TypeVar("Number", bound=np.generic)
Value = TypeVar("Value")
WHENS: tuple[When, ...] = tuple(When)
_DURING, _ENDS_IT, _AFTER = (WHENS.index(when) for when in (When.DURING, When.ENDS_IT, When.AFTER))
# Within this many km of the home listings are judged at all; doubled while there are few.
_NEAR_KM = {Mode.WALK: 25.0, Mode.BIKE: 30.0, Mode.TRANSIT: 50.0, Mode.CAR: 60.0, None: 50.0}
_BUREAU = ("bureau_des_entreprises",)
_ENOUGH = 40
_FAR_KM = 1300.0
MANY = 500
"""From so many candidates on, what their records alone decide is asked once for each signature."""
_IN_COMPANY = (Pathway.INTERNSHIP, Pathway.IMMERSION, Pathway.VISIT)
_CONTRACTS = (Pathway.JOB, Pathway.APPRENTICESHIP, Pathway.SOCIAL_CLAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Listings of one kind, one entry each; every array has shape (len(rows),).

    Attributes:
        rows: Rows of the catalogue, increasing.
        category: Index of its category in the catalogue's.
        categories: The categories that some candidate is of.
        km: Great-circle distance from the home; NaN without a point.
        minutes: Estimated journey by the student's mode; NaN without a point or a mode.
        serves: Serves the student by its stated territory, France and remote included.
        competent: Is the student's own (competence by home commune, bassin or lycée), beyond doubt of territory.
        elsewhere: States whom it serves, and the student is not among them.
        unknown_bassin: Serves bassins or lycées only, and the student's are not known.
        when: Index in ``WHENS``.
        age_low: Youngest age the student may have on the day that matters.
        age_high: Oldest.
        day: The day that matters for ages: the event's, the day after the parcours for what follows it, else the day asked.
        first_day: Next sitting of an event; NO_DAY for others.
        last_day: Last day of that sitting.
        over_day: Last day of the event as a whole.
        record: One listing of each signature of the kind, standing nowhere; None where the few candidates are judged one by one.
        signature: Each candidate's place in ``record``; empty without one.
    """

    question: Question
    kind: Kind
    rows: IntArray
    category: IntArray
    categories: frozenset[str]
    km: FloatArray
    minutes: FloatArray
    serves: BoolArray
    competent: BoolArray
    elsewhere: BoolArray
    unknown_bassin: BoolArray
    when: IntArray
    age_low: IntArray
    age_high: IntArray
    day: IntArray
    first_day: IntArray
    last_day: IntArray
    over_day: IntArray
    record: Candidates | None
    signature: IntArray
    journeys: Journeys | None
    """How each is reached from the home; None where the mode is not known, and for one candidate of many."""
    found: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def spread(self, rows: IntArray, signature: IntArray) -> Candidates:
        """Other rows, each as the one of these that has its signature."""
        columns = {name: getattr(self, name)[signature] for name in _COLUMNS if name not in {"rows", "signature"}}
        return replace(self, **columns, rows=rows, record=self, signature=signature, journeys=None, found={})

    def rows_alone(self, rows: IntArray, signature: IntArray) -> Candidates:
        """The same, for who looks at the rows alone: the other columns are empty."""
        columns: dict[str, Any] = dict.fromkeys((name for name in _COLUMNS if name not in {"rows", "signature"}), np.empty(0))
        return replace(self, **columns, rows=rows, record=self, signature=signature, journeys=None, found={})

    def once(self, key: object, find: Callable[[], Value]) -> Value:
        """What is computed of the candidates the first time that it is asked."""
        if key not in self.found:
            self.found[key] = find()
        value: Value = self.found[key]
        return value

    def by_record(self, find: Callable[[Candidates], npt.NDArray[Number]]) -> npt.NDArray[Number]:
        """What depends on the records and the student alone, not on where they are: found once for each signature."""
        record = self.record
        return find(self) if record is None else record.once(find, lambda: find(record))[self.signature]

    def of_one(self, find: Callable[[Candidates], Sequence[npt.NDArray[Any]]], index: int) -> list[Any]:
        """The same of one candidate, for each array that ``find`` gives."""
        record = self.record or self
        at = index if self.record is None else self.signature[index]
        return [column[at].item() for column in record.once(find, lambda: find(record))]

    def is_category(self, codes: Iterable[str]) -> BoolArray:
        """Whether each candidate is of one of these categories."""
        return among(self.question.catalogue.category_codes, tuple(codes))[self.category]

    def has_category(self, codes: Iterable[str]) -> bool:
        """Whether any candidate is of one of these categories."""
        return not self.categories.isdisjoint(codes)


_COLUMNS = tuple(each.name for each in fields(Candidates) if str(each.type).endswith("Array"))


def gather(question: Question, kind: Kind, also: int | None = None, everyone: IntArray | None = None) -> Candidates:
    """The listings of a kind that are near, or serve the student or everyone, or have no place; ``also`` one row more.

    ``everyone``: which of those that serve everyone, where not all are wanted (``matching.everywhere``).
    O(candidates), some tens of thousands of 300,000; what records alone decide costs O(signatures), some hundreds.
    """
    rows = _worth_judging(question, kind, also, question.catalogue.serving_everyone(kind) if everyone is None else everyone)
    km = np.arccos(np.clip(question.cosines(rows), -1.0, 1.0)) * EARTH_RADIUS_KM
    own = question.serves_home[rows], question.serves_lycee[rows], question.is_lycee[rows], _home_ccas(question, rows)
    # the sittings of an event are not in its signature
    many = kind is not Kind.EVENT and len(rows) > MANY and len(rows) > len(question.catalogue.signatures(kind)[1])
    record = _examples(question, kind) if many else None
    return _described(question, kind, rows, km, _territory(question, kind, rows, own), record)


def _worth_judging(question: Question, kind: Kind, also: int | None, everyone: IntArray) -> IntArray:
    catalogue, place = question.catalogue, question.profile.place
    if place.latitude is None or place.longitude is None:
        worth = [catalogue.by_kind[kind]]
        if kind is Kind.COMPANY:
            worth = [worth[0][catalogue.of_departements({place.code_departement}, worth[0])]]
    else:
        without = catalogue.without_point(kind)
        if kind is Kind.COMPANY:
            without = without[catalogue.of_departements({place.code_departement}, without)]
        worth = [_near(question, kind, place.latitude), without]
    chosen = np.zeros(len(catalogue), dtype=np.bool_)
    for rows in (*worth, question.own, everyone):
        chosen[rows] = True
    if also is not None:
        chosen[also] = True
    first, last = (int(catalogue.by_kind[kind][place]) for place in (0, -1)) if len(catalogue.by_kind[kind]) else (0, -1)
    # of the machine's own width: indices of another are converted at each reading
    rows = np.flatnonzero(chosen[first : last + 1]) + first
    return catalogue.visible(rows[catalogue.kind[rows] == KINDS.index(kind)], question.viewer)


def _examples(question: Question, kind: Kind) -> Candidates:
    """One listing of each signature of a kind, standing nowhere and serving no one by name; the same each time it is asked."""

    def find() -> Candidates:
        _, rows = question.catalogue.signatures(kind)
        nobody = np.zeros(len(rows), dtype=np.bool_)
        return _described(question, kind, rows, np.full(len(rows), np.nan), _Territory(nobody, nobody, nobody, nobody))

    if kind not in question.examples:
        question.examples[kind] = find()
    examples: Candidates = question.examples[kind]
    return examples


def serving_at_a_distance(question: Question, kind: Kind, signatures: IntArray) -> Candidates:
    """One listing of each of some signatures of a kind, as if it served everyone and stood nowhere."""
    record = _examples(question, kind)
    return replace(record.spread(record.rows[signatures], signatures), serves=np.ones(len(signatures), dtype=np.bool_))


def _described(
    question: Question, kind: Kind, rows: IntArray, km: FloatArray, territory: _Territory, record: Candidates | None = None
) -> Candidates:
    """Rows as candidates at some distances; what their records alone decide is that of ``record`` where there is one."""
    category, mode = question.catalogue.category[rows], question.profile.mode
    signature = np.empty(0, dtype=np.int32)
    first_day, last_day, over_day = _sittings(question, kind, rows)
    journeys = question.journeys(rows, km) if mode else None
    if record is None:
        when = _when(question, kind, rows, first_day)
        day = _day_that_matters(question, when, first_day)
        age_low, age_high = _ages(question, day)
    else:
        signature = question.catalogue.signatures(kind)[0][rows]
        when, day, age_low, age_high = (
            column[signature] for column in (record.when, record.day, record.age_low, record.age_high)
        )
    return Candidates(
        question=question,
        kind=kind,
        rows=rows,
        category=category,
        categories=frozenset(question.catalogue.category_codes[number] for number in np.flatnonzero(np.bincount(category))),
        km=km,
        minutes=question.travel.minutes(journeys, mode) if mode and journeys else np.full(len(rows), np.nan),
        serves=territory.serves,
        competent=territory.competent,
        elsewhere=territory.elsewhere,
        unknown_bassin=territory.unknown_bassin,
        when=when,
        age_low=age_low,
        age_high=age_high,
        day=day,
        first_day=first_day,
        last_day=last_day,
        over_day=over_day,
        record=record,
        signature=signature,
        journeys=journeys,
    )


def _near(question: Question, kind: Kind, latitude: float) -> IntArray:
    """The visible listings of a kind within the radius, wider while they are few."""
    catalogue, radius = question.catalogue, _NEAR_KM[question.profile.mode] + question.profile.place.reach_km
    if len(catalogue.by_kind[kind]) < _ENOUGH:
        while radius < _FAR_KM:
            radius *= 2
    while True:
        degrees = np.degrees(radius / EARTH_RADIUS_KM) + 1e-6
        rows, unit = catalogue.between_latitudes(kind, latitude - degrees, latitude + degrees)
        near = catalogue.visible(rows[question.cosines_of(unit) >= np.cos(radius / EARTH_RADIUS_KM)], question.viewer)
        if len(near) >= _ENOUGH or radius >= _FAR_KM:
            return near
        radius *= 2


def _sittings(question: Question, kind: Kind, rows: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    if kind is not Kind.EVENT:
        none = np.full(len(rows), NO_DAY, dtype=np.int32)
        return none, none, none
    catalogue, today = question.catalogue, day_number(question.at)
    held = catalogue.derived.get("sittings")  # of every event, and of the last day asked only
    if held is None or held[0] != today:
        held = catalogue.derived["sittings"] = today, _sittings_from(catalogue, today)
    first, last, over = (days[rows] for days in held[1])
    return first, last, over


def _sittings_from(catalogue: Catalogue, today: int) -> tuple[IntArray, IntArray, IntArray]:
    """First and last day of each event's next sitting from a day on, and the last day of all; shape (rows of the catalogue,)."""
    rows = catalogue.by_kind[Kind.EVENT]
    starts, ends = catalogue.sitting_starts, catalogue.sitting_ends
    never = np.iinfo(np.int32).max
    over = ends.reduce(np.maximum, lambda at: ends.values[at], rows, NO_DAY).astype(np.int32)
    following = [
        column.reduce(np.minimum, lambda at, c=column: np.where(ends.values[at] >= today, c.values[at], never), rows, never)  # type: ignore[misc]
        for column in (starts, ends)
    ]
    first, last = (np.where(days == never, over, days).astype(np.int32) for days in following)
    of_all = np.full((3, len(catalogue)), NO_DAY, dtype=np.int32)
    of_all[:, rows] = first, last, over
    return of_all[0], of_all[1], of_all[2]


def _when(question: Question, kind: Kind, rows: IntArray, first_day: IntArray) -> IntArray:
    catalogue = question.catalogue
    if kind is Kind.EVENT:
        return np.where(first_day > day_number(question.window.last), _AFTER, _DURING).astype(np.int32)
    of_category = np.array([WHENS.index(category.when) for category in categories().values()], dtype=np.int32)
    when = of_category[catalogue.category[rows]]
    return _when_company(question, rows, when) if kind is Kind.COMPANY else when


def _when_company(question: Question, rows: IntArray, when: IntArray) -> IntArray:
    # A9: a stage, an immersion, a visit keep the pupil's status; a job or a contract ends it
    pathways, wished = question.catalogue.pathways, question.profile.pathways
    placement = tuple(p for p in _IN_COMPANY if p in wished) or (() if set(_CONTRACTS) & set(wished) else _IN_COMPANY)
    contract = tuple(p for p in _CONTRACTS if p in wished) or _CONTRACTS
    silent = ~pathways.filled(rows)
    during = pathways.any_of(placement, rows) | (silent & bool(placement))
    ends_it = pathways.any_of(contract, rows) | (silent & (not placement))
    insertion = question.catalogue.is_category(("structure_insertion",), rows)
    result = np.where(during & ~insertion, _DURING, np.where(ends_it | insertion, _ENDS_IT, when))
    return result.astype(np.int32)


def _day_that_matters(question: Question, when: IntArray, first_day: IntArray) -> IntArray:
    window = question.window
    after = day_number(window.last) + 1 if window.in_parcours else day_number(question.at)
    day = np.where(when == _AFTER, after, day_number(question.at))
    return np.where(first_day != NO_DAY, first_day, day).astype(np.int32)


def _ages(question: Question, day: IntArray) -> tuple[IntArray, IntArray]:
    low, high = ages_on_days(question.profile, question.at, day)
    return low.astype(np.int32), high.astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Territory:
    """The columns of ``Candidates`` of these names."""

    serves: BoolArray
    competent: BoolArray
    elsewhere: BoolArray
    unknown_bassin: BoolArray


def _territory(question: Question, kind: Kind, rows: IntArray, own: tuple[BoolArray, ...]) -> _Territory:
    """Whom some rows serve; ``own``: who serves the home by name, who the lycée, who is the lycée, who is the home's CCAS."""
    catalogue = question.catalogue
    category = catalogue.category[rows]
    by_home, by_school = _competence(category)
    home, school, mine, home_ccas = own
    named = np.where(by_home, home, np.where(by_school, school | mine, home | school | mine))
    scopes = catalogue.scopes[rows]
    # at a distance is not everywhere: who names a territory serves that one
    serves = named | question.serves_france[rows] | (catalogue.remote[rows] & ((scopes & ~NAMELESS) == 0))
    elsewhere = (scopes != 0) & ~serves
    # a bureau des entreprises is one lycée's: its own UAI says whose
    bureau = among(catalogue.category_codes, _BUREAU)[category] & ~serves
    if question.profile.lycee is not None and bureau.any():
        elsewhere |= bureau & catalogue.has_uai[rows] & (scopes == 0)
    unknown = elsewhere & _bassin_only(question, scopes)
    if unknown.any():
        unknown &= _same_departement(question, rows)
    elsewhere &= ~unknown
    nowhere = (scopes == 0) & np.isnan(catalogue.lat[rows]) & ~serves
    if nowhere.any():
        elsewhere |= nowhere & ~_same_departement(question, rows)
    if kind in {Kind.COMPANY, Kind.EVENT}:
        elsewhere[:] = False  # whoever comes is welcome: nearness decides
    competent = named & (by_home | by_school) | home_ccas
    return _Territory(serves, competent, elsewhere & ~competent, unknown)


def _home_ccas(question: Question, rows: IntArray) -> BoolArray:
    """The CCAS of the home's own commune: it needs no coverage to be the one."""
    catalogue = question.catalogue
    of_commune = catalogue.once("ccas of commune", lambda: _by_commune(catalogue, "ccas"))
    mine = np.zeros(len(rows), dtype=np.bool_)
    for row in of_commune.get(question.profile.place.code_commune, ()):
        mine |= rows == row
    return mine


def _by_commune(catalogue: Catalogue, category: str) -> dict[str | None, list[int]]:
    """Commune's code → rows of a category that are there."""
    found: dict[str | None, list[int]] = {}
    for row in np.flatnonzero(among(catalogue.category_codes, (category,))[catalogue.category]).tolist():
        found.setdefault(catalogue.codes_commune[row], []).append(row)
    return found


def _competence(category: IntArray) -> tuple[BoolArray, BoolArray]:
    by_home, by_school = _competences()
    return by_home[category], by_school[category]


@cache
def _competences() -> tuple[BoolArray, BoolArray]:
    competences = [entry.competence for entry in categories().values()]
    by_home = np.array([competence is Competence.HOME_COMMUNE for competence in competences])
    by_school = np.array([competence in {Competence.BASSIN, Competence.ESTABLISHMENT} for competence in competences])
    return by_home, by_school


def _bassin_only(question: Question, scopes: IntArray) -> BoolArray:
    bassin, school = (1 << SCOPES.index(scope) for scope in (Scope.BASSIN, Scope.ESTABLISHMENT))
    only = (scopes & ~(bassin | school)) == 0
    no_bassin, no_lycee = not question.bassins, question.profile.lycee is None
    return np.asarray(only & (((scopes & bassin) != 0) & no_bassin | ((scopes & school) != 0) & no_lycee))


def _same_departement(question: Question, rows: IntArray) -> BoolArray:
    """Whether a listing is of the student's département, or says nothing of its own."""
    place, lycee = question.profile.place, question.profile.lycee
    mine = {"", place.code_departement, lycee.place.code_departement if lycee and lycee.place else ""}
    return question.catalogue.of_departements(mine, rows)
