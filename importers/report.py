"""ImportReport: what a run did, in the words of the contracts."""

from __future__ import annotations

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
        removed: Records that the source no longer holds.
        merged: Records that joined a listing that another record already made.
        refused: Records set aside; each has its doubt.
        doubts: Everything that was not understood, in the order met.
        seconds: How long it took, the index included.
    """

    source: str
    run: int | None
    read: int
    added: int
    changed: int
    unchanged: int
    removed: int
    merged: int
    refused: int
    doubts: tuple[Doubt, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        fields: dict[str, Any] = {name: value for name, value in asdict(self).items() if name != "doubts"}
        return fields | {"doubts": [doubt.to_json() for doubt in self.doubts], "seconds": round(self.seconds, 3)}
