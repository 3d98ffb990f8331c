"""The catalogue's columns in one file that processes map into memory: opened in a moment, its pages shared by all of them."""

from __future__ import annotations

import json
import mmap
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue, rows_of_kinds
from directory.columns import BitColumn, RaggedColumn, RowsOfWord, TextColumn, build_text

_MAGIC = b"relais catalogue 1\n"
_ALIGN = 64
_ABANDONED_SECONDS = 3600
_COMPUTED = {"by_kind", "commune_name", "derived"}
_PARTS: Mapping[type[Any], tuple[str, ...]] = {
    BitColumn: ("words",),
    RaggedColumn: ("offsets", "values"),
    TextColumn: ("offsets", "block"),
    RowsOfWord: ("offsets", "rows"),
}
Arrays = dict[str, npt.NDArray[Any]]


class UnusableFile(Exception):
    """The file is absent, cut short, damaged, or of another program or directory: the columns are to be read again."""


def write_catalogue(catalogue: Catalogue, path: Path, key: Mapping[str, Any]) -> None:
    """Write a catalogue beside a path, then rename it there: a reader sees the old file or the new one.

    Args:
        catalogue: The columns.
        path: The file.
        key: What must be the same for whoever reads it; in JSON's terms.

    Raises:
        OSError: It cannot be written.
    """
    arrays, values = _taken_apart(catalogue)
    described, at = {}, 0
    for name, array in arrays.items():
        described[name] = {"dtype": array.dtype.str, "shape": array.shape, "at": at}
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    blocks = [array.tobytes().ljust(-(-array.nbytes // _ALIGN) * _ALIGN, b"\0") for array in arrays.values()]
    check = 0
    for block in blocks:
        check = zlib.crc32(block, check)
    head = json.dumps({"key": key, "values": values, "arrays": described, "bytes": at, "check": check}).encode() + b"\n"
    begin = _MAGIC + b"%12d\n" % len(head) + head
    path.parent.mkdir(parents=True, exist_ok=True)
    _clear(path)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(begin.ljust(-(-len(begin) // _ALIGN) * _ALIGN, b"\0"))
            file.writelines(blocks)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _clear(path: Path) -> None:
    """Remove what processes that were killed left beside a file."""
    for left in path.parent.glob(f"{path.name}.*"):
        with suppress(FileNotFoundError):  # another process clears too
            if left.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                left.unlink()


def read_catalogue(path: Path, key: Mapping[str, Any], commune_name: Callable[[str], str]) -> Catalogue:
    """Map a file's columns into memory: a tenth of a second for 300,000 listings, its pages read when they are asked for.

    Args:
        path: The file.
        key: What must stand in the file's key.
        commune_name: INSEE code → name.

    Raises:
        UnusableFile: It cannot be used, whatever the reason.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if mapped[: len(_MAGIC)] != _MAGIC:
            raise UnusableFile(f"{path}: another format")
        length_at = len(_MAGIC)
        length = int(mapped[length_at : length_at + 12])
        head = json.loads(mapped[length_at + 13 : length_at + 13 + length])
        first = -(-(length_at + 13 + length) // _ALIGN) * _ALIGN
        if head["key"] != key:
            raise UnusableFile(f"{path}: of another program or directory")
        if len(mapped) != first + head["bytes"] or zlib.crc32(memoryview(mapped)[first:]) != head["check"]:
            raise UnusableFile(f"{path}: damaged")
        arrays = {name: _array(mapped, first, each) for name, each in head["arrays"].items()}
        return _put_together(arrays, head["values"], commune_name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"{path}: {error}") from error


def _array(mapped: mmap.mmap, first: int, described: Mapping[str, Any]) -> npt.NDArray[Any]:
    dtype, shape = np.dtype(described["dtype"]), tuple(described["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(mapped, dtype=dtype, count=count, offset=first + described["at"]).reshape(shape)


def _taken_apart(catalogue: Catalogue) -> tuple[Arrays, dict[str, Any]]:
    arrays: Arrays = {}
    values: dict[str, Any] = {}
    for name, value in _columns(catalogue):
        if isinstance(value, np.ndarray):
            arrays[name] = np.ascontiguousarray(value)
        elif type(value) in _PARTS:
            arrays |= {f"{name}.{part}": np.ascontiguousarray(getattr(value, part)) for part in _PARTS[type(value)]}
            if isinstance(value, BitColumn):
                values[name] = value.vocabulary
            elif isinstance(value, RowsOfWord):
                words = build_text(value.position)
                arrays |= {f"{name}.words.offsets": words.offsets, f"{name}.words.block": words.block}
        else:
            values[name] = list(value.items()) if isinstance(value, Mapping) else value
    return arrays, values


def _columns(catalogue: Catalogue) -> Iterator[tuple[str, Any]]:
    for column in fields(catalogue):
        if column.name not in _COMPUTED:
            yield column.name, getattr(catalogue, column.name)


def _put_together(arrays: Arrays, values: Mapping[str, Any], commune_name: Callable[[str], str]) -> Catalogue:
    columns: dict[str, Any] = {}
    for name in (column.name for column in fields(Catalogue) if column.name not in _COMPUTED):
        if name in arrays:
            columns[name] = arrays[name]
        elif f"{name}.words.offsets" in arrays:
            words = TextColumn(arrays[f"{name}.words.offsets"], arrays[f"{name}.words.block"])
            position = {word: place for place, word in enumerate(words)}
            columns[name] = RowsOfWord(position, arrays[f"{name}.offsets"], arrays[f"{name}.rows"])
        elif f"{name}.words" in arrays:
            columns[name] = BitColumn(tuple(values[name]), arrays[f"{name}.words"])
        elif f"{name}.values" in arrays:
            columns[name] = RaggedColumn(arrays[f"{name}.offsets"], arrays[f"{name}.values"])
        elif f"{name}.block" in arrays:
            columns[name] = TextColumn(arrays[f"{name}.offsets"], arrays[f"{name}.block"])
        elif name == "bassin_labels":
            columns[name] = dict(values[name])
        else:
            columns[name] = tuple(values[name]) if isinstance(values[name], list) else values[name]
    return Catalogue(**columns, by_kind=rows_of_kinds(columns["kind"]), commune_name=commune_name)
