"""Is an event of the field, and what is it: pure functions over relevance.toml, which states the rule."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from directory.text import fold
from directory.vocabulary import Pathway

_LONGEST = 20_000
_FRENCH = {
    "title": "titre", "keywords": "mots-clés", "description": "description", "organiser": "organisateur",
    "certain": "mot certain", "subject": "sujet", "neighbour": "mot voisin", "form": "forme", "meeting": "réunion",
    "trade": "métier", "leisure": "loisir",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relevance:
    """How far an event is of the field.

    Attributes:
        points: What its words add up to.
        threshold: What it takes to be let in.
        found: Place and word list of each find, with its points (« title_subject +3 »).
    """

    points: int
    threshold: int
    found: tuple[str, ...]

    @property
    def admitted(self) -> bool:
        """Whether the event is let in."""
        return self.points >= self.threshold

    @property
    def explained(self) -> str:
        """What was found, in French (« titre : sujet +3, description : loisir -1 »)."""
        shown = []
        for find in self.found:
            name, points = find.split(" ")
            place, _, words = name.partition("_")
            shown.append(" : ".join(filter(None, (_FRENCH[place], _FRENCH.get(words, "")))) + f" {points}")
        return ", ".join(shown)

    @property
    def borderline(self) -> bool:
        """Whether it is kept out by little, so that a person should look."""
        return 0 < self.points < self.threshold


def judge(title: str, *, keywords: Sequence[str] = (), description: str = "", organiser: str = "") -> Relevance:
    """Weigh the words of an event (relevance.toml)."""
    rule = _rule()
    places = {
        "title": fold(title),
        "keywords": fold(" ".join(keywords)),
        "organiser": fold(organiser),
        "description": fold(description[:_LONGEST]),
    }
    found: dict[str, int] = {}
    for name, points in rule["points"].items():
        place, _, words = name.partition("_")
        if _pattern("words", words or "organiser").search(places[place]):
            found[name] = points
    return Relevance(sum(found.values()), rule["threshold"], tuple(f"{name} {points:+d}" for name, points in found.items()))


def category_of(form: str, title: str) -> str:
    """What an event is, from its source's own type first, then from its title."""
    for text in (fold(form), fold(title)):
        for code in _rule()["categories"]:
            if _pattern("categories", code).search(text):
                return str(code)
    return "information"


def pathways_of(category: str, title: str, keywords: Sequence[str]) -> tuple[Pathway, ...]:
    """What an event's title and keywords say it opens; empty leaves it to the category."""
    text = fold(" ".join((title, *keywords)))
    found = [Pathway(code) for code in _rule()["pathways"] if _pattern("pathways", code).search(text)]
    if found and category == "atelier" and Pathway.WORKSHOP not in found:
        found.append(Pathway.WORKSHOP)
    return tuple(found)


@cache
def _rule() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("importers.sources.calendars").joinpath("relevance.toml").read_text(encoding="utf-8"))


@cache
def _pattern(table: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_rule()[table][name])})\b")
