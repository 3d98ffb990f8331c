"""A catalogue of a few listings of another, for who compares many students on few of them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue, rows_of_kinds
from directory.columns import BitColumn, RaggedColumn, TextColumn, build_ragged, build_rows_of_word, build_text


def part_of(catalogue: Catalogue, rows: npt.ArrayLike) -> Catalogue:
    """The same columns for these rows only, in increasing order; what is told of each is unchanged.

    Args:
        catalogue: The whole.
        rows: Rows of it, shape (n,).
    """
    kept = np.unique(np.asarray(rows, dtype=np.int32))
    position = np.full(len(catalogue), -1, dtype=np.int32)
    position[kept] = np.arange(len(kept), dtype=np.int32)
    changed: dict[str, Any] = {}
    for column in fields(catalogue):
        value = getattr(catalogue, column.name)
        if column.name == "unit":
            changed["unit"] = value[:, kept]
        elif isinstance(value, np.ndarray):
            changed[column.name] = value[kept]
        elif isinstance(value, BitColumn):
            changed[column.name] = BitColumn(value.vocabulary, np.ascontiguousarray(value.words[:, kept]))
        elif isinstance(value, RaggedColumn):
            changed[column.name] = build_ragged([value.of(int(row)) for row in kept])
        elif isinstance(value, TextColumn):
            changed[column.name] = build_text(value[int(row)] for row in kept)
    labels = {int(position[row]): label for row, label in catalogue.bassin_labels.items() if position[row] >= 0}
    held = catalogue.rows_of_token
    word, row = np.repeat(np.arange(len(held)), np.diff(held.offsets)), position[held.rows]
    tokens = build_rows_of_word(tuple(held), word[row >= 0], row[row >= 0])
    return replace(catalogue, **changed, bassin_labels=labels, by_kind=rows_of_kinds(changed["kind"]), rows_of_token=tokens)
