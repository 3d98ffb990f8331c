"""Of the listings that serve everyone, those that may be among the best: the others need no journey, no reasons, no order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from directory.catalogue import Catalogue
from directory.columns import BoolArray, FloatArray, IntArray
from directory.geo import EARTH_RADIUS_KM
from directory.vocabulary import Kind, Visibility
from matching.candidates import serving_at_a_distance
from matching.checks.ages import EMERGENCY
from matching.criteria import CRITERIA, Case, Criterion
from matching.criteria.need import halves_of
from matching.eligibility import judge
from matching.needs import Need
from matching.question import Question
from matching.reach import REGION_KM
from matching.scoring import FULL
from matching.weights import weights_for

_ROUNDED = 2
"""Hundredths by which sums made in another order may differ once both are rounded."""
_MOST_MINUTES = 140
"""Who accepts longer journeys may find a far service easier to go to than to call: then nothing is left out beforehand."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """Listings that serve everyone, however far.

    Attributes:
        rows: Those that may be among the best, rows of the catalogue.
        left_out: Those of the others that a rule keeps out.
    """

    rows: IntArray
    left_out: IntArray


def promising(question: Question, kind: Kind, pool: int, nearest: int) -> Everywhere:
    """Which of the listings that serve everyone must be judged for the best ``pool`` to be the same as if all were.

    O(listings that serve everyone), by sums over their columns; the rules and most criteria are asked once for each signature.
    What serves all of France and is in another region stands after all that is at a distance, so that it is not needed where
    there is enough of that.

    Args:
        question: The question.
        kind: The kind.
        pool: How many of the best are looked at.
        nearest: How many of those that a rule keeps out are told, the nearest.
    """
    catalogue, place = question.catalogue, question.profile.place
    everyone = catalogue.serving_everyone(kind)
    long = question.profile.mode is not None and (question.profile.max_minutes or 0) > _MOST_MINUTES
    if kind is not Kind.PARTNER or place.latitude is None or long or len(everyone) <= 2 * pool:
        return Everywhere(everyone, everyone[:0])
    columns = catalogue.once(f"everywhere {kind} {question.viewer}", lambda: _columns(catalogue, kind, question.viewer))
    examples = serving_at_a_distance(question, kind, columns.signatures)
    case = Case(examples, judge(examples))
    blocked = case.judgement.blocked[columns.signature]
    line = catalogue.publics.only((EMERGENCY,), examples.rows)[columns.signature]
    cosines = question.cosines_of(columns.unit)
    best = _best(case, columns, columns.remote & ~blocked & ~line, pool)
    kept = line | _nearest(blocked, cosines, nearest)
    kept[best] = True
    if len(best) > pool:
        kept |= ~columns.remote & (cosines >= np.cos(REGION_KM / EARTH_RADIUS_KM))
        for covers in (columns.covering(catalogue, need) for need in question.needs):
            if not covers[best].any():
                kept |= ~columns.remote & covers
    else:
        kept |= ~columns.remote
    return Everywhere(columns.rows[kept], columns.rows[blocked & ~kept])


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is the same for each student: the visible rows, increasing, their points, their signatures, and which is whose."""

    rows: IntArray
    unit: FloatArray
    remote: BoolArray
    signatures: IntArray
    signature: IntArray
    days: dict[str, tuple[date, FloatArray]] = field(default_factory=dict)
    """Criterion → the last day asked, and its values on that day, for the criteria that are the same for everyone."""
    covers: dict[str, BoolArray] = field(default_factory=dict)
    """Need → which rows cover it."""

    def of_day(self, criterion: Criterion, each: Case) -> FloatArray:
        """The values of a criterion that is the same for everyone, found once a day."""
        held = self.days.get(criterion.id)
        if held is None or held[0] != each.question.at:
            held = self.days[criterion.id] = each.question.at, criterion.value(each)
        return held[1]

    def covering(self, catalogue: Catalogue, need: Need) -> BoolArray:
        """Which rows cover a need."""
        if need.key not in self.covers:
            self.covers[need.key] = halves_of(catalogue, need)[self.rows] > 0
        return self.covers[need.key]


def _columns(catalogue: Catalogue, kind: Kind, viewer: Visibility) -> _Columns:
    rows = catalogue.visible(catalogue.serving_everyone(kind), viewer)
    numbers, _ = catalogue.signatures(kind)
    used, signature = np.unique(numbers[rows], return_inverse=True)
    unit = np.ascontiguousarray(catalogue.unit[:, rows])
    return _Columns(rows, unit, catalogue.remote[rows], used, signature.astype(np.intp))


def _nearest(blocked: BoolArray, cosines: FloatArray, count: int) -> BoolArray:
    """The nearest of those that a rule keeps out, equals included; who has no point is as far as can be."""
    near = np.where(np.isnan(cosines), -2.0, cosines)
    at = np.flatnonzero(blocked)
    if len(at) <= count:
        return blocked.copy()
    least = np.partition(near[at], len(at) - count)[len(at) - count]
    return np.asarray(blocked & (near >= least))


def _best(case: Case, columns: _Columns, able: BoolArray, pool: int) -> IntArray:
    """Positions of the able rows that may be among the best ``pool`` from afar, or the best for a need; equals included."""
    totals = np.where(able, _totals_from_afar(case, columns), -FULL)
    count, kept = int(able.sum()), able
    if count > pool + 1:
        kept = totals >= np.partition(totals, len(totals) - pool - 1)[len(totals) - pool - 1] - _ROUNDED
    for need in case.question.needs:
        covers = able & columns.covering(case.question.catalogue, need)
        if covers.any():
            kept = kept | covers & (totals >= totals[covers].max() - _ROUNDED)
    return np.flatnonzero(kept)


def _totals_from_afar(case: Case, columns: _Columns) -> IntArray:
    """The least score of each row, in hundredths: what it has where it stands nowhere. ``case``: one row of each signature."""
    each = Case(case.candidates.rows_alone(columns.rows, columns.signature), case.judgement)
    alike, own = np.zeros(len(case.candidates)), np.zeros(len(columns.rows))
    for name, weight in weights_for(case.question, case.candidates.kind).items():
        criterion = CRITERIA[name]
        if criterion.of_day:
            own += weight * columns.of_day(criterion, each)
        elif criterion.of_row:
            own += weight * criterion.value(each)
        else:
            alike += weight * criterion.value(case)
    return np.rint((own + alike[columns.signature]) * FULL).astype(np.int32)
