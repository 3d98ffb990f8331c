"""What a reading process may use at most, and how it says what it has read."""

from __future__ import annotations

import json
import sys


def bound(memory: int, seconds: int) -> None:
    """Bound this process.

    Args:
        memory: Address space, in bytes.
        seconds: Processor time.
    """
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def say(document: object) -> None:
    """Print a document on its line."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def asked_rank() -> int | None:
    """The rank of the sheet that the parent asks for; None when it asks for none."""
    line = sys.stdin.readline()
    return int(line) if line.strip() else None
