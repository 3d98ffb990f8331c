"""Check: what a rule asks of the candidates, and the simplest of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from directory.columns import BoolArray
from matching.candidates import Candidates
from matching.question import Question

Check = Callable[[Candidates], BoolArray | None]
"""Which candidates a rule hits, shape (candidates,), None for nobody; the rule's categories are applied beside."""


def everyone(candidates: Candidates) -> BoolArray:
    """All of them."""
    return np.ones(len(candidates), dtype=np.bool_)


def when_profile(holds: Callable[[Question], bool]) -> Check:
    """A check that depends on the student alone."""
    return lambda candidates: everyone(candidates) if holds(candidates.question) else None
