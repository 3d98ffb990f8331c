"""Companies that their bureau des entreprises asks not to call yet."""

from __future__ import annotations

import numpy as np

from directory.columns import BoolArray
from matching.candidates import Candidates
from matching.checks.common import Check


def _on_hold(candidates: Candidates) -> BoolArray | None:
    question = candidates.question
    held = [row for row in map(question.catalogue.find_row, question.holds) if row is not None]
    return np.isin(candidates.rows, held) if held else None


HOLD_CHECKS: dict[str, Check] = {"pas-avant": _on_hold}
