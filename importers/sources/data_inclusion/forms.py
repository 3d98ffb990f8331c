"""The forms in which data·inclusion is given (JSON array or pages, JSON lines, CSV, Parquet), as one stream of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import starmap
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json

from directory.data_inclusion import LISTS
from importers.errors import StructureChanged
from importers.guards import Content, check_file, refuse_content, unreadable
from importers.json_items import read_json_array, read_json_items
from importers.parquet import read_parquet
from importers.reading import read_table
from importers.run import Run

_CONTAINERS = ("items", "results", "data", "structures", "services")
_HEAD = 4096
_LONGEST_LINE = 4_000_000
_LARGEST_PAGE = 32_000_000
"""Bytes under which a JSON object is read whole, as a page of the API: what it says of the other pages is then known."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the API: which, of how many, and of what (its size and total)."""

    number: int
    pages: int


class Given(NamedTuple):
    """An object as it is read: its 1-based line or rank, and what it says; in JSON lines the line itself."""

    line: int
    value: Mapping[str, Any] | bytes


@dataclass(slots=True)
class Objects:
    """The objects of a file, streamed.

    Attributes:
        items: Each object, for ``read_object``.
        page: What a page of the API says of itself; None for a file that holds everything.
        searched: Whether they are answers of its search, which holds everything of nothing; known once the first was read.
    """

    items: Iterator[Given]
    page: Page | None = None
    searched: bool = False


def read_objects(run: Run, path: Path) -> Objects:
    """The objects of a file, whatever its form.

    Raises:
        UnreadableFile: Truncated, wrongly encoded, too large, or of another form.
        StructureChanged: JSON without a list of objects.
    """
    content = check_file(path, run.max_bytes)
    if content is Content.JSON:
        return _json(path)
    if content is Content.TEXT:
        return Objects(_csv(path, run.max_bytes))
    if content is Content.PARQUET:
        return Objects(starmap(Given, read_parquet(path)))
    raise refuse_content(path, content, "du JSON, du CSV ou du Parquet")


def _json(path: Path) -> Objects:
    if _is_lines(path):
        return Objects(_lines(path))
    if _is_array(path):
        return _unwrapped(path, read_json_array(path))
    page = _whole_page(path)
    if page is not None:
        return page
    return _unwrapped(path, _with_floats(read_json_items(path, _CONTAINERS)))


def _with_floats(items: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    for rank, item in items:
        if isinstance(item, dict):
            item.update((name, float(value)) for name, value in item.items() if isinstance(value, Decimal))
        yield rank, item


def _is_lines(path: Path) -> bool:
    """Whether the first line is an object of its own, and not a document that holds a list."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_LINE).removeprefix(b"\xef\xbb\xbf").strip()
    if not (first.startswith(b"{") and first.endswith(b"}")):
        return False
    try:
        found = from_json(first)
    except ValueError:
        return False
    return "id" in found or not any(isinstance(found.get(name), list) for name in _CONTAINERS)


def _is_array(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def _lines(path: Path) -> Iterator[Given]:
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise unreadable(path, f"line {number} too long", f"est refusé : sa ligne {number} est démesurée.")
            if not line.isspace():
                yield Given(number, line)


def read_object(path: Path, given: Given) -> Mapping[str, Any]:
    """What an object says.

    Raises:
        UnreadableFile: It is a line, and not JSON.
        StructureChanged: It is a line, and no object.
    """
    if not isinstance(given.value, bytes):
        return given.value
    try:
        return _object(path, given.line, from_json(given.value))
    except ValueError as error:
        raise unreadable(path, str(error), f"est tronqué, ou sa ligne {given.line} n’est pas du JSON valide.") from error


def _whole_page(path: Path) -> Objects | None:
    if path.stat().st_size > _LARGEST_PAGE:
        return None
    try:
        found = from_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None  # the streaming reader says what is wrong with it, and where
    if not isinstance(found, dict):
        return None
    items = next((found[name] for name in _CONTAINERS if isinstance(found.get(name), list)), None)
    if items is None:
        return None
    number, pages = found.get("page"), found.get("pages")
    page = Page(number, pages) if isinstance(number, int) and isinstance(pages, int) else None
    return _unwrapped(path, enumerate(items, start=1), page)


def _unwrapped(path: Path, items: Iterator[tuple[int, Any]], page: Page | None = None) -> Objects:
    """The objects themselves: the API's search wraps each service beside its distance."""
    objects = Objects(iter(()), page)

    def unwrap() -> Iterator[Given]:
        for rank, item in items:
            found = _object(path, rank, item)
            inner = found.get("service")
            if isinstance(inner, dict) and "id" not in found:
                objects.searched = True
                yield Given(rank, inner)
            else:
                yield Given(rank, found)

    objects.items = unwrap()
    return objects


def _object(path: Path, rank: int, item: object) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise StructureChanged(
            f"{path}: item {rank} is not an object",
            public=f"L’élément {rank} de « {path.name} » n’est pas un objet : rien n’est publié.",
        )
    return item


def _csv(path: Path, max_bytes: int) -> Iterator[Given]:
    for row in read_table(path, {}, max_bytes).rows:
        cells: dict[str, Any] = row.cells
        for name in LISTS & cells.keys():
            cells[name] = read_list(cells[name])
        yield Given(row.line, cells)


def read_list(text: str) -> list[str] | None:
    """The values of a cell that holds several: a JSON list, PostgreSQL's ``{a,b}``, Python's ``['a', 'b']``, or ``a;b``."""
    cell = text.strip()
    if not cell:
        return None
    if cell.startswith("["):
        try:
            return [str(value) for value in json.loads(cell)]
        except (ValueError, TypeError, RecursionError):
            pass
    inner = cell[1:-1] if cell[0] + cell[-1] in {"[]", "{}"} else cell
    separator = next((mark for mark in (";", "|") if mark in inner), ",")
    return [value for part in inner.split(separator) if (value := part.strip(" \"'"))]
