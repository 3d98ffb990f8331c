"""Which row of a table is its header (or which two), and which header stands for which declared column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from directory.text import fold
from importers.source import Column

HEAD_ROWS = 40
"""How many rows are looked at to find the header: titles and notes may stand above it."""

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Header:
    """A table's header.

    Attributes:
        position: 0-based rank of the header's last row among the rows looked at.
        height: How many rows it takes, 1 or 2.
        names: One name for each column of the file, all different: a header met again is « Nom (2) », an empty one « Colonne 5 ».
        resolved: Declared column → the name that stands for it here.
    """

    position: int
    names: tuple[str, ...]
    resolved: Mapping[str, str]
    height: int = 1


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
    double = [two for position in range(1, len(rows)) if (two := _double(position, rows, columns)) is not None]
    if columns:
        best = max(
            (*headers, *double),
            key=lambda header: (len(header.resolved), -header.height, -header.position),
            default=Header(0, (), {}),
        )
    else:
        best = _verbatim(rows, headers, double, modal)
    return Fit(matched=len(best.resolved), regular=round(regular, 1), width=modal, header=best)


def resolve(names: Sequence[str], columns: Mapping[str, Column]) -> dict[str, str]:
    """Declared column → the file's header that stands for it; a header serves one column only, the first declared."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(_key(name), name)
    by_key.pop("", "")
    resolved: dict[str, str] = {}
    for column in columns.values():
        for header in column.headers:
            name = by_key.pop(_key(header), "")
            if name:
                resolved[column.name] = name
                break
    return resolved


def _key(header: str) -> str:
    """What headers are compared by: no case, accents, punctuation nor blanks (a PDF cuts « Départem ent »)."""
    return fold(header).replace(" ", "") or header.strip()  # « @ » is a header too


def _verbatim(rows: Sequence[Cells], headers: Sequence[Header], double: Sequence[Header], modal: int) -> Header:
    """The header of a table of which nothing is declared: the first row as wide as the table, or two that complete each other."""
    wide = next((header for header, row in zip(headers, rows, strict=True) if sum(map(bool, row)) > modal / 2), None)
    for two in double:
        top, bottom = _aligned(rows[two.position - 1], rows[two.position])
        both = sum(1 for above, below in zip(top, bottom, strict=True) if above and below and above != below)
        only_below = sum(1 for above, below in zip(top, bottom, strict=True) if below and not above)
        if wide is not None and two.position - 1 <= wide.position <= two.position and only_below and both <= only_below:
            return two
    return wide or Header(0, (), {})


def _header(position: int, row: Cells, columns: Mapping[str, Column]) -> Header:
    names = _names(row)
    return Header(position, names, resolve(names, columns))


def _names(row: Cells) -> tuple[str, ...]:
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
    return tuple(names)


_WIDEST_DOUBLE = 200
_DATA = re.compile(r"@|https?:|\d{2}[ .\-]?\d{2}[ .\-]?\d")


def _double(position: int, rows: Sequence[Cells], columns: Mapping[str, Column]) -> Header | None:
    """A header over two rows, « Contact » above « Nom », « Tél. », « Mail »; None where the second row holds values."""
    top, bottom = _aligned(rows[position - 1], rows[position])
    if (
        len(top) > _WIDEST_DOUBLE
        or sum(map(bool, top)) < 2
        or not any(below and not above for above, below in zip(top, bottom, strict=True))
    ):
        return None
    if any(_DATA.search(cell) for cell in (*top, *bottom)):
        return None
    group, joined = "", []
    for above, below in zip(top, bottom, strict=True):
        group = above or group
        joined.append(f"{group} {below}" if below and below != group else below or above)
    names = _names(joined)
    return Header(position, names, _resolve_double(names, bottom, columns), height=2)


def _aligned(top: Cells, bottom: Cells) -> tuple[Cells, Cells]:
    width = max(len(top), len(bottom))
    tops, bottoms = ([" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in (top, bottom))
    return tops, bottoms


@cache
def _folded(headers: tuple[str, ...]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Declared headers, folded, with their words."""
    return tuple((key, frozenset(key.split())) for key in map(fold, headers))


def _resolve_double(names: Sequence[str], bottom: Cells, columns: Mapping[str, Column]) -> dict[str, str]:
    """Like ``resolve``, for names that two rows make; the fullest likeness is served first.

    A declared header may leave out words of them: « Tél. MLDS » for « Coordonnateur MLDS Tél. ».
    """
    found = []
    for rank, name in enumerate(names):
        words = frozenset(fold(name).split())
        own = set(fold(bottom[rank]).split()) if rank < len(bottom) else set()
        for column in columns.values():
            for key, wanted in _folded(column.headers):
                if wanted and wanted <= words:
                    whole = key in {fold(name), fold(bottom[rank]) if rank < len(bottom) else ""}
                    found.append((not own <= wanted, -len(wanted), not whole, rank, column.name))
    resolved: dict[str, str] = {}
    for *_, rank, column_name in sorted(found):
        if column_name not in resolved and names[rank] not in resolved.values():
            resolved[column_name] = names[rank]
    return resolved


def _width(row: Cells) -> int:
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width
