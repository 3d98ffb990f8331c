"""Reads a Parquet file: prints its rows as JSON, a list of objects a line, then ``null``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from arro3.io import read_parquet

from importers.apart.bounds import bound, say

_MEMORY = 3_000_000_000
_SECONDS = 600
_ROWS = 500


def main(path: str) -> None:
    """Print a file."""
    bound(_MEMORY, _SECONDS)
    try:
        for rows in _batches(path):
            sys.stdout.write(json.dumps(rows, default=_plain) + "\n")
        say(None)
    except BaseException as error:  # noqa: BLE001  (a panic of the library derives from nothing else)
        say({"error": f"{type(error).__name__}: {error}"[:500]})


def _batches(path: str) -> Iterator[list[dict[str, Any]]]:
    reader = read_parquet(path, batch_size=_ROWS)
    names = [reader.schema.field(rank).name for rank in range(len(reader.schema))]
    for batch in reader:
        columns = [batch.column(rank).to_pylist() for rank in range(batch.num_columns)]
        yield [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(value: object) -> str:
    """Dates in the ISO form, bytes as the text that they most likely are."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


if __name__ == "__main__":
    main(sys.argv[1])
