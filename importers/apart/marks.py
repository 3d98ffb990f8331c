"""What calamine does not tell of a workbook: the rows that are hidden, and the cells that an ODS merges."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

_CHUNK = 1 << 20
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*\bhidden=[\"'](?:1|true)[\"']")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^<>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^<>]*)>")
_ATTRIBUTE = re.compile(rb"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_MOST_MERGES = 100_000

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(slots=True)
class Marks:
    """Of one sheet: how many rows are hidden (a filter hides rows too), and its merged ranges (ODS only), 0-based, inclusive."""

    hidden_rows: int = 0
    merged: list[Merge] = field(default_factory=list)


def read_marks(path: str) -> dict[str, Marks]:
    """The marks of each sheet by its name; none for an XLS, whose records only calamine reads."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "content.xml" in names:
            with archive.open("content.xml") as part:
                return _OpenDocument().read(part)
        if "xl/workbook.xml" not in names:
            return {}
        return {name: Marks(_hidden_rows(archive, part)) for name, part in _sheet_parts(archive, names) if part in names}


def _sheet_parts(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    relations = "xl/_rels/workbook.xml.rels"
    targets = {
        entry.get("Id", ""): entry.get("Target", "")
        for entry in map(_attributes, _RELATION.findall(archive.read(relations) if relations in names else b""))
    }
    for entry in map(_attributes, _SHEET.findall(archive.read("xl/workbook.xml"))):
        target = targets.get(entry.get("r:id", ""), "")
        yield entry.get("name", ""), target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): _unescape((one or two).decode("utf-8", "replace")) for name, one, two in _ATTRIBUTE.findall(tag)}


def _unescape(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text


def _hidden_rows(archive: zipfile.ZipFile, part: str) -> int:
    count, rest = 0, b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            # cut after the last whole tag, so that none is counted twice nor missed between two chunks
            text = rest + chunk
            end = text.rfind(b">") + 1
            count += sum(1 for _ in _HIDDEN_ROW.finditer(text, 0, end))
            rest = text[end:][-_CHUNK:]
    return count


class _OpenDocument:
    """The tables of an ODS's content.xml, as a stream of tags. A declared entity is refused: no honest ODS has one."""

    def __init__(self) -> None:
        self._found: dict[str, Marks] = {}
        self._marks = Marks()
        self._row = self._column = self._repeat = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity

    def read(self, part: IO[bytes]) -> dict[str, Marks]:
        try:
            while chunk := part.read(_CHUNK):
                self._parser.Parse(chunk, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise ValueError(f"content.xml: {error}") from error
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._marks = self._found.setdefault(attributes.get("table:name", ""), Marks())
            self._row = 0
        elif name == "table:table-row":
            self._column, self._repeat = 0, _count(attributes, "table:number-rows-repeated")
            if attributes.get("table:visibility") in {"collapse", "filter"}:
                self._marks.hidden_rows += min(self._repeat, 1_000_000 - self._marks.hidden_rows)
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            rows, columns = _count(attributes, "table:number-rows-spanned"), _count(attributes, "table:number-columns-spanned")
            if (rows > 1 or columns > 1) and len(self._marks.merged) < _MOST_MERGES:
                corner = self._row, self._column
                self._marks.merged.append((corner, (self._row + rows - 1, self._column + columns - 1)))
            self._column += _count(attributes, "table:number-columns-repeated")

    def _end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += self._repeat

    def _entity(self, *_: object) -> None:
        raise ValueError("content.xml declares an entity")


def _count(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
