"""ImportReport: what a run did, in the words of the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from directory.models.doubt import Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What a run did; of a dry run, what it would do.

    Attributes:
        source: The source's name.
        run: The run's number; None for a dry run, which leaves no trace.
        read: Rows or items read.
        added: Records that are new.
        changed: Records that differ from what was known.
        unchanged: Records as they were.
        missed: Records that this run is the first not to find: they stay published until a second does not either.
        removed: Records that the source no longer holds: they are closed where no other source holds them.
        merged: Records that joined a listing that another record already made.
        proposed: Pairs of listings that may be one thing, found for the first time, told after merging (``relais duplicates``).
        refused: Records set aside; each has its doubt.
        doubts: Everything that was not understood, in the order met.
        plan: What changed, in counts and examples, field by field (``importers.describing``).
        alarms: What of the source is unlike its last runs, in French.
        message: What else is to be told, in French.
        seconds: How long it took, the index included.
    """

    source: str
    run: int | None
    read: int
    added: int
    changed: int
    unchanged: int
    missed: int
    removed: int
    merged: int
    proposed: int
    refused: int
    doubts: tuple[Doubt, ...]
    plan: Mapping[str, Any]
    alarms: tuple[str, ...]
    message: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        fields: dict[str, Any] = {name: value for name, value in asdict(self).items() if name != "doubts"}
        fields["alarms"] = list(self.alarms)
        return fields | {"doubts": [doubt.to_json() for doubt in self.doubts], "seconds": round(self.seconds, 3)}
