"""The answer as JSON, exactly as docs/matching.md and the contracts promise it to programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matching.types import Alert, Answer, Evidence, Exclusion, Match, PlanStep, RuleFinding
from matching.weights import SECTIONS
from matching.whatif import Change
from matching.why import Why


def to_json(answer: Answer) -> dict[str, Any]:
    """The answer in plain lists and dictionaries; ``score`` and ``points`` are hundredths (0 to 10,000)."""
    return {
        "in_parcours": answer.in_parcours,
        "sections": {name: [_match(match) for match in answer.sections.get(kind, ())] for kind, name in SECTIONS.items()},
        "excluded": [_exclusion(exclusion) for exclusion in answer.excluded],
        "excluded_total": answer.excluded_total,
        "notices": [_finding(notice) for notice in answer.notices],
        "alerts": [_alert(alert) for alert in answer.alerts],
        "needs": {need: list(ids) for need, ids in answer.needs.items()},
        "plan": [_step(step) for step in answer.plan],
    }


def why_to_json(why: Why) -> dict[str, Any]:
    """What is said of one listing: the result it would be, where it stands, and the rules that keep it out."""
    return {
        **_match(why.match),
        "section": SECTIONS[why.section],
        "rank": why.rank,
        "ranked": why.ranked,
        "shown": why.shown,
        "rules": [_finding(rule) for rule in why.blocking],
        "reasons": list(why.reasons),
    }


def changes_to_json(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """What each change would open."""
    return [
        {
            "id": change.id,
            "text": change.text,
            "value": change.value,
            "opens": {SECTIONS[kind]: count for kind, count in change.opens.items()},
        }
        for change in changes
    ]


def _match(match: Match) -> dict[str, Any]:
    return {
        "id": match.id,
        "name": match.name,
        "category": match.category,
        "commune": match.commune,
        "distance_km": match.distance_km,
        "travel_minutes": match.travel_minutes,
        "when": str(match.when),
        "verdict": str(match.verdict),
        "score": match.score,
        "contributions": [_evidence(evidence) for evidence in match.contributions],
        "warnings": [_finding(warning) for warning in match.warnings],
        "demonstration": match.demonstration,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "criterion": evidence.criterion,
        "value": evidence.value,
        "weight": evidence.weight,
        "points": evidence.points,
        "reason": evidence.reason,
        "source": evidence.source,
    }


def _exclusion(exclusion: Exclusion) -> dict[str, Any]:
    rules = [{"id": rule.id, "reason": rule.reason, "source": rule.source} for rule in exclusion.rules]
    return {"id": exclusion.id, "name": exclusion.name, "section": SECTIONS[exclusion.section], "rules": rules}


def _finding(finding: RuleFinding) -> dict[str, str]:
    return {"id": finding.id, "level": str(finding.level), "reason": finding.reason, "source": finding.source}


def _alert(alert: Alert) -> dict[str, str]:
    return {"id": alert.id, "level": alert.level, "text": alert.text, "source": alert.source, "contact": alert.contact}


def _step(step: PlanStep) -> dict[str, str]:
    return {"month": step.month, "step": step.step, "id": step.id, "reason": step.reason}
