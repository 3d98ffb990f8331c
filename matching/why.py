"""« Pourquoi pas ? »: for any listing of the directory, what is said of it for one student, and why it stands where it does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from directory.vocabulary import KIND_LABELS, Kind
from matching.criteria import CRITERIA
from matching.errors import UnknownListing
from matching.findings import findings_of
from matching.french import french_list, lower_first
from matching.question import Question
from matching.ranking import Section, answer_question, match_of, rank_section
from matching.rules import Level
from matching.selection import AT_MOST, DIVERSE, groups_of, tiers
from matching.types import Match, RuleFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What is said of one listing for one student.

    Attributes:
        match: The listing as a result, with its contributions and warnings; its verdict may be NOT_ELIGIBLE.
        section: The section it is of.
        rank: Its place among the listings of its section that no rule keeps out, 1-based; None when one does.
        ranked: How many those are.
        shown: Whether it is in the answer.
        blocking: The rules that keep it out.
        reasons: French sentences: why it is not shown, or why it is where it is.
    """

    match: Match
    section: Kind
    rank: int | None
    ranked: int
    shown: bool
    blocking: tuple[RuleFinding, ...]
    reasons: tuple[str, ...]


def explain_listing(question: Question, listing_id: str, *, limit: int = 10) -> Why:
    """Why a listing is in a student's answer, or is not.

    Args:
        question: The student's question.
        listing_id: Any listing that the asker may see.
        limit: Results shown a section.

    Raises:
        UnknownListing: There is none of this id, or the asker may not see it.
    """
    row = _row_of(question, listing_id)
    section = rank_section(question, question.catalogue.kind_of(row), limit, also=row)
    index = int(np.searchsorted(section.case.candidates.rows, row))
    case = section.case
    answer = answer_question(question, limit)  # what covers a need is brought in across sections
    shown = any(each.id == listing_id for each in answer.sections[section.case.candidates.kind])
    rank = section.order.index(index) + 1 if index in section.order else None
    blocking = findings_of(case, index, Level.BLOCKING)
    reasons = tuple(_reasons(section, index, rank, shown=shown, blocking=blocking))
    return Why(
        match=match_of(section, index),
        section=case.candidates.kind,
        rank=rank,
        ranked=len(section.order),
        shown=shown,
        blocking=blocking,
        reasons=reasons,
    )


def _row_of(question: Question, listing_id: str) -> int:
    catalogue = question.catalogue
    row = catalogue.find_row(listing_id)
    if row is None or not len(catalogue.visible(np.array([row], dtype=np.int32), question.viewer)):
        raise UnknownListing(listing_id)
    return row


def _reasons(section: Section, index: int, rank: int | None, *, shown: bool, blocking: tuple[RuleFinding, ...]) -> list[str]:
    if blocking:
        return [rule.reason for rule in blocking]
    kind, case = section.case.candidates.kind, section.case
    place = "1re" if rank == 1 else f"{rank}e"
    reasons = [f"{place} des {len(section.order)} fiches possibles de « {KIND_LABELS[kind]} »."]
    if shown:
        return reasons
    tier, last = tiers(case, section.scores), section.chosen[-1] if section.chosen else None
    if case.judgement.found.get("trop-loin") is not None and case.judgement.found["trop-loin"][index]:
        reasons.append("Ce qui est trop loin vient après tout ce qui est à portée.")
    elif last is not None and tier[index] > tier[last]:
        reasons.append(
            "Ce qui mettrait fin au parcours sans être souhaité, est d’un autre métier ou pour un autre public, ou ne sert "
            "qu’en urgence, vient après le reste."
        )
    if alike := _alike(section, index):
        reasons.append(f"Déjà {AT_MOST} fiches du même réseau ou du même nom parmi les {DIVERSE} premières : {alike}.")
    if last is not None and (lost := _lost(section, index, last)):
        reasons.append(f"Face à la dernière montrée, elle perd surtout sur : {lost}.")
    return reasons


def _alike(section: Section, index: int) -> str:
    """The shown listings that are of the same network or name, where there are as many as may be."""
    groups = groups_of(section.case)
    mine = set(groups(index))
    catalogue = section.case.question.catalogue
    alike = [other for other in section.chosen[:DIVERSE] if mine & set(groups(other))]
    return french_list([catalogue.names[section.case.row(other)] for other in alike]) if len(alike) >= AT_MOST else ""


def _lost(section: Section, index: int, other: int) -> str:
    """The criteria on which a listing has less than another, the costliest first, in points."""
    scores = section.scores
    values = {name: scores.values[name] for name in scores.weights}
    gaps = {name: 100 * weight * float(values[name][other] - values[name][index]) for name, weight in scores.weights.items()}
    worst = sorted((name for name, gap in gaps.items() if gap >= 0.5), key=lambda name: -gaps[name])[:3]
    return french_list([f"{lower_first(CRITERIA[name].label)} (− {gaps[name]:.1f} points)".replace(".", ",") for name in worst])
