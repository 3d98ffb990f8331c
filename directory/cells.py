"""What is written into a spreadsheet is text: never a formula that its reader's program would run."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\s\x00-\x1f\u200b\ufeff]*[=+\-@\t\r\n]")
# « +33261915001 », « -2.084 », « 02 61 … »: what only digits follow runs nothing
_NUMBER = re.compile(r"[+-]?\d[\d .,]*")


def neutral_cell(text: str) -> str:
    """The text of a cell as a spreadsheet will show it: one that would begin a formula gets an apostrophe before it.

    Source: OWASP, CSV injection.
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
