"""Who may: the rules that hold on the day asked, applied to the candidates, and the verdicts that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from directory.columns import BoolArray
from directory.vocabulary import Kind
from matching.candidates import Candidates
from matching.checks import CHECKS, LISTING_CHECKS, RECORD_CHECKS, Check
from matching.rules import Level, Rule, rules
from matching.types import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules found.

    Attributes:
        found: Rule's id → which candidates it hits, in the file's order; rules that hit nobody are absent.
        blocked: Candidates that some blocking rule hits.
        to_check: Candidates that some warning hits, and no blocking rule.
    """

    found: Mapping[str, BoolArray]
    blocked: BoolArray
    to_check: BoolArray

    def rules_of(self, index: int) -> tuple[str, ...]:
        """Ids of the rules that hit one candidate."""
        return tuple(rule for rule, hit in self.found.items() if hit[index])

    def verdict(self, index: int) -> Verdict:
        """The verdict of one candidate."""
        if self.blocked[index]:
            return Verdict.NOT_ELIGIBLE
        return Verdict.TO_CHECK if self.to_check[index] else Verdict.ELIGIBLE


def judge(candidates: Candidates) -> Judgement:
    """Apply every rule about listings that holds on the day asked to the candidates of one kind."""
    if candidates.record is None:
        found = _apply(CHECKS, candidates)
    else:
        record = candidates.record
        of_signature = record.once("rules", lambda: _apply(RECORD_CHECKS, record))
        found = {rule_id: hit[candidates.signature] for rule_id, hit in of_signature.items()}
        found |= _apply(LISTING_CHECKS, candidates)
    return _judgement(candidates, found)


def _judgement(candidates: Candidates, found: Mapping[str, BoolArray]) -> Judgement:
    by_level = {level: np.zeros(len(candidates), dtype=np.bool_) for level in Level}
    in_order = {rule_id: found[rule_id] for rule_id in rules() if rule_id in found and found[rule_id].any()}
    for rule_id, hit in in_order.items():
        by_level[rules()[rule_id].level] |= hit
    blocked = by_level[Level.BLOCKING]
    return Judgement(in_order, blocked, by_level[Level.WARNING] & ~blocked)


def _apply(checks: Mapping[str, Check], candidates: Candidates) -> dict[str, BoolArray]:
    found: dict[str, BoolArray] = {}
    holding = _holding(candidates.question.at)
    for rule_id, check in checks.items() if len(candidates) else ():
        rule = holding.get(rule_id)
        if rule is not None and (not rule.categories or candidates.has_category(rule.categories)):
            hit = check(candidates)
            if hit is not None and (rule.categories or rule.listings):
                hit = hit & _about(candidates, rule)
            if hit is not None and hit.any():
                found[rule_id] = hit
    return found


@lru_cache(maxsize=16)
def _holding(at: date) -> Mapping[str, Rule]:
    """The rules that are applied on a day."""
    return {rule.id: rule for rule in rules().values() if rule.holds(at)}


def _about(candidates: Candidates, rule: Rule) -> BoolArray:
    """The candidates that a rule about some categories, or some listings, is about."""
    if rule.categories:
        return candidates.is_category(rule.categories)
    if candidates.kind is not Kind.SCHEME:
        return np.zeros(len(candidates), dtype=np.bool_)
    ids = candidates.question.catalogue.ids
    return np.array([ids[row] in rule.listings for row in candidates.rows], dtype=np.bool_)
