"""Memory in long work: how often Python looks for cycles among objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (50_000, 20, 100)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles less often while the block runs: among the many objects of a large import it is a tenth of the time.

    What is in no cycle, nearly everything here, is freed at once all the same.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
