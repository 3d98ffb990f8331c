"""Fingerprint: what a run reads, and how, as one digest. The same one again means that there is nothing to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import blake2b, file_digest
from pathlib import Path

from pydantic_core import to_json

import directory
import importers
from importers.source import Source

# What decides how a text is understood. The rest of the program (repository, search …) only keeps it and finds it.
_READING = ("*.py", "*.toml", "*.csv", "models/*.py", "geocoding/*.py", "data/*")


def describe_input(path: Path) -> dict[str, object]:
    """An input as the run keeps it: its name, size and digest, never its folder, which belongs to a machine."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "size": path.stat().st_size, "sha256": digest}


def take_fingerprint(source: Source, inputs: Sequence[Mapping[str, object]], options: object, today: date) -> str:
    """32 hexadecimal characters that change when the files, the options, the source or the code that reads it change.

    Args:
        source: The source. What it says of one day (``dated``) is read again the next.
        inputs: Its files, as ``describe_input`` gives them; their names do not count.
        options: What else decides how they are read (mapping, sheet, referentials), as JSON values.
        today: The run's day.
    """
    digests = [entry["sha256"] for entry in inputs]
    content = [source.name, reading_version(source.name), digests, options, today if source.dated else None]
    return blake2b(to_json(content), digest_size=16).hexdigest()


@cache
def reading_version(source_name: str) -> str:
    """A digest of the code and the tables that decide how a source is read."""
    ours = Path(importers.__file__).parent
    core = Path(directory.__file__).parent
    files = [path for folder in (ours, core) for pattern in _READING for path in folder.glob(pattern)]
    files += (ours / "sources" / source_name).rglob("*")
    total = blake2b(digest_size=16)
    for path in sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
