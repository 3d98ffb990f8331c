"""Files → rows, whatever their encoding and form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from directory.text import fold
from importers.books import Book
from importers.errors import StructureChanged, UnreadableFile
from importers.guards import BOOKS, Content, check_file, refuse_content, unreadable
from importers.headers import Cells, Fit, fit
from importers.source import Column
from importers.text_files import MIXED, SEPARATORS, detect_encoding, ends_with_newline, holds_nuls, read_csv, sample_rows


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
        rows: The rows, once, streamed; empty ones, repeated headers and totals are skipped.
        notes: What was done that is worth a look, French; totals are added to it as they are met.
        sheet: The sheet that is read, or the name of a PDF's table; empty for text.
        sheets: All of them, in order; those that are hidden only where they are read.
    """

    headers: tuple[str, ...]
    resolved: Mapping[str, str]
    rows: Iterator[TableRow]
    notes: list[str] = field(default_factory=list)
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def read_table(path: Path, columns: Mapping[str, Column], max_bytes: int, sheet: str = "") -> Table:
    """Read a table: CSV in any encoding and separator, XLSX, ODS, XLS, the tables of a PDF.

    The header may stand under titles, over two rows, the table in any sheet: the separator and the sheet are those under which
    most declared columns are found.

    Args:
        path: The file.
        columns: Declared columns; none when headers are used verbatim.
        max_bytes: Largest file accepted.
        sheet: The sheet to read, or (a beginning of) the name of a PDF's table; empty to choose.

    Raises:
        UnreadableFile: Absent, empty, truncated, wrongly encoded, too large, not a table, not what its name says, or a bomb.
        StructureChanged: A mandatory column is missing.
    """
    content = check_file(path, max_bytes)
    if content in BOOKS:
        return _read_book(path, content, columns, sheet)
    if content is not Content.TEXT:
        raise refuse_content(path, content, "un tableau (CSV, XLSX, ODS, PDF)")
    return _read_text(path, columns)


_MIXED_NOTE = "Le fichier mélange deux encodages (UTF-8 et Windows) : chaque caractère est lu dans le sien."


def _read_text(path: Path, columns: Mapping[str, Column]) -> Table:
    encoding = detect_encoding(path)
    fits: dict[str, Fit] = {}
    failed: UnreadableFile | None = None
    for separator in SEPARATORS:  # what one of them makes unreadable may be well with another
        try:
            fits[separator] = fit(sample_rows(path, encoding, separator), columns)
        except UnreadableFile as error:
            failed = error
    separator = max(fits, key=lambda separator: fits[separator].rank, default="")
    if failed is not None and (not separator or (not fits[separator].matched and fits[separator].width < 2)):
        raise failed
    best = fits[separator]
    _check(path, best, columns)
    notes = [_MIXED_NOTE] if encoding == MIXED else []
    if holds_nuls(path, encoding):
        notes.append("Le fichier contient des caractères nuls (il a pu être abîmé) : ils sont retirés.")
    rows = _rows(read_csv(path, encoding, separator), best, path=path, notes=notes, cut=not ends_with_newline(path))
    return Table(best.header.names, best.header.resolved, rows, notes)


def _read_book(path: Path, content: Content, columns: Mapping[str, Column], sheet: str) -> Table:
    with ExitStack() as stack:
        book = stack.enter_context(Book(path, content))
        fits = [fit(candidate.rows, columns) for candidate in book.sheets]
        rank = _choose(path, book, fits, sheet)
        _check(path, fits[rank], columns)
        notes = _told(book, fits, rank, sheet)
        keep = stack.pop_all()
    header = fits[rank].header
    rows = _closing(keep, _rows(book.rows(rank), fits[rank], path=path, notes=notes))
    sheets = tuple(sheet.name for other, sheet in enumerate(book.sheets) if other == rank or not sheet.hidden)
    return Table(header.names, header.resolved, rows, notes, book.sheets[rank].name, sheets)


def _choose(path: Path, book: Book, fits: Sequence[Fit], wanted: str) -> int:
    """The sheet of this name, else the one that fits best, a visible one first."""
    if not wanted:
        return max(range(len(fits)), key=lambda rank: (fits[rank].rank, not book.sheets[rank].hidden, -rank))
    key = fold(wanted)
    for rank, sheet in enumerate(book.sheets):
        if fold(sheet.name) == key or fold(sheet.name).startswith(f"{key} "):
            return rank
    names = " », « ".join(sheet.name for sheet in book.sheets[:30])
    raise unreadable(path, f"no sheet {wanted!r}", f"n’a pas de feuille « {wanted[:80]} » ; il a « {names} ».")


