"""In what order candidates are shown, and which: total, stable, diversified, each need covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue
from directory.columns import BoolArray, IntArray
from directory.vocabulary import Kind, When
from matching.candidates import WHENS
from matching.checks.ages import EMERGENCY
from matching.checks.territory import MISSION_LOCALE, TERRITORIAL, missions_locales, neighbour
from matching.criteria import Case
from matching.criteria.need import NEEDS
from matching.criteria.occupation import OCCUPATION
from matching.criteria.pathway import precedence
from matching.criteria.timing import wishes_a_contract
from matching.reach import in_another_region
from matching.scoring import FULL, Scores

# the tiers, in their order; between the first two stand the first answers to a situation (pathway.precedence, 1 to 9)
_FIRST, _WITHIN, _OTHERS, _ENDS_IT, _PAST, _OTHER_TRADE, _ELSEWHERE, _ASIDE = 0, 10, 11, 12, 13, 14, 15, 16
DIVERSE = 10
"""Among the first ten, at most two listings of one network or of one name."""
AT_MOST = 2
TIE = 50
"""Companies whose scores lie in the same half point (hundredths) are equals."""
Groups = Callable[[int], Iterable[str]]


def tiers(case: Case, scores: Scores) -> IntArray:
    """What stands before or after all the rest.

    Before: the emergency lines that a need calls for, the competent mission locale and its nearer neighbour, the first answers to
    a situation. After: events of another trade or for another public, companies that would end a pupil's parcours unwished, what
    is too far, companies of another trade, what is of another region, then emergency lines that no need calls for.
    """
    candidates = case.candidates
    tier = np.full(len(candidates), _WITHIN, dtype=np.int64)
    others = _for_others(case, scores)
    if others is not None and candidates.kind is Kind.EVENT:
        tier[others] = _OTHERS
    if candidates.kind is Kind.COMPANY and case.question.window.in_parcours and not wishes_a_contract(case.question):
        tier[candidates.when == WHENS.index(When.ENDS_IT)] = _ENDS_IT
    if "trop-loin" in case.judgement.found:
        tier[case.judgement.found["trop-loin"]] = _PAST
    if others is not None and candidates.kind is Kind.COMPANY:
        tier[others] = _OTHER_TRADE  # a cook asks at a far restaurant before asking the garage next door
    tier[in_another_region(candidates)] = _ELSEWHERE
    if candidates.kind is Kind.PARTNER and candidates.has_category(MISSION_LOCALE):
        tier[missions_locales(candidates) & candidates.competent] = _FIRST + 1
        tier[neighbour(candidates)] = _FIRST + 2
    if candidates.kind is Kind.SCHEME:
        rank = precedence(candidates)
        tier[rank > 0] = rank[rank > 0]
    lines, called = _emergencies(case)
    tier[lines] = np.where(called, _FIRST, _ASIDE)
    return tier


def _for_others(case: Case, scores: Scores) -> BoolArray | None:
    """Companies and events whose trades are none of the student's; events for a public that the student has not declared.

    Who wishes no trade but declares a need may discover others: an event that covers one is theirs.
    """
    kind = case.candidates.kind
    trade = scores.values[OCCUPATION.id] == 0 if OCCUPATION.id in scores.values else None
    if kind is Kind.COMPANY:
        return trade
    if kind is not Kind.EVENT:
        return None
    public = case.judgement.found.get("public-a-verifier")
    if trade is not None and NEEDS.id in scores.values and not case.question.profile.occupations:
        trade = trade & (scores.values[NEEDS.id] == 0)
    return public | trade if public is not None and trade is not None else trade if public is None else public


def _emergencies(case: Case) -> tuple[IntArray, BoolArray]:
    """Which candidates are emergency lines, and whether an urgent need calls for each of these."""
    candidates, catalogue = case.candidates, case.question.catalogue
    lines = np.flatnonzero(is_emergency(catalogue)[candidates.rows])
    called = np.zeros(len(lines), dtype=np.bool_)
    for need in case.question.needs if len(lines) else ():
        if need.urgency:
            called |= catalogue.thematiques.any_of(need.first, candidates.rows[lines])
    return lines, called


def is_emergency(catalogue: Catalogue) -> BoolArray:
    """Which listings are emergency lines, shape (rows of the catalogue,)."""
    return catalogue.once("emergency", lambda: catalogue.publics.only((EMERGENCY,), np.arange(len(catalogue))))


def sort_keys(case: Case, scores: Scores) -> npt.NDArray[np.int64]:
    """One number for the tier and the score of each candidate, the lowest first, shape (candidates,)."""
    return tiers(case, scores) * (FULL + 1) + (FULL - scores.total)


def ordered(case: Case, keys: npt.NDArray[np.int64], among: BoolArray, pool: int) -> list[int]:
    """The best candidates among some, best first: by tier, score, distance, then id; companies that are equals in turns.

    Never fewer than ``pool`` if there are.
    """
    inside = np.flatnonzero(among)
    if len(inside) > pool:
        inside = inside[keys[inside] <= np.partition(keys[inside], pool)[pool]]
    if case.candidates.kind is Kind.COMPANY:
        return _rotated(case, inside, keys)
    km = np.nan_to_num(case.candidates.km[inside], nan=np.inf)
    order = np.lexsort((case.question.catalogue.order[case.candidates.rows[inside]], km, keys[inside]))
    return competent_first(case, inside[order].tolist())


def _rotated(case: Case, inside: npt.NDArray[np.intp], key: npt.NDArray[np.int64]) -> list[int]:
    """Companies by tier and score; those within half a point of each other in turns, another first each week.

    So that the same companies are not always the first to be called. The order is total, and the same all week for everyone.
    """
    catalogue, rows = case.question.catalogue, case.candidates.rows[inside]
    year, week, _ = case.question.at.isocalendar()
    turn = _turns(catalogue, f"{year}-{week}")[rows]
    tier, missing = np.divmod(key[inside], FULL + 1)
    order = np.lexsort((catalogue.order[rows], turn, missing // TIE, tier))
    return inside[order].tolist()  # type: ignore[no-any-return]


def _turns(catalogue: Catalogue, week: str) -> npt.NDArray[np.int64]:
    """Each company's number of a week, shape (rows of the catalogue,): computed once, of the last week asked only."""
    held = catalogue.derived.get("turns")
    if held is None or held[0] != week:
        turns = np.zeros(len(catalogue), dtype=np.int64)
        companies = catalogue.by_kind[Kind.COMPANY]
        turns[companies] = [crc32(f"{week}-{catalogue.ids[row]}".encode()) for row in companies]
        held = catalogue.derived["turns"] = week, turns
    return np.asarray(held[1])


