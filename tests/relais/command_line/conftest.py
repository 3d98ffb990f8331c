"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Write = Callable[[str, str | bytes], Path]
