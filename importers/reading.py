"""Files → rows, whatever their encoding and form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from importers.errors import StructureChanged
from importers.guards import WORKBOOKS, Content, check_file, refuse_content, unreadable
from importers.headers import Cells, Fit, fit
from importers.source import Column
from importers.text_files import SEPARATORS, detect_encoding, ends_with_newline, read_csv, sample_rows
from importers.workbooks import Workbook


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table.

    Attributes:
        line: 1-based line in the file (or the sheet).
        cells: Header → text.
        beyond: Texts that stand under no header.
    """

    line: int
    cells: dict[str, str]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was understood.

    Attributes:
        headers: The file's own headers, in order, made different where they repeat.
        resolved: Declared column → the header that stands for it.
        rows: The rows, once, streamed; empty ones and repeated headers are skipped.
    """

    headers: tuple[str, ...]
    resolved: Mapping[str, str]
    rows: Iterator[TableRow]


def read_table(path: Path, columns: Mapping[str, Column], max_bytes: int) -> Table:
    """Read a table: CSV in any encoding and separator, XLSX, ODS, XLS; the header may stand under titles, the table in any sheet.

    The separator and the sheet are those under which most declared columns are found.

    Args:
        path: The file.
        columns: Declared columns; none when headers are used verbatim.
        max_bytes: Largest file accepted.

    Raises:
        UnreadableFile: Absent, empty, truncated, wrongly encoded, too large, not a table, not what its name says, or a bomb.
        StructureChanged: A mandatory column is missing.
    """
    content = check_file(path, max_bytes)
    if content in WORKBOOKS:
        return _read_workbook(path, content, columns)
    if content is not Content.TEXT:
        raise refuse_content(path, content, "un tableau (CSV, XLSX, ODS)")
    return _read_text(path, columns)


def _read_text(path: Path, columns: Mapping[str, Column]) -> Table:
    encoding = detect_encoding(path)
    fits = {separator: fit(sample_rows(path, encoding, separator), columns) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda separator: fits[separator].rank)
    best = fits[separator]
    _check(path, best, columns)
    rows = _rows(read_csv(path, encoding, separator), best, path=path, cut=not ends_with_newline(path))
    return Table(best.header.names, best.header.resolved, rows)


def _read_workbook(path: Path, content: Content, columns: Mapping[str, Column]) -> Table:
    with ExitStack() as stack:
        book = stack.enter_context(Workbook(path, content))
        fits = [fit(rows, columns) for _, rows in book.sheets]
        rank = max(range(len(fits)), key=lambda rank: (fits[rank].rank, -rank))
        _check(path, fits[rank], columns)
        keep = stack.pop_all()
    return Table(
        fits[rank].header.names, fits[rank].header.resolved, _closing(keep, _rows(book.rows(rank), fits[rank], path=path))
    )


def _closing(stack: ExitStack, rows: Iterator[TableRow]) -> Iterator[TableRow]:
    with stack:
        yield from rows


def _check(path: Path, best: Fit, columns: Mapping[str, Column]) -> None:
    missing = [column.name for column in columns.values() if column.required and column.name not in best.header.resolved]
    if not best.header.names:
        raise unreadable(path, "no header", "ne contient aucun tableau.")
    if missing:
        raise StructureChanged(
            f"{path}: missing columns {missing}, headers {best.header.names[:60]}",
            public=missing_columns(path, missing, best.header.names),
        )


def missing_columns(path: Path, missing: Sequence[str], headers: Sequence[str]) -> str:
    """The French sentence for mandatory columns that a file lacks."""
    names = " », « ".join(missing)
    verb = f"Les colonnes « {names} » sont absentes" if len(missing) > 1 else f"La colonne « {names} » est absente"
    return f"{verb} du fichier « {path.name[:120]} » (en-têtes lus : {', '.join(headers)[:300]}) : rien n’est publié."


def _rows(rows: Iterator[tuple[int, Cells]], best: Fit, *, path: Path, cut: bool = False) -> Iterator[TableRow]:
    names = best.header.names
    head: Cells | None = None
    ragged = False
    last: tuple[int, int] | None = None
    for position, (line, cells) in enumerate(rows):
        if position == best.header.position:
            head = cells
        if position <= best.header.position or not any(cells) or cells == head:
            continue
        if last is not None:
            ragged = ragged or last[1] < len(names)
        last = line, len(cells)
        padded = cells + [""] * (len(names) - len(cells))
        yield TableRow(line, dict(zip(names, padded, strict=False)), tuple(cell for cell in cells[len(names) :] if cell))
    if cut and last is not None and not ragged and last[1] < len(names):
        raise unreadable(path, f"last row cut, line {last[0]}", f"est tronqué : sa dernière ligne ({last[0]}) est incomplète.")
