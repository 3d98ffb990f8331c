"""Which row of a table is its header (or which two), and which header stands for which declared column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
        position: 0-based rank of the header's last row among the rows looked at; -1 where the first is already data.
        height: How many rows it takes, 1 or 2; 0 for a table that has none, whose columns are then « Colonne 1 » and so on.
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
        bare = _bare(rows, headers, modal)
        bare = replace(bare, resolved=resolve(bare.names, columns)) if bare is not None else Header(0, (), {})
        best = max(
            (*headers, *double, bare),
            key=lambda header: (len(header.resolved), -header.height, -header.position),
            default=Header(0, (), {}),
        )
    else:
        best = _verbatim(rows, headers, double, modal)
    if len(wide := _widened(best.names, rows[best.position + 1 :])) > len(best.names):
        left = {name: column for name, column in columns.items() if name not in best.resolved}
        best = replace(best, names=wide, resolved={**best.resolved, **resolve(wide[len(best.names) :], left)})
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
    bare = _bare(rows, headers, modal)
    if bare is not None:
        return bare
    wide = _first_wide(rows, headers, modal)
    for two in double:
        top, bottom = _aligned(rows[two.position - 1], rows[two.position])
        both = sum(1 for above, below in zip(top, bottom, strict=True) if above and below and above != below)
        only_below = sum(1 for above, below in zip(top, bottom, strict=True) if below and not above)
        if wide is not None and two.position - 1 <= wide.position <= two.position and only_below and both <= only_below:
            return two
    return wide or Header(0, (), {})


def _first_wide(rows: Sequence[Cells], headers: Sequence[Header], modal: int) -> Header | None:
    return next((header for header, row in zip(headers, rows, strict=True) if sum(map(bool, row)) > modal / 2), None)


def _bare(rows: Sequence[Cells], headers: Sequence[Header], modal: int) -> Header | None:
    """« Colonne 1 » and so on for a table whose first wide row is already data; None for one that has a header."""
    wide = _first_wide(rows, headers, modal)
    if wide is None or not _holds_data(rows, wide.position):
        return None
    return Header(wide.position - 1, _names([""] * modal, kept=modal), {}, height=0)


_NATURES = tuple(
    re.compile(pattern)
    for pattern in (r"[^@\s]+@[^@\s]+\.\w+", r"(?:\+33 ?|0)[1-9](?:[ .-]?\d{2}){4}", r"https?://\S+", r"\d{5}", r"[\d ]{14,18}")
)
"""What no header is, whole: a mail, a phone, an address of the web, a postal code, a SIRET."""


def _holds_data(rows: Sequence[Cells], position: int) -> bool:
    """Whether a row that stands where the header should is one of the table's: a cell of it is of the nature of most below it."""
    for rank, cell in enumerate(rows[position]):
        below = [row[rank] for row in rows[position + 1 :] if rank < len(row) and row[rank]]
        if any(nature.fullmatch(cell) and sum(map(bool, map(nature.fullmatch, below))) > len(below) / 2 for nature in _NATURES):
            return True
    return False


def _widened(names: tuple[str, ...], below: Sequence[Cells]) -> tuple[str, ...]:
    """The names, and one for each last column that most rows fill under no header: a column of phones that nobody named."""
    widths = [_width(row) for row in below if any(row)]
    width = len(names)
    while names and sum(1 for found in widths if found > width) > len(widths) / 2:
        width += 1
    return _names([*names, *[""] * (width - len(names))], kept=width) if width > len(names) else names


def _header(position: int, row: Cells, columns: Mapping[str, Column]) -> Header:
    names = _names(row)
    return Header(position, names, resolve(names, columns))


def _names(row: Cells, kept: int = 0) -> tuple[str, ...]:
    """A name for each column; the last empty ones have none, but for the ``kept`` first columns."""
    names: list[str] = []
    taken: set[str] = set()
    for rank, cell in enumerate(row, start=1):
        name = base = " ".join(cell.split())[:200] or f"Colonne {rank}"
        copy = 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        taken.add(name)
        names.append(name)
    while len(names) > kept and not row[len(names) - 1].strip():
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
