"""What a source is given: its declaration, its files, the gazetteer, today's date; and where it puts its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from directory.geocoding.types import Geocoder
from directory.models.doubt import Doubt, DoubtLevel
from importers.row import Row
from importers.source import Source


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of one source.

    Attributes:
        source: What the source is (source.toml).
        paths: The files to read, in order.
        geocoder: To place communes; never the network unless the instance says so.
        now: The run's one clock, with its time zone. A source asks no other.
        mapping: A column mapping given by the user (source ``tableur``), or None.
        max_bytes: Largest file accepted.
        doubts: What could not be understood, in the order met.
        read: How many rows or items were read.
    """

    source: Source
    paths: tuple[Path, ...]
    geocoder: Geocoder
    now: datetime
    mapping: Mapping[str, Any] | None = None
    max_bytes: int = 2_048_000_000
    doubts: list[Doubt] = field(default_factory=list)
    read: int = 0
    _warned: set[str] = field(default_factory=set)

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of a table (CSV in any encoding and separator, XLSX, ODS), its declared columns resolved and checked.

        Counts what it reads. After each row has been used, columns that the importer neither took nor ignored are noted, once a run.

        Raises:
            UnreadableFile: See importers.reading.
            StructureChanged: A declared mandatory column is missing.
        """
        from importers.reading import read_table  # noqa: PLC0415

        raise NotImplementedError(read_table)

    def refuse(self, row: Row, column: str, value: str, message: str, *, record_id: str = "") -> None:
        """Set a row aside, whole, with the reason (French) why it cannot be published."""
        self.doubts.append(
            Doubt(
                line=row.line, field=column, value=value[:500], message=message, level=DoubtLevel.REFUSED,
                record_id=record_id, raw=row.raw,
            )
        )  # fmt: skip

    def doubt(self, row: Row, column: str, value: str, message: str, *, record_id: str = "") -> None:
        """Publish a row without a value that could not be understood, and say so (French)."""
        self.doubts.append(
            Doubt(
                line=row.line,
                field=column,
                value=value[:500],
                message=message,
                level=DoubtLevel.DOUBTED,
                record_id=record_id,
            )
        )

    def note(self, column: str, value: str, message: str, *, line: int | None = None) -> None:
        """Note something worth a look (an unknown column, a value repaired), once for each column and message."""
        key = f"{column}\0{message}"
        if key not in self._warned:
            self._warned.add(key)
            self.doubts.append(Doubt(line=line, field=column, value=value[:500], message=message, level=DoubtLevel.NOTED))
