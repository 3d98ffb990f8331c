"""Objects written as files that others open: JSON, JSON lines, CSV, Parquet; whole, or not at all."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from arro3.core import DataType, Field, Schema
from arro3.io import read_json, write_parquet

from directory.cells import neutral_cell

FORMS = ("jsonl", "json", "csv", "parquet")


class LinesFile:
    """A file of JSON lines that grows beside its place; ``finish`` gives it its forms, all of them in place at once."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._draft = folder / f".{name}.jsonl"
        self._file = self._draft.open("w", encoding="utf-8")
        self.count = 0

    def add(self, item: Mapping[str, Any]) -> None:
        """Write one object."""
        self._file.write(json.dumps(item, ensure_ascii=False) + "\n")
        self.count += 1

    def finish(self, forms: Sequence[str], types: Mapping[str, str]) -> list[Path]:
        """Write the forms wanted and put them in their place.

        Args:
            forms: Some of ``FORMS``.
            types: Column → ``text``, ``decimal``, ``whole``, ``day`` or ``texts``, in order.
        """
        self._file.close()
        drafts = {form: self._folder / f".{self._name}.part.{form}" for form in forms}
        try:
            for form, draft in drafts.items():
                _WRITERS[form](self._draft, draft, types)
            return [draft.replace(self._folder / f"{self._name}.{form}") for form, draft in drafts.items()]
        finally:
            self.abandon()
            for draft in drafts.values():
                draft.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._draft.unlink(missing_ok=True)


def _read(lines: Path) -> Iterable[dict[str, Any]]:
    with lines.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _write_lines(lines: Path, target: Path, _types: Mapping[str, str]) -> None:
    shutil.copyfile(lines, target)


def _write_json(lines: Path, target: Path, _types: Mapping[str, str]) -> None:
    with lines.open(encoding="utf-8") as source, target.open("w", encoding="utf-8") as file:
        file.write("[")
        for rank, line in enumerate(source):
            file.write((",\n" if rank else "\n") + line.rstrip("\n"))
        file.write("\n]\n")


def _write_csv(lines: Path, target: Path, types: Mapping[str, str]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(types)
        for item in _read(lines):
            writer.writerow([_cell(item.get(column)) for column in types])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return neutral_cell(value) if isinstance(value, str) else str(value)


def _write_parquet(lines: Path, target: Path, types: Mapping[str, str]) -> None:
    kinds = {
        "text": DataType.utf8(),
        "day": DataType.date32(),
        "decimal": DataType.float64(),
        "whole": DataType.int64(),
        "texts": DataType.list(Field("element", DataType.utf8(), nullable=True)),
    }
    schema = Schema([Field(column, kinds[kind], nullable=True) for column, kind in types.items()])
    write_parquet(read_json(lines, schema), target, compression="zstd(3)")


_WRITERS: dict[str, Callable[[Path, Path, Mapping[str, str]], None]] = {
    "jsonl": _write_lines,
    "json": _write_json,
    "csv": _write_csv,
    "parquet": _write_parquet,
}
