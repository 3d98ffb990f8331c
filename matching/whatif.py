"""« Et si ? »: what one change would open, with counts: a longer journey, a kindred occupation, a commune nearer work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from directory.catalogue import unit_vectors
from directory.columns import BoolArray, FloatArray, IntArray
from directory.density import density_of
from directory.geo import EARTH_RADIUS_KM
from directory.occupations import codes_of_domaine, title
from directory.vocabulary import Kind
from matching.candidates import Candidates, gather
from matching.criteria.occupation import exact_match
from matching.eligibility import judge
from matching.french import MODE_LABELS, french_km, french_minutes
from matching.question import Question
from matching.reach import USUAL_KM, limit_minutes, too_far
from matching.travel import EstimatedTravel
from matching.types import Profile

_MORE_MINUTES = 20
_MOST_OCCUPATIONS = 3
_MOST_COMMUNES = 3
_LEAST_GAIN = 2
_REGION_KM = 60.0
"""A commune farther from home is another life, not a place nearer work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change and what it would open.

    Attributes:
        id: ``minutes``, ``occupation`` or ``commune``.
        text: French: what would change, and how much it opens.
        opens: How many more listings are within reach, by section.
        value: The minutes, the ROME code or the INSEE code that is meant.
    """

    id: str
    text: str
    opens: dict[Kind, int]
    value: str


def what_if(question: Question) -> tuple[Change, ...]:
    """The changes worth talking of with the student; a change that opens nothing is left out."""
    return (*_longer(question), *_kindred(question), *_elsewhere(question))


def _within(candidates: Candidates) -> BoolArray:
    """What no rule keeps out and the student can get to, companies of the wished occupations only."""
    judged = judge(candidates)
    able = ~judged.blocked & ~too_far(candidates)
    if candidates.kind is Kind.COMPANY and candidates.question.profile.occupations:
        able &= exact_match(candidates)
    return np.asarray(able)


def _longer(question: Question) -> Iterator[Change]:
    limit, mode = limit_minutes(question), question.profile.mode
    if limit is None or mode is None:
        return
    longer = _asked_again(question, replace(question.profile, max_minutes=limit + _MORE_MINUTES))
    now = _asked_again(question, replace(question.profile, max_minutes=limit))
    opens = {}
    for kind in (Kind.PARTNER, Kind.COMPANY, Kind.EVENT):
        more = int(_within(gather(longer, kind)).sum()) - int(_within(gather(now, kind)).sum())
        if more > 0:
            opens[kind] = more
    if opens:
        minutes = limit + _MORE_MINUTES
        text = (
            f"Avec {_MORE_MINUTES} minutes de plus ({french_minutes(minutes)} {MODE_LABELS[mode]}) : {_counted(opens)} de plus."
        )
        yield Change(id="minutes", text=text, opens=opens, value=str(minutes))


def _kindred(question: Question) -> Iterator[Change]:
    """Occupations of the same domaine as a wished one, by the companies within reach that name them."""
    wished = question.profile.occupations
    if not wished:
        return
    candidates = gather(question, Kind.COMPANY)
    able = ~judge(candidates).blocked & ~too_far(candidates)
    taken = able & exact_match(candidates)
    catalogue, found = question.catalogue, Counter[str]()
    kindred = {code for wish in wished for code in codes_of_domaine(wish[:3])} - set(wished)
    numbers = {number: code for number, code in enumerate(catalogue.occupation_codes) if code in kindred}
    for row in candidates.rows[able & ~taken]:
        for number in numbers.keys() & catalogue.occupations.of(int(row)):
            found[numbers[number]] += 1
    for code, count in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:_MOST_OCCUPATIONS]:
        opens = {Kind.COMPANY: count}
        text = f"En visant aussi « {title(code) or code} » ({code}) : {_counted(opens)} de plus."
        yield Change(id="occupation", text=text, opens=opens, value=code)


def _elsewhere(question: Question) -> Iterator[Change]:
    """Communes from which more companies are within reach: a place to lodge, or where to look for a stage."""
    candidates = gather(question, Kind.COMPANY)
    catalogue, rows = question.catalogue, candidates.rows
    able = ~judge(candidates).blocked & (candidates.km <= _REGION_KM)  # NaN is nowhere
    if question.profile.occupations:
        able &= exact_match(candidates)
    here = int((able & ~too_far(candidates)).sum())
    rows, km_from_home = rows[able], candidates.km[able]
    codes = np.array([catalogue.codes_commune[int(row)] for row in rows], dtype=str)
    places = Counter(codes.tolist())
    for nowhere_else in ("", question.profile.place.code_commune):
        places.pop(nowhere_else, None)
    gains: dict[str, tuple[int, float]] = {}
    for code, _ in places.most_common(12):
        own = codes == code
        point = unit_vectors(catalogue.lat[rows[own]], catalogue.lon[rows[own]]).mean(axis=1)
        cosines = point @ catalogue.unit[:, rows] / np.linalg.norm(point)
        km = np.arccos(np.clip(cosines, -1.0, 1.0)) * EARTH_RADIUS_KM
        gain = int(_reached(question, code, rows, km).sum()) - here
        gains[code] = gain, float(km_from_home[own].mean())
    best = sorted(gains, key=lambda code: (-gains[code][0], gains[code][1], code))
    for code in [code for code in best if gains[code][0] >= _LEAST_GAIN][:_MOST_COMMUNES]:
        gain, km = gains[code]
        opens = {Kind.COMPANY: gain}
        text = f"Depuis {catalogue.commune_name(code)} (à {french_km(km)}) : {_counted(opens)} de plus à portée."
        yield Change(id="commune", text=text, opens=opens, value=code)


def _reached(question: Question, code: str, rows: IntArray, km: FloatArray) -> BoolArray:
    """What is within the same limit from another commune, by the estimate: no road is asked about for a supposition."""
    limit, mode = limit_minutes(question), question.profile.mode
    if limit is None or mode is None:
        return np.asarray(km <= USUAL_KM)
    journeys = replace(question.journeys(rows, km), home=density_of(code))
    return np.asarray(EstimatedTravel().minutes(journeys, mode) <= limit)


def _asked_again(question: Question, profile: Profile) -> Question:
    return replace(question, profile=profile)


_NAMES = {Kind.PARTNER: "partenaire", Kind.COMPANY: "entreprise", Kind.EVENT: "événement", Kind.SCHEME: "dispositif"}


def _counted(opens: dict[Kind, int]) -> str:
    return ", ".join(f"{count} {_NAMES[kind]}{'s' if count > 1 else ''}" for kind, count in opens.items())
