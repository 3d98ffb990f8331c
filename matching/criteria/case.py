"""Criterion: one reason to rank a listing higher, as a value over all candidates and a French reason for those shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from directory.columns import FloatArray
from matching.candidates import Candidates
from matching.eligibility import Judgement
from matching.question import Question

BY_RECORD = "Fiche"
BY_NATURE = "Nature de la structure"
BY_PROFILE = "Profil"
_PUBLISHED = "Published: "


@dataclass(frozen=True, slots=True)
class Case:
    """What a criterion looks at: the candidates of one kind, and what the rules said of them."""

    candidates: Candidates
    judgement: Judgement

    @property
    def question(self) -> Question:
        """What is asked."""
        return self.candidates.question

    def row(self, index: int) -> int:
        """The catalogue's row of a candidate."""
        return int(self.candidates.rows[index])


class Reason(NamedTuple):
    """French: what met, for this listing and this student; and where that comes from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion.

    Attributes:
        id: Its name in the weights and in the answer.
        label: French, short.
        applies: Whether the profile says enough for it; else it is left out and the others are renormalised.
        value: 0 to 1 for every candidate, shape (candidates,); its docstring is published.
        explain: The reason for one candidate, by its index.
        of_row: Whether it looks at what ``Catalogue.signatures`` does not tell (needs, trades, freshness, contact …); it then
            looks at the rows alone, not at what the rules said.
        of_day: Whether it moreover looks at no student: the same for everyone, all day.
    """

    id: str
    label: str
    applies: Callable[[Question], bool]
    value: Callable[[Case], FloatArray]
    explain: Callable[[Case, int], Reason]
    of_row: bool = False
    of_day: bool = False

    @property
    def published(self) -> str:
        """The French paragraph of the value's docstring: what the criterion is, for whoever reads an answer."""
        text = inspect.getdoc(self.value) or ""
        return " ".join(text.partition(_PUBLISHED)[2].split())


def always(_question: Question) -> bool:
    """For criteria that any profile says enough for."""
    return True
