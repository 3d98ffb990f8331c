"""Files of several tables (workbooks, PDF), each read in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from importers.errors import UnreadableFile
from importers.guards import MOST_COLUMNS, Content, check_archive, too_wide, unreadable
from importers.headers import HEAD_ROWS, Cells

_LONGEST_LINE = 200_000_000
"""Characters of one JSON document that a reading process may send: the first rows of every sheet at most."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a book: its name, its first rows, and what its author hid."""

    name: str
    rows: list[Cells]
    hidden: bool = False
    hidden_rows: int = 0


class Book:
    """An open workbook or PDF. Close it, or use it in a ``with``.

    Attributes:
        sheets: Its tables, the visible ones first.
    """

    def __init__(self, path: Path, content: Content) -> None:
        """Open a book.

        Raises:
            UnreadableFile: A bomb, a broken or encrypted file, or one without a table.
        """
        if content in {Content.XLSX, Content.ODS}:
            check_archive(path)
        self._path = path
        self._pdf = content is Content.PDF
        module = f"importers.apart.{'pdf' if self._pdf else 'workbook'}"
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-m", module, str(path.absolute()), str(HEAD_ROWS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
        )
        try:
            self.sheets = self._read_sheets()
        except BaseException:
            self.close()
            raise
        if not any(any(row) for sheet in self.sheets for row in sheet.rows):
            self.close()
            why = (
                "ne contient aucun tableau lisible (pages numérisées en images ?)." if self._pdf else "est vide : aucune cellule."
            )
            raise unreadable(path, "no rows", why)

    def _read_sheets(self) -> list[Sheet]:
        sheets = [Sheet(**sheet) for sheet in self._next()["sheets"]]
        widest = max((len(row) for sheet in sheets for row in sheet.rows), default=0)
        if widest > MOST_COLUMNS:
            raise unreadable(self._path, f"{widest} columns", too_wide(widest))
        return sheets

    def rows(self, rank: int) -> Iterator[tuple[int, Cells]]:
        """The rows of a sheet with their 1-based line (in a PDF, their rank in the table). Can be called once."""
        stdin = cast("IO[str]", self._process.stdin)
        stdin.write(f"{rank}\n")
        stdin.flush()
        while (row := self._next()) is not None:
            yield row[0], row[1]

    def _next(self) -> Any:
        line = cast("IO[str]", self._process.stdout).readline(_LONGEST_LINE)
        if not line.endswith("\n"):
            self._process.kill()
            code = self._process.wait()
            kind = "ce PDF" if self._pdf else "ce classeur"
            raise unreadable(
                self._path, f"reader ended with {code}", f"est refusé : {kind} demande plus de mémoire ou de temps qu’un vrai."
            )
        document = json.loads(line)
        if isinstance(document, dict) and "error" in document:
            raise self._refusal(document)
        return document

    def _refusal(self, document: dict[str, Any]) -> UnreadableFile:
        if document["error"] == "password":
            why = "est protégé par un mot de passe."
        elif document["error"] == "cell":
            why = "est refusé : une de ses cellules, ou de ses lignes, est démesurée."
        elif document["error"] == "pages":
            why = f"a plus de {document['most']} pages : extraire celles du tableau."
        else:
            why = "est un PDF tronqué ou abîmé." if self._pdf else "est un classeur tronqué ou abîmé."
        return unreadable(self._path, document["error"], why)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
