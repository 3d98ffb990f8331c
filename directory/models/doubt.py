"""A doubt: one thing of a source that could not be understood, kept whole until a person resolves it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class DoubtLevel(StrEnum):
    """REFUSED: the record was set aside. DOUBTED: it was kept without the field. NOTED: kept, worth a look.

    ASIDE: understood, and kept out by a source's own rule (an event that is not of the field); a person may let it in.
    """

    REFUSED = "refused"
    DOUBTED = "doubted"
    NOTED = "noted"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What could not be understood.

    Attributes:
        line: 1-based line, row or item of the file; None for the file as a whole.
        field: The source's own header.
        value: The text, as it came.
        message: French: what is wrong, for the person who will decide.
        level: What was done.
        record_id: The record concerned, where it could be named.
        raw: The whole record as it came, for REFUSED and ASIDE ones (nothing is lost).
    """

    line: int | None
    field: str
    value: str
    message: str
    level: DoubtLevel
    record_id: str = ""
    raw: dict[str, str] | None = None

    def to_json(self) -> dict[str, object]:
        """The five fields that the import report promises (contracts): line, field, value, message, level."""
        fields = asdict(self)
        return {name: fields[name] for name in ("line", "field", "value", "message", "level")}
