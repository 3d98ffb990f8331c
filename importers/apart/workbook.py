"""Reads a workbook (XLSX, ODS, XLS)."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice

import python_calamine

from importers.apart.bounds import SHOWN, Unreasonable, asked_rank, bound, checked, say
from importers.apart.marks import Marks, read_marks

_MEMORY = 3_000_000_000
_SECONDS = 300


def main(path: str, rows_shown: int) -> None:
    """Print a workbook."""
    bound(_MEMORY, _SECONDS)
    try:
        book = python_calamine.load_workbook(path)
        marks = read_marks(path)
        found = [(meta, book.get_sheet_by_name(meta.name)) for meta in _readable(book)]
        say({"sheets": [_summary(meta, sheet, marks.get(meta.name, Marks()), rows_shown) for meta, sheet in found]})
        rank = asked_rank()
        if rank is not None:
            sheet = found[rank][1]
            for row in _rows(sheet, marks.get(sheet.name, Marks())):
                say(row)
            say(None)
    except python_calamine.PasswordError:
        say({"error": "password"})
    except Unreasonable:
        say({"error": "cell"})
    except (python_calamine.CalamineError, OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        say({"error": str(error)})


def _readable(book: python_calamine.CalamineWorkbook) -> list[python_calamine.SheetMetadata]:
    sheets = [meta for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    return sorted(sheets, key=_is_hidden)


def _is_hidden(meta: python_calamine.SheetMetadata) -> bool:
    return bool(meta.visible != python_calamine.SheetVisibleEnum.Visible)


def _summary(
    meta: python_calamine.SheetMetadata, sheet: python_calamine.CalamineSheet, marks: Marks, rows_shown: int
) -> dict[str, object]:
    rows = [[cell[:SHOWN] for cell in cells] for _, cells in islice(_rows(sheet, marks), rows_shown)]
    return {"name": meta.name, "rows": rows, "hidden": _is_hidden(meta), "hidden_rows": marks.hidden_rows}


def _rows(sheet: python_calamine.CalamineSheet, marks: Marks) -> Iterator[tuple[int, list[str]]]:
    """The rows with their 1-based line; a cell merged over several rows stands in each of them that holds something else."""
    # calamine gives the rows from the first of the sheet, and the columns from the first that holds something
    left = sheet.start[1] if sheet.start else 0
    begins: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, _) in (*(sheet.merged_cell_ranges or ()), *marks.merged):
        if last > first and column >= left:
            begins.setdefault(first, []).append((column - left, last))
    held: dict[int, tuple[int, str]] = {}
    for rank, row in enumerate(sheet.iter_rows()):
        cells = [_text(cell) for cell in row]
        if any(cells):
            _fill(cells, rank, held)
        for column, last in begins.get(rank, ()):
            if column < len(cells):
                held[column] = last, cells[column]
        yield rank + 1, checked(cells)


def _fill(cells: list[str], rank: int, held: dict[int, tuple[int, str]]) -> None:
    for column, (last, text) in held.items():
        if rank <= last and column < len(cells) and not cells[column]:
            cells[column] = text


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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