def _told(book: Book, fits: Sequence[Fit], rank: int, wanted: str) -> list[str]:
    chosen, notes = book.sheets[rank], []
    if chosen.hidden:
        notes.append(f"La feuille lue, « {chosen.name} », est masquée dans le classeur.")
    if chosen.hidden_rows:
        notes.append(
            f"La feuille « {chosen.name} » a {chosen.hidden_rows} ligne(s) masquée(s) ou filtrée(s) : elles sont lues aussi."
        )
    alike = [sheet.name for other, sheet in enumerate(book.sheets) if other != rank and fits[other].matched == fits[rank].matched]
    if alike and fits[rank].matched and not wanted:
        names = " », « ".join(alike[:20])
        notes.append(f"Seule « {chosen.name} » est lue ; « {names} » a les mêmes colonnes (à lire à part, avec --sheet).")
    return notes


def _closing(stack: ExitStack, rows: Iterator[TableRow]) -> Iterator[TableRow]:
    with stack:
        yield from rows


def _check(path: Path, best: Fit, columns: Mapping[str, Column]) -> None:
    missing = [column for column in columns.values() if column.required and column.name not in best.header.resolved]
    if not best.header.names:
        raise unreadable(path, "no header", "ne contient aucun tableau.")
    if missing:
        raise StructureChanged(
            f"{path}: missing columns {[column.name for column in missing]}, headers {best.header.names[:60]}",
            public=missing_columns(path, missing, best.header.names),
        )


def missing_columns(path: Path, missing: Sequence[Column], headers: Sequence[str]) -> str:
    """The French sentence for mandatory columns that a file lacks; a mapped one is named with its header."""
    names = ", ".join(
        f"« {column.name.partition('#')[0]} »" + (f" (« {column.headers[0][:60]} »)" if len(column.headers) == 1 else "")
        for column in missing
    )
    verb = f"Les colonnes {names} sont absentes" if len(missing) > 1 else f"La colonne {names} est absente"
    return f"{verb} du fichier « {path.name[:120]} » (en-têtes lus : {', '.join(headers)[:300]}) : rien n’est publié."


def _rows(rows: Iterator[tuple[int, Cells]], best: Fit, *, path: Path, notes: list[str], cut: bool = False) -> Iterator[TableRow]:
    names, header = best.header.names, best.header
    heads: list[Cells] = []
    ragged = False
    last: tuple[int, int] | None = None
    for position, (line, cells) in enumerate(rows):
        if header.position - header.height < position <= header.position:
            heads.append(cells)
        if position <= header.position or not any(cells) or cells in heads:
            continue
        if last is not None:
            ragged = ragged or last[1] < len(names)
        last = line, len(cells)
        if is_total(cells):
            notes.append(f"Ligne {line} : un total, passé.")
            continue
        if any(cell.endswith(_EXAMPLE) for cell in cells):
            notes.append(f"Ligne {line} : l’exemple du modèle, passé.")
            continue
        padded = cells + [""] * (len(names) - len(cells))
        yield TableRow(line, dict(zip(names, padded, strict=False)), tuple(cell for cell in cells[len(names) :] if cell))
    if cut and last is not None and not ragged and last[1] < len(names):
        raise unreadable(path, f"last row cut, line {last[0]}", f"est tronqué : sa dernière ligne ({last[0]}) est incomplète.")


_EXAMPLE = "à remplacer)"
"""How the invented row of a template ends its name (importers/templates.toml): it is nobody’s."""
_TOTAL = re.compile(r"(?:sous )?total(?: general| des? \w+)?|nombre (?:total|de) .{1,60}|moyenne")
_COUNTED = re.compile(r"(?:(?:sous )?total|nombre (?:total|de))\b[a-z ]{0,50}\d+")
_NUMBER = re.compile(r"[\d\s.,%€+-]+")


def is_total(cells: Cells) -> bool:
    """Whether a row is a total: a word that says so, and numbers at most beside it, or « Nombre total : 12 »."""
    word, filled = "", 0
    for cell in cells:
        if not cell:
            continue
        filled += 1
        if _NUMBER.fullmatch(cell):
            continue
        if word or len(cell) > 80:
            return False
        word = cell
    return bool(word) and (_TOTAL if filled > 1 else _COUNTED).fullmatch(fold(word)) is not None
