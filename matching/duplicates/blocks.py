"""Blocking: the pairs that are worth comparing, found by shared keys, in numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
LARGEST = 60
"""A key that more records share (a switchboard, a word of a large city) tells nothing: their other keys bring them together."""


def pairs_of(keys: IntArray, owners: IntArray, *, largest: int = LARGEST) -> tuple[IntArray, IntArray]:
    """Pairs of owners that share a key, once each, the smaller first, in order.

    Args:
        keys: Shape (n,).
        owners: Whose each key is, shape (n,), not negative and below 2³¹.
        largest: Keys of more owners than this are left out.
    """
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    found = [np.empty(0, dtype=np.int64)]
    for size in range(2, largest + 1):
        members = starts[sizes == size]
        if len(members):
            block = owners[members[:, None] + np.arange(size)]
            found.extend(_encoded(block, size))
    codes = np.unique(np.concatenate(found))
    left, right = codes >> 32, codes & 0xFFFFFFFF
    distinct = left != right
    return left[distinct], right[distinct]


def _encoded(block: IntArray, size: int) -> Iterator[IntArray]:
    rows, columns = np.triu_indices(size, 1)
    yield ((block[:, rows] << 32) | block[:, columns]).ravel()
