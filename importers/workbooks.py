"""Workbooks (XLSX, ODS, XLS), read in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from importers.guards import Content, check_archive, unreadable
from importers.headers import HEAD_ROWS, Cells

_SCRIPT = Path(__file__).with_name("workbook_process.py")


class Workbook:
    """An open workbook. Close it, or use it in a ``with``.

    Attributes:
        sheets: Name and first rows of each sheet, the visible ones first.
    """

    def __init__(self, path: Path, content: Content) -> None:
        """Open a workbook.

        Raises:
            UnreadableFile: A bomb, a broken or encrypted workbook, or one without a sheet.
        """
        if content is not Content.XLS:
            check_archive(path)
        self._path = path
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(_SCRIPT), str(path.absolute()), str(HEAD_ROWS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
        )
        try:
            self.sheets: list[tuple[str, list[Cells]]] = [(sheet["name"], sheet["rows"]) for sheet in self._next()]
        except BaseException:
            self.close()
            raise
        if not any(rows for _, rows in self.sheets):
            self.close()
            raise unreadable(path, "no rows", "est vide : aucune feuille n’a de cellule remplie.")

    def rows(self, rank: int) -> Iterator[tuple[int, Cells]]:
        """The rows of a sheet with their 1-based line. Can be called once."""
        stdin = cast("IO[str]", self._process.stdin)
        stdin.write(f"{rank}\n")
        stdin.flush()
        while (row := self._next()) is not None:
            yield row[0], row[1]

    def _next(self) -> Any:
        line = cast("IO[str]", self._process.stdout).readline()
        if not line:
            code = self._process.wait()
            raise unreadable(
                self._path,
                f"reader ended with {code}",
                "est refusé : ce classeur demande plus de mémoire ou de temps qu’un vrai.",
            )
        document = json.loads(line)
        if isinstance(document, dict):
            why = "est protégé par un mot de passe." if document["error"] == "password" else "est un classeur tronqué ou abîmé."
            raise unreadable(self._path, document["error"], why)
        return document

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
