"""JSON, item by item, in constant memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import ijson

from importers.errors import StructureChanged
from importers.guards import unreadable
from importers.text_files import detect_encoding

_Event = tuple[str, Any]
_DEPTHS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
_DEEPEST = 100
_WINDOW = 1 << 20
_LARGEST_ITEM = 16 << 20


def read_json_items(path: Path, containers: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """The items of a JSON array, or of the array under one of these names in a JSON object, with their 1-based rank.

    Raises:
        UnreadableFile: Truncated, invalid, nested beyond reason, or not in UTF-8.
        StructureChanged: An object that holds none of the arrays.
    """
    if detect_encoding(path) not in {"utf-8", "utf-8-sig"}:
        raise unreadable(path, "not UTF-8", "est mal encodé : un JSON doit être en UTF-8.")
    rank = 0
    try:
        with path.open("rb") as file:
            watched = _Watched(_after_mark(file))
            events = _shallow(path, ijson.basic_parse(watched, buf_size=_WINDOW), watched)
            for rank, item in enumerate(_items(events, containers), start=1):
                yield rank, item
    except _NoItems as error:
        names = " », « ".join(containers)
        raise StructureChanged(
            f"{path}: none of {list(containers)}",
            public=f"Le fichier « {path.name} » n’a plus la forme attendue (une liste, ou « {names} ») : rien n’est publié.",
        ) from error
    except _TooLarge as error:
        raise unreadable(
            path, str(error), f"est refusé : un élément de son JSON est démesuré (après l’élément {rank})."
        ) from error
    except ijson.IncompleteJSONError as error:
        raise unreadable(path, str(error), f"est tronqué ou n’est pas du JSON valide (après l’élément {rank}).") from error
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise unreadable(path, str(error), f"n’est pas du JSON valide (après l’élément {rank}).") from error


def find_container(path: Path, containers: Sequence[str]) -> str:
    """Under which of the names the items of a JSON file are; empty for a top array. The file is one that was read."""
    with path.open("rb") as file:
        return _enter(iter(ijson.basic_parse(_after_mark(file))), containers)


def read_json_array(path: Path, *, window: int = _WINDOW) -> Iterator[tuple[int, Any]]:
    """The items of a document that is one array, with their rank: twice as fast as ``read_json_items``, numbers as floats.

    Each item is decoded whole by the standard library, out of a window that slides over the file.

    Args:
        path: The file.
        window: How many characters are read at once.

    Raises:
        UnreadableFile: Truncated, invalid, an item that is larger or nested deeper than is reasonable, or not in UTF-8.
    """
    rank = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for rank, item in enumerate(_array_items(file, window), start=1):
                yield rank, item
    except UnicodeDecodeError as error:
        raise unreadable(path, str(error), "est mal encodé : un JSON doit être en UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise unreadable(path, str(error), f"est tronqué ou n’est pas du JSON valide (après l’élément {rank}).") from error


def _array_items(file: TextIO, step: int) -> Iterator[Any]:
    decode = json.JSONDecoder().raw_decode
    window, position = file.read(step), 0
    between = re.compile(r"\s*\[\s*")
    while True:
        found = between.match(window, position)
        more = ""
        if found and found.end() < len(window):
            start = found.end()
            if window[start] == "]":
                if (window[start + 1 :] + file.read()).strip():
                    raise ValueError("something follows the array")
                return
            try:
                item, end = decode(window, start)
            except ValueError:
                end = len(window)
            if end < len(window):
                yield item
                position, between = end, re.compile(r"\s*(?:,\s*|(?=\]))")
                continue
        if len(window) - position > _LARGEST_ITEM or not (more := file.read(step)):
            raise ValueError("cut, or an item of unreasonable size")
        window, position = window[position:] + more, 0


class _TooLarge(ValueError):
    """An item that no honest file holds."""


class _NoItems(Exception):
    """No array is where the items should be."""


def _items(events: Iterator[_Event], containers: Sequence[str]) -> Iterator[Any]:
    """Each item of the array, built as soon as it ends; what follows the array is read too, so that a cut file is found out."""
    _enter(events, containers)
    builder, depth, size = ijson.ObjectBuilder(), 0, 0
    for event, value in events:
        depth += _DEPTHS.get(event, 0)
        if depth < 0:
            break
        builder.event(event, value)
        size += 20 + (len(value) if isinstance(value, str) else 0)
        if size > _LARGEST_ITEM:
            raise _TooLarge("an item of unreasonable size")
        if depth == 0:
            yield builder.value
            builder, size = ijson.ObjectBuilder(), 0
    for _ in events:
        pass


def _enter(events: Iterator[_Event], containers: Sequence[str]) -> str:
    """Read up to the start of the array, the whole document or what a top object holds under one of the names: which is given."""
    first, _ = next(events, ("", None))
    if first == "start_array":
        return ""
    depth, key = 1, None
    for event, value in events if first == "start_map" else ():
        if event == "start_array" and depth == 1 and key in containers:
            return str(key)
        depth += _DEPTHS.get(event, 0)
        if event == "map_key" and depth == 1:
            key = value
    raise _NoItems


class _Watched:
    """A file of which too much may not be read without a single event: a text that never ends costs the square of its length."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        self.since += size
        if self.since > 2 * _LARGEST_ITEM:
            raise _TooLarge("a text of unreasonable size")
        return self._file.read(size)


def _shallow(path: Path, events: Iterable[_Event], watched: _Watched) -> Iterator[_Event]:
    """The events of a document that is not nested beyond reason."""
    depth = 0
    for event, value in events:
        watched.since = 0
        depth += _DEPTHS.get(event, 0)
        if depth > _DEEPEST:
            raise unreadable(path, f"nested {depth} deep", "est refusé : son JSON est imbriqué au-delà du raisonnable.")
        yield event, value


def _after_mark(file: BinaryIO) -> BinaryIO:
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file


def flatten(item: Any) -> dict[str, str]:
    """An item as a row: nested objects become dotted names, arrays their JSON text, null an empty text.

    An item that is not an object becomes one cell, « valeur ».
    """
    if not isinstance(item, dict):
        return {"valeur": _text(item)}
    row: dict[str, str] = {}
    stack = [("", item)]
    while stack:
        prefix, mapping = stack.pop()
        for name, value in mapping.items():
            if isinstance(value, dict) and value and prefix.count(".") < 8:
                stack.append((f"{prefix}{name}.", value))
            else:
                row[f"{prefix}{name}"] = _text(value)
    return row


def parse_json_cell(text: str) -> Any:
    """The JSON inside a cell (the administration directory writes lists so); None for an empty cell.

    Raises:
        ValueError: Not JSON, or nested beyond reason.
    """
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # adjusted() first: abs() and comparisons of 1e999999 overflow
        return str(int(value)) if value.adjusted() < 16 and value == value.to_integral_value() else str(value)
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=_number)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value)} is not JSON")
