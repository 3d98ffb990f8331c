"""The process that opens a workbook: apart, with its memory and its time bounded, since a few kilobytes may claim terabytes.

Run by importers.workbooks as a script, and imports nothing of the project. It prints one JSON document a line: the first rows of
each sheet; then, for the sheet whose rank it is told on its standard input, each row with its 1-based line; then ``null``.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator

import python_calamine

_MEMORY = 3_000_000_000
_SECONDS = 300


def main(path: str, rows_shown: int) -> None:
    """Print a workbook."""
    _bound()
    try:
        book = python_calamine.load_workbook(path)
        sheets = [book.get_sheet_by_name(meta.name) for meta in _readable(book)]
        _print([{"name": sheet.name, "rows": [cells for _, cells in _rows(sheet, rows_shown)]} for sheet in sheets])
        for row in _rows(sheets[int(sys.stdin.readline())]):
            _print(row)
        _print(None)
    except python_calamine.PasswordError:
        _print({"error": "password"})
    except (python_calamine.CalamineError, OSError) as error:
        _print({"error": str(error)})


def _readable(book: python_calamine.CalamineWorkbook) -> list[python_calamine.SheetMetadata]:
    sheets = [meta for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    return sorted(sheets, key=lambda meta: meta.visible != python_calamine.SheetVisibleEnum.Visible)


def _rows(sheet: python_calamine.CalamineSheet, limit: int | None = None) -> Iterator[tuple[int, list[str]]]:
    top = sheet.start[0] if sheet.start else 0
    for rank, row in enumerate(sheet.iter_rows()):
        if limit is not None and rank >= limit:
            return
        yield top + rank + 1, [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """A cell as a person would type it: Excel's « 82000.0 » is 82000, a day without hours is a day."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, dt.time):
        return cell.isoformat(timespec="minutes")
    return str(cell).strip()


def _print(document: object) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _bound() -> None:
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
