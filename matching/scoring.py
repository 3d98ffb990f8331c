"""From values to points: a score in hundredths, and shares of it that add up exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from directory.columns import FloatArray, IntArray
from matching.criteria import CRITERIA, Case
from matching.types import Evidence
from matching.weights import weights_for

FULL = 10_000
"""The highest score: 100 points, in hundredths."""


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of the candidates of one kind.

    Attributes:
        values: Criterion → value of each candidate, 0 to 1.
        weights: Criterion → its share, summing to 1.
        shown_weights: The same, as they are shown.
        total: Hundredths, 0 to 10,000, shape (candidates,).
    """

    values: Mapping[str, FloatArray]
    weights: Mapping[str, float]
    shown_weights: Mapping[str, float]
    total: IntArray


def score(case: Case) -> Scores:
    """Value every criterion that applies, and add them up by their weights."""
    weights = weights_for(case.question, case.candidates.kind)
    values = {name: CRITERIA[name].value(case) if len(case.candidates) else np.zeros(0) for name in weights}
    total = np.zeros(len(case.candidates))
    for name, weight in weights.items():
        total += weight * values[name]
    shown = {name: round(weight, 4) for name, weight in weights.items()}
    return Scores(values, weights, shown, np.rint(total * FULL).astype(np.int32))


def evidence_of(case: Case, scores: Scores, index: int) -> tuple[Evidence, ...]:
    """Why one candidate has its score, in the criteria's order; the points add up to it."""
    values = [scores.values[name].item(index) for name in scores.weights]
    exact = [weight * value * FULL for weight, value in zip(scores.weights.values(), values, strict=True)]
    points = apportion(exact, scores.total.item(index))
    found = []
    for name, value, share in zip(scores.weights, values, points, strict=True):
        reason = CRITERIA[name].explain(case, index)
        found.append(
            Evidence(
                criterion=name,
                value=round(value, 4),
                weight=scores.shown_weights[name],
                points=share,
                reason=reason.text,
                source=reason.source,
            )
        )
    return tuple(found)


def apportion(exact: Sequence[float], total: int) -> list[int]:
    """Whole numbers nearest to ``exact`` that add up to ``total`` (largest remainders; the first of equals first).

    Args:
        exact: Numbers of zero or more, whose sum rounds to ``total``.
        total: What the answer adds up to.
    """
    whole = [int(number) for number in exact]
    missing = total - sum(whole)
    if missing:
        remainders = [known - number for known, number in zip(whole, exact, strict=True)]
        for position in sorted(range(len(exact)), key=remainders.__getitem__)[:missing]:
            whole[position] += 1
    return whole
