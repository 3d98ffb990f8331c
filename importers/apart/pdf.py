"""Reads the tables of a PDF: by their lines, or by the columns that their words leave between them where they have none.

Tables of the same columns that follow one another (page after page) are one sheet. A cell merged over several rows stands in each
of them. Nothing of a PDF is executed: its text and its lines alone are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from importers.apart.bounds import SHOWN, Unreasonable, asked_rank, bound, checked, say
from importers.apart.pdf_text import Line, Word, cell_text, lines_of, read_columns, running_titles

_MEMORY = 1_000_000_000
_SECONDS = 120
_MOST_PAGES = 300
_SAME_EDGE = 4.0
"""Points (1/72 inch) within which two edges are one."""


Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(slots=True)
class Sheet:
    """A table.

    Attributes:
        edges: Where its columns begin and end.
        heights: Row and column → how many rows that cell takes, in the page read last.
        open_: Columns whose last cell may go on overleaf, with its text.
    """

    edges: tuple[float, ...]
    pages: list[int]
    rows: list[list[str]] = field(default_factory=list)
    heights: dict[tuple[int, int], int] = field(default_factory=dict)
    open_: dict[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a person calls it: the pages on which it stands."""
        first, last = self.pages[0], self.pages[-1]
        return f"page {first}" if first == last else f"pages {first} à {last}"


def main(path: str, rows_shown: int) -> None:
    """Print the tables of a PDF."""
    bound(_MEMORY, _SECONDS)
    try:
        _print(list(read_sheets(path)), rows_shown)
    except PdfminerException as error:
        cause = error.args[0] if error.args else error
        if isinstance(cause, MemoryError):
            raise cause from error
        say({"error": "password" if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) else repr(cause)})
    except Unreasonable:
        say({"error": "cell"})
    except TooManyPages:
        say({"error": "pages", "most": _MOST_PAGES})
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (pdfminer raises anything on a broken file; the parent only needs to know that)
        say({"error": repr(error)})


def _print(sheets: list[Sheet], rows_shown: int) -> None:
    shown = [[[cell[:SHOWN] for cell in checked(row)] for row in sheet.rows[:rows_shown]] for sheet in sheets]
    names = [f"{sheet.name}, tableau {rank}" for rank, sheet in enumerate(sheets, start=1)]
    say({"sheets": [{"name": name, "rows": rows} for name, rows in zip(names, shown, strict=True)]})
    rank = asked_rank()
    if rank is not None:
        for line, cells in enumerate(sheets[rank].rows, start=1):
            say([line, checked(cells)])
        say(None)


class TooManyPages(Exception):
    """More pages than a directory has."""


def read_sheets(path: str) -> Iterator[Sheet]:
    """The tables of a PDF, in order."""
    last: Sheet | None = None
    bare: list[Line] = []
    with pdfplumber.open(path, pages=list(range(1, _MOST_PAGES + 2)), raise_unicode_errors=False) as pdf:
        if len(pdf.pages) > _MOST_PAGES:
            raise TooManyPages
        for page in pdf.pages:
            words = _words(page)
            ruled = [piece for table in page.find_tables() if (piece := _ruled(table.cells, words, page.page_number)) is not None]
            if not ruled:
                bare += lines_of(words, page.page_number)
            for piece in ruled:
                yield from _unruled(bare)
                bare = []
                if last is not None and _continues(last, piece):
                    _append(last, piece)
                    continue
                if last is not None:
                    yield last
                last = piece
            page.close()
    if last is not None:
        yield last
    yield from _unruled(bare)


def _words(page: Any) -> list[Word]:
    found = page.extract_words(x_tolerance_ratio=0.2, y_tolerance=2, keep_blank_chars=False)
    return [
        Word(word["text"], word["x0"], word["top"], word["x1"], word["bottom"]) for word in found if word.get("upright", True)
    ]


def _ruled(cells: Sequence[Box], words: Sequence[Word], page: int) -> Sheet | None:
    """A table with lines; None where there is but one column (a frame around a text)."""
    columns = _edges(x for cell in cells for x in (cell[0], cell[2]))
    lines = _edges(y for cell in cells for y in (cell[1], cell[3]))
    width, height = len(columns) - 1, len(lines) - 1
    if width < 2 or width > 200 or height < 1:
        return None
    spans = [
        (_nearest(columns, x0), _nearest(lines, top), _nearest(columns, x1), _nearest(lines, bottom))
        for x0, top, x1, bottom in cells
    ]
    sheet = Sheet(columns, [page], [[""] * width for _ in range(height)])
    for (left, top, right, bottom), held in zip(spans, _held(spans, columns, lines, words), strict=True):
        text = cell_text(held, columns[left], columns[right])
        sheet.heights[top, left] = bottom - top
        for row in range(top, bottom):
            if left < right:
                sheet.rows[row][left] = text
        if bottom == height and bottom - top > 1:
            sheet.open_[left] = text
    return sheet


def _held(
    spans: Sequence[tuple[int, int, int, int]], columns: tuple[float, ...], lines: tuple[float, ...], words: Sequence[Word]
) -> list[list[Word]]:
    """The words of each cell."""
    owners: dict[tuple[int, int], int] = {}
    for rank, (left, top, right, bottom) in enumerate(spans):
        owners.update(dict.fromkeys(((row, column) for row in range(top, bottom) for column in range(left, right)), rank))
    held: list[list[Word]] = [[] for _ in spans]
    for word in words:
        owner = owners.get((_slot(lines, word.middle), _slot(columns, word.centre)))
        if owner is not None:
            held[owner].append(word)
    return held


def _continues(last: Sheet, piece: Sheet) -> bool:
    return (
        piece.pages[0] - last.pages[-1] in {0, 1}
        and len(piece.edges) == len(last.edges)
        and all(abs(one - other) <= _SAME_EDGE for one, other in zip(last.edges, piece.edges, strict=True))
    )


def _append(last: Sheet, piece: Sheet) -> None:
    """Put a table after its beginning; a cell cut by the end of the page is blank at the top of the next: it is the same one."""
    top = 0
    while top < min(len(piece.rows), len(last.rows)) and piece.rows[top] == last.rows[top]:
        top += 1  # the header again
    for column, text in last.open_.items():
        if top < len(piece.rows) and not piece.rows[top][column]:
            for row in range(top, top + piece.heights.get((top, column), 0)):
                piece.rows[row][column] = text
    if piece.pages[0] != last.pages[-1]:
        last.pages.append(piece.pages[0])
    last.rows += piece.rows
    last.open_ = piece.open_


def _unruled(lines: list[Line]) -> Iterator[Sheet]:
    titles = running_titles(lines)
    found = read_columns([line for line in lines if line not in titles])
    if found is not None:
        edges, rows = found
        yield Sheet(edges, sorted({line.page for line in lines}), rows)


def _edges(values: Iterator[float]) -> tuple[float, ...]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME_EDGE:
            found.append(value)
    return tuple(found)


def _nearest(edges: tuple[float, ...], value: float) -> int:
    return min(range(len(edges)), key=lambda rank: abs(edges[rank] - value))


def _slot(edges: tuple[float, ...], value: float) -> int:
    return next((rank for rank, (low, high) in enumerate(pairwise(edges)) if low <= value < high), -1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
