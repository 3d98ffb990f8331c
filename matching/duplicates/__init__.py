"""Same thing, twice: which records of one directory are one thing, with a probability, a verdict and reasons. Pure."""

from __future__ import annotations

from matching.duplicates.entry import Entry, read_entry
from matching.duplicates.finding import DuplicateComparer, find_pairs
from matching.duplicates.scoring import Comparison, compare

__all__ = ["Comparison", "DuplicateComparer", "Entry", "compare", "find_pairs", "read_entry"]
