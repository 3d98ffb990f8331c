"""What a reading process may use at most, and how it says what it has read."""

from __future__ import annotations

import json
import sys


def bound(memory: int, seconds: int) -> None:
    """Bound this process.

    Args:
        memory: Address space, in bytes.
        seconds: Processor time.
    """
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


LONGEST_CELL = 1_000_000
"""Characters of one cell. Excel's own limit is 32,767."""
LARGEST_ROW = 8_000_000
SHOWN = 2000
"""Characters of a cell among the first rows, which only serve to find the header."""


class Unreasonable(Exception):
    """A cell or a row that no honest file has."""


def checked(cells: list[str]) -> list[str]:
    """The cells of a row, once their sizes are known to be reasonable.

    Raises:
        Unreasonable: They are not.
    """
    if sum(map(len, cells)) > LONGEST_CELL and (max(map(len, cells)) > LONGEST_CELL or sum(map(len, cells)) > LARGEST_ROW):
        raise Unreasonable
    return cells


def say(document: object) -> None:
    """Print a document on its line."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def asked_rank() -> int | None:
    """The rank of the sheet that the parent asks for; None when it asks for none."""
    line = sys.stdin.readline()
    return int(line) if line.strip() else None
