"""Words of a PDF page → the text of a cell, and the columns of a table that has no lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

_TIGHT = 1.4
"""Lines nearer than so many times the height of their letters belong to one paragraph (leading is 1.2 as a rule)."""
_WIDEST_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left of its page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def centre(self) -> float:
        """Where its middle is, from the left."""
        return (self.x0 + self.x1) / 2

    @property
    def middle(self) -> float:
        """Where its middle is, from the top."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height of its letters."""
        return max(1.0, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Line:
    """The words that stand on one line of a page, in pieces that wide blanks separate."""

    page: int
    top: float
    height: float
    pieces: tuple[tuple[Word, ...], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(word.text for piece in self.pieces for word in piece)


def cell_text(words: Sequence[Word], left: float, right: float) -> str:
    """The text of a cell. Where a line was broken for want of room it goes on; where its author broke it there is a line break.

    Args:
        words: The words in the cell.
        left: Where the cell begins.
        right: Where it ends.
    """
    lines = list(_same_line(words))
    if not lines:
        return ""
    # the blank between a text and its cell's edge is the same on both sides
    blank = max(0.0, min(line[0].x0 for line in lines) - left)
    room = max(*(line[-1].x1 for line in lines), right - blank)
    text = " ".join(word.text for word in lines[0])
    for before, after in pairwise(lines):
        end, first = before[-1], after[0]
        joint = "\n"
        if _is_whole(before) and _is_whole(after):
            pass  # one number, or one address, a line
        elif first.text[0] not in _BULLETS and end.x1 + 0.25 * end.height + (first.x1 - first.x0) > room:
            joint = "" if _is_cut(end, first, alone=len(before) == 1, full=end.x1 + 0.6 * end.height > room) else " "
        text += joint + " ".join(word.text for word in after)
    return text


_WHOLE = re.compile(r"0\d(?:[ .\-]?\d{2}){4}|[^@\s]+@[\w-]+(?:\.[\w-]+)*\.\w{2,6}")


def _is_whole(line: Sequence[Word]) -> bool:
    return _WHOLE.fullmatch(" ".join(word.text for word in line).strip(" ;,/")) is not None


_BULLETS = frozenset("-–—•·*▪➢►✓")
_SMALL_WORDS = frozenset(
    {"à", "au", "aux", "de", "des", "du", "en", "et", "la", "le", "les", "ou", "par", "pour", "sur", "un", "une"}
)


def _is_cut(end: Word, first: Word, *, alone: bool, full: bool) -> bool:
    """Whether a word was cut in two, because it was wider than its cell, or has no blank: e-mail and web addresses have none."""
    if "@" in end.text or end.text.startswith(("http", "www.")):
        whole = re.fullmatch(r"[^@\s]+@[\w-]+(?:\.[\w-]+)*\.\w{2,6}[;,]?", end.text)
        return whole is None and "@" not in first.text
    if first.text.startswith("@"):
        return True
    goes_on = first.text[0].islower() and first.text not in _SMALL_WORDS and end.text[-1].isalpha()
    return alone and full and ("@" in first.text or goes_on or (first.text[0].isdigit() and end.text[-1] in ".0123456789"))


def lines_of(words: Iterable[Word], page: int) -> list[Line]:
    """The lines of a page, from top to bottom."""
    found = []
    for line in _same_line(words):
        height = sorted(word.height for word in line)[len(line) // 2]
        pieces = [[line[0]]]
        for before, after in pairwise(line):
            if after.x0 - before.x1 > 0.75 * height:
                pieces.append([])
            pieces[-1].append(after)
        found.append(Line(page, line[0].top, height, tuple(map(tuple, pieces))))
    return found


def _same_line(words: Iterable[Word]) -> Iterable[list[Word]]:
    line: list[Word] = []
    for word in sorted(words, key=lambda word: (word.middle, word.x0)):
        if line and word.middle - line[0].middle > 0.45 * line[0].height:
            yield sorted(line, key=lambda word: word.x0)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word.x0)


_PAGE_NUMBER = re.compile(r"(?:page |p\. ?)?\d{1,3}(?: ?(?:/|sur) ?\d{1,3})?")


def running_titles(lines: Sequence[Line]) -> set[Line]:
    """The page numbers, and the titles that stand at the same place of every page."""
    pages = {line.page for line in lines}
    keys = {line: (round(line.top / 4), re.sub(r"\d+", "", line.text)) for line in lines if len(line.pieces) == 1}
    counts = Counter(keys.values())
    return {
        line
        for line, key in keys.items()
        if (len(pages) > 1 and counts[key] >= len(pages)) or _PAGE_NUMBER.fullmatch(line.text.casefold())
    }


def read_columns(lines: Sequence[Line]) -> tuple[tuple[float, ...], list[list[str]]] | None:
    """Where columns begin and end, and the rows; None where the words leave no blank column between them (a running text)."""
    columns = _columns([line for line in lines if len(line.pieces) > 1])
    if len(columns) < 2:
        return None
    rows: list[list[list[Word]]] = []
    paragraphs = _is_spaced(lines)
    before: Line | None = None
    title = False
    for line in lines:
        cells, spans = _split(line, columns)
        goes_on = before is not None and before.page == line.page and not spans and not title
        if goes_on and before is not None and rows:
            tight = line.top - before.top <= _TIGHT * line.height
            goes_on = tight and (paragraphs or not cells[0])
        if goes_on and rows:
            for held, words in zip(rows[-1], cells, strict=True):
                held.extend(words)
        else:
            rows.append(cells)
        before, title = line, spans
    edges = (columns[0][0], *((one[1] + other[0]) / 2 for one, other in pairwise(columns)), columns[-1][1])
    return edges, [[cell_text(words, *columns[rank]) for rank, words in enumerate(row)] for row in rows]


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The runs of the page's width that words cover, on the lines that have several pieces; one line in ten may disagree."""
    cover = [0] * (_WIDEST_PAGE + 1)
    for line in lines:
        for piece in line.pieces:
            low, high = (min(max(0, int(x)), _WIDEST_PAGE) for x in (piece[0].x0, piece[-1].x1))
            for x in range(low, high + 1):
                cover[x] += 1
    few = len(lines) // 10
    runs = []
    for covered, group in groupby(range(_WIDEST_PAGE + 1), key=lambda x: cover[x] > few):
        if covered:
            places = list(group)
            runs.append((float(places[0]), float(places[-1] + 1)))
    return runs if len(lines) > 1 else []


def _split(line: Line, columns: Sequence[tuple[float, float]]) -> tuple[list[list[Word]], bool]:
    """The words of a line by column, and whether it is a title that runs over several."""
    cells: list[list[Word]] = [[] for _ in columns]
    spans = False
    for piece in line.pieces:
        touched = [rank for rank, (low, high) in enumerate(columns) if piece[0].x0 < high and piece[-1].x1 > low]
        if len(touched) > 1 and len(line.pieces) == 1:
            cells[touched[0]] += piece
            spans = True
            continue
        for word in piece:
            nearest = min(range(len(columns)), key=lambda rank: _away(word.centre, columns[rank]))
            cells[nearest].append(word)
    return cells, spans


def _away(x: float, column: tuple[float, float]) -> float:
    return max(column[0] - x, x - column[1], 0.0)


def _is_spaced(lines: Sequence[Line]) -> bool:
    """Whether rows stand apart, so that lines close to each other are of one row."""
    gaps = [after.top - before.top > _TIGHT * after.height for before, after in pairwise(lines) if before.page == after.page]
    return sum(gaps) >= len(gaps) / 4 and not all(gaps)
