"""Rule: the rules as data (``data/rules.toml``), with the days they hold and their public sentences."""

from __future__ import annotations

import tomllib
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from matching.types import RuleFinding


class Level(StrEnum):
    """How loud a rule is."""

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        text: French template; ``finding`` fills it.
        valid_from: First day it is applied, None for always.
        valid_to: Last day it is applied.
        categories: Categories it is about, where its check is generic.
        listings: Listings it is about, by id.
        months: Months (1 to 12) in which it is applied; empty for all.
        age_max_rqth: Oldest age with the recognition of a disability, where an exception is made.
    """

    id: str
    level: Level
    text: str
    source: str
    valid_from: date | None = None
    valid_to: date | None = None
    categories: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    age_max_rqth: int | None = None

    def holds(self, at: date) -> bool:
        """Whether the rule is applied on a day."""
        started = self.valid_from is None or self.valid_from <= at
        over = self.valid_to is not None and at > self.valid_to
        return started and not over and (not self.months or at.month in self.months)

    def finding(self, facts: Mapping[str, object] | None = None) -> RuleFinding:
        """The public sentence of the rule for one listing, or for the student."""
        if "{" not in self.text:
            return RuleFinding(id=self.id, reason=self.text, source=self.source, level=self.level)
        own = {"age_min": self.age_min, "age_max": self.age_max, "age_max_rqth": self.age_max_rqth}
        reason = self.text.format_map(ChainMap(own, facts or {}))  # type: ignore[arg-type] # ChainMap only reads here
        return RuleFinding(id=self.id, reason=reason, source=self.source, level=self.level)


def _rule(key: str, entry: Mapping[str, Any]) -> Rule:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Rule(id=key, **{**values, "level": Level(entry["level"])})


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the file's order."""
    table = tomllib.loads(resources.files("matching").joinpath("data", "rules.toml").read_text(encoding="utf-8"))
    return {key: _rule(key, entry) for key, entry in table.items()}