def competent_first(case: Case, order: Sequence[int]) -> list[int]:
    """In each category that follows a territory, put off those that may not be competent after one that is."""
    catalogue, candidates = case.question.catalogue, case.candidates
    allowed = ~case.judgement.blocked
    known = np.unique(candidates.category[allowed & candidates.competent]).tolist()
    waiting: dict[int, list[int]] = {number: [] for number in known if catalogue.category_codes[number] in TERRITORIAL}
    if not waiting:
        return list(order)
    result: list[int] = []
    for index, category in zip(order, candidates.category[list(order)].tolist(), strict=True):
        if category not in waiting:
            result.append(index)
        elif candidates.competent[index]:
            result += [index, *waiting.pop(category)]
        else:
            waiting[category].append(index)
    return [*result, *(index for left in waiting.values() for index in left)]


def groups_of(case: Case) -> Groups:
    """What makes listings alike: the networks of partners, and their name. A national scheme is nobody's branch."""
    catalogue, partner = case.question.catalogue, case.candidates.kind is Kind.PARTNER

    def groups(index: int) -> Iterable[str]:
        row = case.row(index)
        return (*(catalogue.networks.of(row) if partner else ()), f"name {catalogue.names[row].casefold()}")

    return groups


def diversify(order: Sequence[int], groups: Groups, limit: int, *, strict: bool) -> list[int]:
    """The first ``limit``, such that the first ten hold at most two of one group.

    Args:
        order: Candidates, best first.
        groups: The groups of a candidate.
        limit: How many to keep.
        strict: Rather show fewer than ten than three of a group; else the ten are filled with what is left, best first.
    """
    head, count = min(DIVERSE, limit), Counter[str]()
    chosen: list[int] = []
    for index in order:
        if len(chosen) == head:
            break
        mine = set(groups(index))
        if all(count[group] < AT_MOST for group in mine):
            chosen.append(index)
            count.update(mine)
    if len(chosen) == limit or (strict and limit <= DIVERSE):
        return chosen
    taken = set(chosen)
    left = [index for index in order if index not in taken]
    position = {index: rank for rank, index in enumerate(order)}
    first = sorted((*chosen, *left[: head - len(chosen)]), key=position.__getitem__)
    return [*first, *(index for index in left if index not in set(first))][:limit]


def cover(
    chosen: list[int], order: Sequence[int], covers: Callable[[int], frozenset[str]], wanted: Iterable[str], limit: int
) -> list[int]:
    """Bring in what covers each wanted need that nothing chosen covers, in the place of the last that can be spared.

    Args:
        chosen: What is shown, in order.
        order: All that may be, best first; the result follows this order.
        covers: The needs that a candidate covers.
        wanted: The needs to cover.
        limit: How many may be shown.
    """
    for need in wanted:
        if any(need in covers(index) for index in chosen):
            continue
        newcomer = next((index for index in order if need in covers(index)), None)
        if newcomer is None:
            continue
        if len(chosen) >= limit:
            spared = _spared(chosen, covers)
            if spared is None:
                continue
            chosen = [index for index in chosen if index != spared]
        position = {index: rank for rank, index in enumerate(order)}
        chosen = sorted((*chosen, newcomer), key=lambda index: position.get(index, len(position)))
    return chosen


def _spared(chosen: Sequence[int], covers: Callable[[int], frozenset[str]]) -> int | None:
    """The last one (never the first) whose going leaves no need uncovered."""
    count = Counter(need for index in chosen for need in covers(index))
    return next((index for index in reversed(chosen[1:]) if all(count[need] > 1 for need in covers(index))), None)
