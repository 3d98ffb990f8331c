"""The answer as JSON, exactly as docs/matching.md and the contracts promise it to programs."""

from __future__ import annotations

from typing import Any

from directory.vocabulary import Kind
from matching.types import Alert, Answer, Evidence, Exclusion, Match, PlanStep, RuleFinding

SECTIONS = {Kind.PARTNER: "partners", Kind.SCHEME: "schemes", Kind.COMPANY: "companies", Kind.EVENT: "events"}


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
