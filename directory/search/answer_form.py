"""The answer to a search as JSON: what the command line and the API give to programs (contracts)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from directory.search.asking import Answer


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """An answer in plain values."""
    page = answer.page
    hits = [
        {
            "id": hit.id,
            "kind": hit.kind,
            "category": hit.category,
            "name": hit.name,
            "commune": hit.commune,
            "code_commune": hit.code_commune,
            "distance_km": hit.distance_km,
            "structure": hit.structure,
            "demonstration": hit.demonstration,
            "cancelled": hit.cancelled,
            "last_day": hit.last_day.isoformat() if hit.last_day else None,
            "highlights": dict(hit.highlights),
        }
        for hit in page.hits
    ]
    return {
        "hits": hits,
        "total": page.total,
        "close": page.close,
        "facets": {name: dict(values) for name, values in page.facets.items()},
        "place": asdict(answer.place) if answer.place else None,
        "understood": [asdict(recognition) for recognition in answer.understood.recognitions],
        "searched": answer.understood.text,
        "places": [place.label for place in answer.understood.choice.places] if answer.understood.choice else [],
        "past": answer.past,
        "steps": [asdict(step) for step in answer.steps],
        "suggestion": answer.suggestion,
        "widened": answer.widened,
        "notice": page.notice,
        "next": page.next,
    }
