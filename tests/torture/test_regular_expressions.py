"""No reader of text loses itself in a regular expression, on the longest text that it may be given.

The beginnings come from what `recheck` 4.5, a checker of regular expressions, answered for ours in November 2026: of 288, none is
exponential, 240 are safe, 3 could not be told in 8 s, and 45 are polynomial where nothing bounds the text: these texts try them.
"""

from __future__ import annotations

import inspect
import multiprocessing
from collections.abc import Callable
from datetime import date

import pytest

import importers.values
from directory.accounts import parse_email
from directory.dossiers import LONGEST_NOTE, warnings_in
from directory.errors import RelaisError
from directory.search.understanding import understand
from directory.text import fold
from importers.addresses import split_address
from importers.apart.bounds import LONGEST_CELL

pytestmark = pytest.mark.torture

PATIENCE_S = 60
TODAY = date(2026, 11, 25)
_BEGINNINGS = (
    "cedex |\t|0 |0|.|-|a|@|0@0|a.|-!|A.|(|at | (at) |max. |0 \t|,\t|tél |0.000 000|n(.)|8 |4h |Mo |é |\n|01 |1/|x |"
    ' :|<|&amp;|<b>|"|\u200b|=|16 à |€|12h |lundi |rue |2026-|http://|www.|//|%|moins de |france |0:|AA|Aa |0\0|\v'
)
ENDS = ("", "!", "\x00z")
NOT_READERS = {"Ages", "Phone", "Price", "Reading", "Sittings", "optional"}


def _read(reader: Callable[..., object], length: int) -> None:
    more = (TODAY,) if "today" in inspect.signature(reader).parameters else ()
    for beginning in _BEGINNINGS.split("|"):
        for end in ENDS:
            try:
                reader(beginning * (length // len(beginning)) + end, *more)
            except RelaisError:
                continue


def _understand(text: str) -> object:
    return understand(text, lambda _: None, TODAY)


READERS: dict[str, tuple[Callable[..., object], int]] = {
    **{name: (getattr(importers.values, name), LONGEST_CELL) for name in importers.values.__all__ if name not in NOT_READERS},
    "split_address": (split_address, LONGEST_CELL),
    "fold": (fold, LONGEST_CELL),
    "the e-mail of an account": (parse_email, LONGEST_CELL),
    "warnings_in": (warnings_in, 10 * LONGEST_NOTE),
    "understand": (_understand, 10_000),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_ends_soon_on_the_longest_text(name: str) -> None:
    reader, length = READERS[name]
    child = multiprocessing.get_context("fork").Process(target=_read, args=(reader, length))

    child.start()
    child.join(PATIENCE_S)
    ended = child.exitcode
    child.kill()

    assert ended == 0
