"""A doubt: one thing of a source that could not be understood, kept whole until a person resolves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

_LINE = re.compile(r"\bligne \d+")


class DoubtLevel(StrEnum):
    """REFUSED: the record was set aside. DOUBTED: it was kept without the field. NOTED: kept, worth a look.

    ASIDE: understood, and kept out by a source's own rule (an event that is not of the field); a person may let it in.
    """

    REFUSED = "refused"
    DOUBTED = "doubted"
    NOTED = "noted"
    ASIDE = "aside"


class Resolution(StrEnum):
    """What a person said of a doubt. ACCEPTED: it is right as it is. IGNORED: not worth a look. REOPENED: neither, after all."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    REOPENED = "reopened"


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
        row_digest: ``digest_row`` of the row it is about, so that a doubt that was resolved opens again when its row changes.
    """

    line: int | None
    field: str
    value: str
    message: str
    level: DoubtLevel
    record_id: str = ""
    raw: dict[str, str] | None = None
    row_digest: str = ""

    @property
    def key(self) -> str:
        """The same for the same doubt about the same row, wherever it stands in the file.

        What is noted of a whole column is the same whatever example it shows.
        """
        row = self.row_digest or (digest_row(self.raw) if self.raw else "")
        value = self.value if row or self.record_id or self.level is not DoubtLevel.NOTED else ""
        parts = (self.record_id, self.field, value, _LINE.sub("ligne", self.message), self.level, row)
        return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def to_json(self) -> dict[str, object]:
        """The five fields that the import report promises (contracts): line, field, value, message, level."""
        fields = asdict(self)
        return {name: fields[name] for name in ("line", "field", "value", "message", "level")}


def digest_row(raw: Mapping[str, str]) -> str:
    """32 hexadecimal characters that change when a cell of a row changes; the order of its columns does not count."""
    cells = "\0".join(f"{header}\1{text}" for header, text in sorted(raw.items()))
    return blake2b(cells.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtFilter:
    """Which doubts are wanted: those that meet all that is given.

    Attributes:
        run: Said by this run, whether they still stand or not.
        source: Of this source.
        level: Of this level.
        opened: True: not resolved; False: resolved.
        record_id: About this record.
    """

    run: int | None = None
    source: str | None = None
    level: DoubtLevel | None = None
    opened: bool | None = None
    record_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDoubt:
    """A doubt as it is kept, once for all the runs that say it.

    Attributes:
        pk: Its number.
        first_run: The first run that said it.
        last_run: The last one.
        standing: Whether what is published rests on the row that it is about.
        decision: ``accepted``, ``ignored``, or empty while it is open.
        note: What was written with the decision.
    """

    pk: int
    source: str
    doubt: Doubt
    first_run: int
    last_run: int
    standing: bool
    decision: str = ""
    note: str = ""
    author: str = ""
    decided_at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        """The doubt for a program: what it says, and what became of it."""
        facts = {name: value for name, value in asdict(self).items() if name not in {"pk", "doubt", "decided_at"}}
        decided_at = self.decided_at.isoformat() if self.decided_at else None
        shown = {**self.doubt.to_json(), "record_id": self.doubt.record_id, "raw": self.doubt.raw}
        return {"id": self.pk, **shown, **facts, "decided_at": decided_at}
