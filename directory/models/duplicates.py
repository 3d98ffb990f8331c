"""Same thing, twice: what compares records, what it says of two of them, and what people decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


class Verdict(StrEnum):
    """Whether two records are one thing."""

    SAME = "same"
    """One thing: they are merged."""
    PROBABLE = "probable"
    """Perhaps one thing: a person is asked."""
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPair:
    """Two records that were compared.

    Attributes:
        left: ``pk`` of the record that was known first.
        right: ``pk`` of the other.
        probability: That they are one thing, from 0 to 1.
        reasons: What speaks for it and against it, French, the most telling first.
        apart: Whether they are not to be joined through others either, unless a person says so.
    """

    left: int
    right: int
    probability: float
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    apart: bool = False


class Comparer(Protocol):
    """Compares records. Pure: the same records give the same pairs, in any order.

    What it reads of a record is its own affair, but for ``part_of``, the structure that a service names.
    """

    def read(self, record: Mapping[str, Any]) -> Any:
        """A record (as ``PreparedRecord.read_record`` gives it) as it is compared: a named tuple that has ``part_of``."""

    def keys(self, entry: Any) -> Sequence[int]:
        """Numbers below 2³² of what was read of a record. Those that share none are not compared."""

    def pairs(self, keys: IntArray, owners: IntArray) -> tuple[IntArray, IntArray]:
        """The pairs of owners (not negative, below 2³¹) worth comparing, once each, the smaller first."""

    def compare(self, entries: Mapping[int, Any], left: IntArray, right: IntArray) -> Iterator[ComparedPair]:
        """What is said of each pair of records that may be one thing; those of ``DIFFERENT`` come without reasons.

        Args:
            entries: By key, what was read of every record named by a pair.
            left: Keys, shape (n,).
            right: Keys, shape (n,).
        """


class PairState(StrEnum):
    """Which pairs are asked for."""

    PROPOSED = "proposed"
    """Two listings that may be one: a person is asked."""
    MERGED = "merged"
    """Merged by comparing them; nobody judged."""
    JUDGED = "judged"
    """Judged by a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides of a pair.

    Attributes:
        verdict: SAME or DIFFERENT; None takes the last decision back.
        by: Who, as they sign.
        trust: Source → trust, for the merge that follows.
        seen: What the pair was judged to be, and by whom, when they looked at it: refused when it no longer is. None not to ask.
    """

    verdict: Verdict | None
    by: str
    note: str
    now: datetime
    trust: Mapping[str, int]
    seen: tuple[Verdict | None, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSide:
    """One record of a pair, as it is shown.

    Attributes:
        listing_id: The listing that it makes, alone or with others.
        live: Whether its source still holds it.
        record: What it says, as ``PreparedRecord.read_record`` gives it.
    """

    source: str
    record_id: str
    name: str
    listing_id: str
    live: bool
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """A pair that was merged, is proposed, or was judged.

    Attributes:
        number: What a person calls it by; it never changes.
        verdict: What the comparison says today; None when only a person brought the two together.
        judgement: What a person decided (SAME or DIFFERENT), which stands above; None while nobody did.
        judged_by: Who, as they signed.
    """

    number: int
    left: PairSide
    right: PairSide
    verdict: Verdict | None
    probability: float | None
    reasons: tuple[str, ...]
    found_at: datetime
    judgement: Verdict | None
    judged_at: datetime | None
    judged_by: str
    note: str

    @property
    def is_merged(self) -> bool:
        """Whether the two make one listing today."""
        return self.left.listing_id == self.right.listing_id

    @property
    def stands(self) -> Verdict:
        """What holds: the person's decision, else the comparison's."""
        return self.judgement or self.verdict or Verdict.DIFFERENT
