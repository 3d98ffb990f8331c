"""Which row of a table is its header, and which header stands for which declared column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.text import fold
from importers.source import Column

HEAD_ROWS = 40
"""How many rows are looked at to find the header: titles and notes may stand above it."""

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Header:
    """A table's header.

    Attributes:
        position: 0-based rank of the header's row among the rows looked at.
        names: One name for each column of the file, all different: a header met again is « Nom (2) », an empty one « Colonne 5 ».
        resolved: Declared column → the name that stands for it here.
    """

    position: int
    names: tuple[str, ...]
    resolved: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a way of reading a file (a separator, a sheet) suits the declared columns; the greatest is the best."""

    matched: int
    regular: float
    width: int
    header: Header

    @property
    def rank(self) -> tuple[int, float, int]:
        """What fits are compared by."""
        return self.matched, self.regular, self.width


def fit(rows: Sequence[Cells], columns: Mapping[str, Column]) -> Fit:
    """Find the header among the first rows of a table, and say how well it suits.

    Args:
        rows: The first rows, at most HEAD_ROWS.
        columns: Declared columns; none means that headers are used verbatim, and the header is then the first row that is as wide
            as the table.
    """
    widths = Counter(_width(row) for row in rows if any(row))
    modal = max(widths, key=lambda width: (widths[width], width), default=0)
    regular = widths[modal] / max(1, sum(widths.values())) if modal > 1 else 0.0
    headers = [_header(position, row, columns) for position, row in enumerate(rows)]
    if columns:
        best = max(headers, key=lambda header: (len(header.resolved), -header.position), default=Header(0, (), {}))
    else:
        wide = (header for header, row in zip(headers, rows, strict=True) if sum(map(bool, row)) > modal / 2)
        best = next(wide, Header(0, (), {}))
    return Fit(matched=len(best.resolved), regular=round(regular, 1), width=modal, header=best)


def resolve(names: Sequence[str], columns: Mapping[str, Column]) -> dict[str, str]:
    """Declared column → the file's header that stands for it; a header serves one column only, the first declared."""
    by_fold: dict[str, str] = {}
    for name in names:
        by_fold.setdefault(fold(name), name)
    by_fold.pop("", "")
    resolved: dict[str, str] = {}
    for column in columns.values():
        for header in column.headers:
            name = by_fold.pop(fold(header), "")
            if name:
                resolved[column.name] = name
                break
    return resolved


def _header(position: int, row: Cells, columns: Mapping[str, Column]) -> Header:
    names: list[str] = []
    taken: set[str] = set()
    for rank, cell in enumerate(row, start=1):
        name = base = " ".join(cell.split())[:200] or f"Colonne {rank}"
        copy = 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        names.append(name)
    while names and not row[len(names) - 1].strip():
        names.pop()
    return Header(position, tuple(names), resolve(names, columns))


def _width(row: Cells) -> int:
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width
