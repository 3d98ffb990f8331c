"""Signatures: listings that say the same of themselves, whatever their name, their place and their freshness, share a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_DENSE = 1 << 16


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signatures of some rows.

    Attributes:
        numbers: Number of each row's signature, from 0, shape (rows,).
        examples: One row of each signature, as its position among the rows, shape (signatures,).
    """

    numbers: npt.NDArray[np.int32]
    examples: npt.NDArray[np.intp]


def sign(columns: Iterable[npt.NDArray[Any]], rows: int) -> Signatures:
    """Number the combinations of values that stand in some columns.

    O(columns x rows x log rows): some tenths of a second at national size, once for each state of the directory.

    Args:
        columns: Integers or booleans, each of shape (rows,).
        rows: How many rows there are.
    """
    numbers, size = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        values, width = _dense(column)
        if width > 1:
            numbers, size = numbers * width + values, size * width
        if size > 1 << 40:  # the next product might not fit
            numbers, size = _dense(numbers)
    _, examples, numbers = np.unique(numbers, return_index=True, return_inverse=True)
    return Signatures(numbers.astype(np.int32), examples)


def _dense(column: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], int]:
    """The values as numbers from 0, and a number above them all."""
    if not len(column):
        return np.zeros(0, dtype=np.int64), 1
    if column.dtype != np.uint64:
        least, most = int(column.min()), int(column.max())
        if most - least < _DENSE:
            return column.astype(np.int64) - least, most - least + 1
    found, numbers = np.unique(column, return_inverse=True)
    return numbers.astype(np.int64), len(found)
