"""Parquet files, their rows one by one; read in a process of its own, whose memory is bounded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from pydantic_core import from_json

from importers.guards import unreadable

_LONGEST = 64_000_000
"""Bytes of five hundred rows: beyond, a cell is not a fact."""


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a Parquet file, column → value, with their 1-based rank.

    Numbers, texts and lists are themselves, dates ISO texts.

    Raises:
        UnreadableFile: Truncated, damaged, or larger once unpacked than a directory can be.
    """
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-m", "importers.apart.parquet", str(path.absolute())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    output = cast("IO[bytes]", process.stdout)
    rank = 0
    try:
        while (rows := _next(path, output, rank)) is not None:
            for row in rows:
                rank += 1
                yield rank, row
    finally:
        process.kill()
        process.communicate()


def _next(path: Path, output: IO[bytes], rank: int) -> Any:
    line = output.readline(_LONGEST)
    if not line.endswith(b"\n"):
        raise unreadable(
            path, f"reader ended after row {rank}", "est refusé : ce Parquet demande plus de mémoire ou de temps qu’un vrai."
        )
    rows = from_json(line)
    if isinstance(rows, dict):
        raise unreadable(path, str(rows["error"]), "est un Parquet tronqué ou abîmé.")
    return rows
