"""Profile, Criterion, Evidence and Match: the question put to the matcher, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from directory.geocoding.types import Place
from directory.vocabulary import Kind, Pathway, When


class Situation(StrEnum):
    """The three situations of domain rule A6."""

    RETAKE = "retake"
    OTHER_PROJECT = "other_project"
    GRADUATE = "graduate"


class DiplomaLevel(StrEnum):
    """Diplomas that open the parcours (domain rule A1)."""

    CAP = "cap"
    BAC_PRO = "bac_pro"
    BMA = "bma"
    DTMS = "dtms"


class Mode(StrEnum):
    """How a student moves."""

    WALK = "walk"
    BIKE = "bike"
    TRANSIT = "transit"
    CAR = "car"


class Verdict(StrEnum):
    """What the rules say of a listing for a student."""

    ELIGIBLE = "eligible"
    TO_CHECK = "a_verifier"
    NOT_ELIGIBLE = "non_eligible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diploma:
    """The diploma prepared last."""

    level: DiplomaLevel | None = None
    specialty: str = ""
    obtained: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lycee:
    """The lycée of origin: its UAI, and where it lies when the referential knows it."""

    uai: str
    name: str = ""
    place: Place | None = None
    bassins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """How a text of the profile was understood, when that is not plain: it is told in the notices.

    Attributes:
        field: Dotted name of the field.
        text: What was typed.
        meaning: French: what it was taken for.
        reason: French: why, where there is more to say.
    """

    field: str
    text: str
    meaning: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One student, as little as ranking needs: no name, no INE.

    Attributes:
        place: Home, as understood.
        birth_date: Exact ages are computed on the date that matters.
        age: Age in whole years on the day asked, when no birth date is given.
        occupations: ROME codes wished.
        specialty_occupations: ROME codes that the diploma's specialty leads to.
        understood: How texts were understood, where that is not plain.
        needs: Keys of ``matching/data/needs.toml``, or data·inclusion thématiques.
        max_minutes: Longest journey accepted, minutes one way; None when not said.
        parcours_start: First day of the parcours; None when the student is not in one.
        parcours_end: Last day of the parcours.
    """

    place: Place
    birth_date: date | None = None
    age: int | None = None
    reference: str = ""
    lycee: Lycee | None = None
    home_bassins: tuple[str, ...] = ()
    diploma: Diploma = Diploma()
    situation: Situation | None = None
    occupations: tuple[str, ...] = ()
    specialty_occupations: tuple[str, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    needs: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    mode: Mode | None = None
    max_minutes: int | None = None
    parcours_start: date | None = None
    parcours_end: date | None = None
    understood: tuple[Understood, ...] = ()


class Evidence(NamedTuple):
    """What one criterion contributed to one result; a tuple, for three hundred are made for each answer.

    Attributes:
        value: 0 to 1, how well it is met.
        weight: The criterion's share after renormalisation, 0 to 1.
        points: Hundredths of a point; the points of a result's contributions add up to its score exactly.
        reason: French: what met, for this listing and this student.
        source: Where the rule or the fact comes from.
    """

    criterion: str
    value: float
    weight: float
    points: int
    reason: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """What a rule found: the rule's id, the public reason, its source, and how loud it is (blocking, warning, info)."""

    id: str
    reason: str
    source: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One ranked result. ``score`` is in hundredths (0 to 10,000); ``demonstration`` says that the listing is invented."""

    id: str
    kind: Kind
    name: str
    category: str
    commune: str
    distance_km: float | None
    travel_minutes: int | None
    when: When
    verdict: Verdict
    score: int
    contributions: tuple[Evidence, ...]
    warnings: tuple[RuleFinding, ...] = ()
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A listing that a rule keeps out, with every rule that does."""

    id: str
    name: str
    section: Kind
    rules: tuple[RuleFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What must be seen before any result: an urgency, a minor without solution."""

    id: str
    level: str
    text: str
    source: str
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step of the plan: in which month (``2026-11``), what, with which listing (empty: none of the answer's), and why."""

    month: str
    step: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The whole answer for one student; ``in_parcours`` says whether its « pendant » is that of a parcours."""

    sections: dict[Kind, tuple[Match, ...]]
    in_parcours: bool = True
    excluded: tuple[Exclusion, ...] = ()
    excluded_total: int = 0
    notices: tuple[RuleFinding, ...] = ()
    alerts: tuple[Alert, ...] = ()
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plan: tuple[PlanStep, ...] = ()
