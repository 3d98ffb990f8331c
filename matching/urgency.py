"""Urgencies: the numbers to show at once, above any ranking, when a need or a search says so."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from directory.text import fold
from matching.needs import Need
from matching.types import Alert

URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class _Urgency:
    alert: Alert
    text_adult: str
    words: tuple[str, ...]


@cache
def _urgencies() -> Mapping[str, _Urgency]:
    table = tomllib.loads(resources.files("matching").joinpath("data", "urgency.toml").read_text(encoding="utf-8"))
    return {
        key: _Urgency(
            Alert(
                id=f"urgence-{entry['contact']}",
                level=URGENT,
                text=entry["text"],
                source=entry["source"],
                contact=entry["contact"],
            ),
            entry.get("text_adult", entry["text"]),
            tuple(f" {fold(word)} " for word in entry["words"]),
        )
        for key, entry in table.items()
    }


def urgent_alerts(needs: Iterable[Need], *, adult: bool = False) -> tuple[Alert, ...]:
    """The numbers that the declared needs call for, in the file's order, as they are said to a minor or to an adult."""
    called = {need.urgency for need in needs if need.urgency}
    found = [urgency for key, urgency in _urgencies().items() if key in called or key.partition("_")[0] in called]
    return tuple(replace(urgency.alert, text=urgency.text_adult) if adult else urgency.alert for urgency in found)


def find_urgencies(text: str) -> tuple[Alert, ...]:
    """The numbers that a typed search calls for (« dort dehors », « suicide »); empty for nearly every text."""
    folded = f" {fold(text)} "
    return tuple(urgency.alert for urgency in _urgencies().values() if any(word in folded for word in urgency.words))
