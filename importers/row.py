"""A row of a source: its columns are taken or ignored one by one, and what is left over is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from importers.errors import StructureChanged
from importers.values.reading import Reading
from importers.values.text import may_be_broken, mend


class Row:
    """One row as it was published, header → text.

    An importer takes each column it uses and ignores by name each column it does not. Afterwards ``origins`` tells which headers
    each field was read from, and ``left_over()`` which columns nobody spoke of.

    Attributes:
        raw: The row as it came.
        line: 1-based line, row or item in its file.
        origins: Field of the record → headers it was read from.
        refused: Whether the row was set aside.
        suspect: Header → why its value is not to be believed, French (a number that a spreadsheet made by dragging).
        mended: Header → how its text was repaired, or why it could not be; ``raw`` keeps what came.
        beyond: Texts that stand under no header.
    """

    __slots__ = ("_headers", "_seen", "beyond", "line", "mended", "origins", "raw", "refused", "suspect")

    def __init__(
        self, raw: Mapping[str, str], line: int, headers: Mapping[str, str] | None = None, beyond: tuple[str, ...] = ()
    ) -> None:
        """Wrap a row.

        Args:
            raw: Header → text.
            line: Where it stood.
            headers: Declared column name → the header that stands for it in this file (source.toml ``[columns]``); None when the
                file's own headers are used verbatim. A column « telephone#2 » is read with « telephone », on a line of its own.
            beyond: Texts that stand under no header.
        """
        self.raw = dict(raw)
        self.line = line
        self.beyond = beyond
        self.refused = False
        self.suspect: dict[str, str] = {}
        self.mended: dict[str, Reading[str]] = {}
        self.origins: dict[str, tuple[str, ...]] = {}
        self._headers = headers
        self._seen: set[str] = set()

    def take(self, column: str, *, to: str | Iterable[str] = ()) -> str:
        """The text of a column that must be there, stripped; empty when the cell is.

        Args:
            column: The header, verbatim, or the declared column name.
            to: The field or fields of the record that are read from it.

        Raises:
            StructureChanged: The file has no such column.
        """
        header = self._header(column)
        if header is None or header not in self.raw:
            raise StructureChanged(
                f"column {column!r} is missing",
                public=f"La colonne « {column} » a disparu du fichier : rien n’est publié.",
            )
        return self._take_all(column, header, to)

    def find(self, column: str, *, to: str | Iterable[str] = ()) -> str | None:
        """The text of a column that a file may lack; None when it does."""
        header = self._header(column)
        return self._take_all(column, header, to) if header is not None and header in self.raw else None

    def ignore(self, *columns: str) -> None:
        """Say by name that nobody reads columns, on purpose: declared ones, or headers verbatim. Absent ones are no error."""
        for column in columns:
            self._seen.add(self._header(column) or column)

    def left_over(self) -> tuple[str, ...]:
        """Headers that were neither taken nor ignored, in the file's order."""
        return tuple(header for header in self.raw if header not in self._seen)

    def header(self, column: str) -> str:
        """The file's own header for a declared column, or the text itself when it is none: doubts name what a person sees."""
        return self._header(column) or column

    def _header(self, column: str) -> str | None:
        return column if self._headers is None else self._headers.get(column)

    def _take_all(self, column: str, header: str, to: str | Iterable[str]) -> str:
        text, rank = self._take(header, to), 2
        while self._headers is not None and (more := self._headers.get(f"{column}#{rank}")) is not None:
            text, rank = f"{text}\n{self._take(more, to)}".strip(), rank + 1
        return text

    def _take(self, header: str, to: str | Iterable[str]) -> str:
        self._seen.add(header)
        for field in (to,) if isinstance(to, str) else to:
            known = self.origins.get(field, ())
            if header not in known:
                self.origins[field] = (*known, header)
        cell = self.raw[header]
        if not may_be_broken(cell):
            return cell.strip()
        text = mend(cell)
        if text.doubts or text.notes:
            self.mended[header] = text
        return text.value.strip()
