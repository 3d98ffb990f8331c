"""Series: numbers that a spreadsheet made by dragging a cell down, each one more than the one above."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from directory.text import fold

SHORTEST = 3
"""How many rows in a row make a series: two neighbouring lines of one structure often follow each other, three are a drag."""
_PHONE_HEADER = re.compile(r"\b(?:tel\w*|phone|mobile|portable|fax|numero)\b")
_PHONE = re.compile(r"\D*(?:(?:\+|00)?\s?33\s?(?:\(0\))?|0)?((?:\d\D{0,2}){9})\D*")


class Cells(Protocol):
    """A row: its cells, and the headers of those that are suspect."""

    @property
    def raw(self) -> dict[str, str]:
        """Header → text."""
        ...

    suspect: dict[str, str]


C = TypeVar("C", bound=Cells)


def phone_headers(headers: Iterable[str]) -> tuple[str, ...]:
    """The headers that speak of phones."""
    return tuple(header for header in headers if _PHONE_HEADER.search(fold(header)))


def mark_series(rows: Iterable[C], headers: Sequence[str], message: str) -> Iterator[C]:
    """The same rows, those of a series of phones marked suspect, but its first, which is where the drag began.

    Holds no more than SHORTEST rows at a time.

    Args:
        rows: In the file's order.
        headers: The columns of phones.
        message: What is said of each marked cell, French.
    """
    waiting: deque[tuple[C, dict[str, int]]] = deque()  # the last rows, with each phone as a number
    runs: dict[str, int] = {}
    for row in rows:
        numbers = {header: number for header in headers if (number := _number(row.raw.get(header, ""))) is not None}
        previous = waiting[-1][1] if waiting else {}
        waiting.append((row, numbers))
        for header in headers:
            follows = header in numbers and previous.get(header, -1) + 1 == numbers[header]
            runs[header] = runs.get(header, 1) + 1 if follows else 1
            if runs[header] >= SHORTEST:
                # the rows before were not known to be of a series until now
                for held, _ in list(waiting)[1 - SHORTEST if runs[header] == SHORTEST else -1 :]:
                    held.suspect[header] = message
        if len(waiting) > SHORTEST:
            yield waiting.popleft()[0]
    yield from (row for row, _ in waiting)


def _number(text: str) -> int | None:
    """A cell's one phone number as an integer; None when it holds none, or several."""
    match = _PHONE.fullmatch(text) if 9 <= len(text) <= 40 else None
    return int(re.sub(r"\D", "", match.group(1))) if match else None
