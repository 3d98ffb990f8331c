"""Which columns of a file nobody took or ignored, in any of its rows."""

from __future__ import annotations

from importers.row import Row


class Audit:
    """The headers of a file that were read, and those that were left with an example of each."""

    def __init__(self) -> None:
        self._read: set[str] = set()
        self._left: dict[str, tuple[int, str]] = {}

    def see(self, row: Row) -> None:
        """Look at a row that its importer is done with; one set aside at once says nothing of the columns it did not reach."""
        if row.refused:
            return
        left = row.left_over()
        if len(left) < len(row.raw):
            self._read.update(row.raw.keys() - set(left))
        for header in left:
            self._leave(header, row.line, row.raw[header])

    def add(self, later: Audit) -> None:
        """Add what was seen of rows that follow."""
        self._read |= later._read
        for header, (line, text) in later._left.items():
            self._leave(header, line, text)

    def _leave(self, header: str, line: int, text: str) -> None:
        if header not in self._left or not self._left[header][1]:
            self._left[header] = line, text

    def unread(self) -> list[tuple[str, tuple[int, str]]]:
        """The headers with the line and the text of an example; none when no row was read through (all were refused at once)."""
        return [(header, example) for header, example in self._left.items() if header not in self._read] if self._read else []
