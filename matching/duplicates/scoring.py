"""From how two records agree to a probability, a verdict and reasons: ``data/duplicates_weights.toml``, added up."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from directory.geo import distance_km
from directory.models.duplicates import Verdict
from matching.duplicates.agreement import Agreement, agree
from matching.duplicates.entry import Entry


@dataclass(frozen=True, slots=True)
class Level:
    """What one level of a fact weighs, how it is said, and whether only a person may merge in spite of it."""

    points: float
    said: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """The policy, on one screen: see the file."""

    start: float
    same: float
    probable: float
    levels: dict[tuple[str, str], Level]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is said of two records.

    Attributes:
        probability: From 0 to 1; 0 where a rule forbids that they be one thing.
        reasons: French, the most telling first; those that speak against it too.
    """

    probability: float
    verdict: Verdict
    reasons: tuple[str, ...]


@cache
def weights() -> Weights:
    """The weights, read once."""
    text = resources.files("matching").joinpath("data", "duplicates_weights.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    start, same, probable = (float(data.pop(name)) for name in ("start", "same", "probable"))
    levels = {
        (fact, name): Level(float(level["points"]), level.get("said", ""), level.get("asked", False))
        for fact, table in data.items()
        for name, level in table.items()
    }
    return Weights(start, same, probable, levels)


@lru_cache(maxsize=65_536)
def weigh(agreement: Agreement) -> tuple[float, Verdict, bool]:
    """The probability that two records are one thing, the verdict, and whether only a person may merge them."""
    known = weights()
    if agreement.forbidden:
        return 0.0, Verdict.DIFFERENT, True
    levels = _counted(agreement).values()
    probability = 1 / (1 + math.exp(-known.start - sum(level.points for level in levels)))
    asked = any(level.asked for level in levels)
    if probability >= known.same and not asked:
        return probability, Verdict.SAME, False
    return probability, Verdict.PROBABLE if probability >= known.probable else Verdict.DIFFERENT, asked


def _counted(agreement: Agreement) -> dict[str, Level]:
    known = weights().levels
    found = {fact: level for fact, name in zip(Agreement._fields, agreement, strict=True) if (level := known.get((fact, name)))}
    if agreement.address == "same" and agreement.distance != "far":
        # the points of one address are its own: they say nothing more
        found.pop("distance", None)
    return found


def compare(one: Entry, other: Entry) -> Comparison:
    """What is said of two records. Symmetric; a record and itself are one thing unless their facts forbid it."""
    agreement = agree(one, other)
    probability, verdict, _ = weigh(agreement)
    return Comparison(probability, verdict, explain(one, other, agreement))


def explain(one: Entry, other: Entry, agreement: Agreement) -> tuple[str, ...]:
    """Why, in French: what was counted and is worth saying, the heaviest first."""
    if agreement.forbidden:
        return (agreement.forbidden,)
    counted = _counted(agreement)
    distance = ""
    if "distance" in counted and one.point is not None and other.point is not None:
        distance = _say_distance(distance_km(one.point, other.point))
    said = [(level.points, level.said.format(distance=distance)) for level in counted.values() if level.said]
    return tuple(text for _, text in sorted(said, key=lambda reason: (-abs(reason[0]), reason[1])))


def _say_distance(km: float) -> str:
    return f"{round(km * 1000, -1):.0f} m" if km < 1 else f"{km:.1f} km".replace(".", ",")
