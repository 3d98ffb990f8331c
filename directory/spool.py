"""Spool: records that wait on disk, so that a large file weighs little in memory."""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterator

from directory.models.prepared import PreparedRecord, prepare
from directory.models.record import SourcedRecord

_LENGTH = 8


class Spool:
    """Records in a temporary file without a name: added at the end, read in order as often as need be, or one by its place."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="relais-")  # noqa: SIM115  (closed with the spool)
        self._count = 0
        self._end = 0
        self._at = 0

    def __len__(self) -> int:
        return self._count

    def append(self, record: SourcedRecord | PreparedRecord) -> None:
        """Add a record at the end."""
        prepared = record if isinstance(record, PreparedRecord) else prepare(record)
        data = marshal.dumps(tuple(prepared))
        self._move(self._end)
        self._file.write(len(data).to_bytes(_LENGTH, "little"))
        self._file.write(data)
        self._at = self._end = self._end + _LENGTH + len(data)
        self._count += 1

    def __iter__(self) -> Iterator[PreparedRecord]:
        """The records, in order."""
        return (record for _, record in self.places())

    def places(self) -> Iterator[tuple[int, PreparedRecord]]:
        """Where each record is, for ``read``, and the record; in order. Others may be read meanwhile."""
        place = 0
        for _ in range(self._count):
            record = self.read(place)
            following = self._at
            yield place, record
            place = following

    def read(self, place: int) -> PreparedRecord:
        """The record at a place that ``places`` told."""
        self._move(place)
        length = int.from_bytes(self._file.read(_LENGTH), "little")
        data = self._file.read(length)
        self._at = place + _LENGTH + length
        return PreparedRecord(*marshal.loads(data))  # noqa: S302  (written by this very process, in a file without a name)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def _move(self, place: int) -> None:
        if self._at != place:  # a seek would throw the file's buffer away
            self._file.seek(place)
            self._at = place
