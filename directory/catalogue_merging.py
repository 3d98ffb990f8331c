"""A catalogue brought up to date by the listings that changed, the others kept as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.catalogue import Catalogue, ranks, rows_of_kinds
from directory.catalogue_rows import by_place
from directory.columns import BitColumn, IntArray, RaggedColumn, RowsOfWord, TextColumn, build_rows_of_word, build_text

_NUMBERED = {"departement": "departement_codes", "naf": "naf_codes"}
"""Columns of places in a vocabulary that grows with the listings."""


def merged(held: Catalogue, changed: Catalogue, gone: Iterable[int]) -> Catalogue:
    """The listings of both, in the order in which rows are kept; of ``held`` those only that ``changed`` has not.

    O(listings) of copying, none of reading.

    Args:
        held: As it was, as its listings state it.
        changed: The new and changed listings, and the revision to which they bring.
        gone: Primary keys of listings that are no more.
    """
    left = np.flatnonzero(~np.isin(held.pk, np.append(changed.pk, np.fromiter(gone, dtype=np.int64))))
    order = by_place(*(np.append(getattr(held, name)[left], getattr(changed, name)) for name in ("kind", "lat", "lon", "pk")))
    known = _Vocabularies(held, changed)
    columns: dict[str, Any] = {}
    for column in fields(held):
        name, old, new = column.name, getattr(held, column.name), getattr(changed, column.name)
        if name in _NUMBERED:
            new = known.renumbered(_NUMBERED[name], new)
        elif name == "occupations":
            new = RaggedColumn(new.offsets, known.renumbered("occupation_codes", new.values))
        if isinstance(old, np.ndarray | BitColumn | RaggedColumn | TextColumn):
            columns[name] = _joined(old, new, left, order)
    place = np.full(len(held), -1, dtype=np.int64)
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    place[left] = position[: len(left)]
    labels = {int(place[row]): label for row, label in held.bassin_labels.items() if place[row] >= 0}
    labels |= {int(position[len(left) + row]): label for row, label in changed.bassin_labels.items()}
    columns["order"] = ranks(columns["ids"])
    return replace(
        held,
        **columns,
        **known.words,
        revision=changed.revision,
        mark=changed.mark,
        bassin_labels=dict(sorted(labels.items())),
        by_kind=rows_of_kinds(columns["kind"]),
        rows_of_token=_joined_words(held.rows_of_token, place, changed.rows_of_token, position[len(left) :]),
    )


class _Vocabularies:
    """The vocabularies of both: the words of the first, then those that only the second has."""

    def __init__(self, held: Catalogue, changed: Catalogue) -> None:
        self._new_words = {name: getattr(changed, name) for name in (*_NUMBERED.values(), "occupation_codes")}
        self.words: dict[str, Any] = {
            name: tuple(dict.fromkeys((*getattr(held, name), *new))) for name, new in self._new_words.items()
        }

    def renumbered(self, name: str, numbers: IntArray) -> IntArray:
        """Places in the second's vocabulary as places in the common one; -1 stays."""
        at = {word: number for number, word in enumerate(self.words[name])}
        table = np.array([*(at[word] for word in self._new_words[name]), -1], dtype=numbers.dtype)
        return np.asarray(table[numbers])


def _joined(old: Any, new: Any, left: npt.NDArray[np.intp], order: npt.NDArray[np.intp]) -> Any:
    if isinstance(old, BitColumn):
        return BitColumn(old.vocabulary, np.ascontiguousarray(np.concatenate((old.words[:, left], new.words), axis=1)[:, order]))
    if isinstance(old, TextColumn):
        old_texts, new_texts = list(old), list(new)
        texts = [*(old_texts[row] for row in left), *new_texts]
        return build_text(texts[place] for place in order)
    if isinstance(old, RaggedColumn):
        return _taken(_chained(old, new), np.append(left, len(old.offsets) - 1 + np.arange(len(new.offsets) - 1))[order])
    axis = old.ndim - 1  # ``unit`` has its rows last
    return np.ascontiguousarray(np.take(np.concatenate((np.take(old, left, axis=axis), new), axis=axis), order, axis=axis))


def _chained(old: RaggedColumn, new: RaggedColumn) -> RaggedColumn:
    offsets = np.append(old.offsets, new.offsets[1:] + len(old.values))
    return RaggedColumn(offsets, np.append(old.values, new.values))


def _taken(column: RaggedColumn, rows: npt.NDArray[np.intp]) -> RaggedColumn:
    """Some rows of a ragged column, in their order."""
    starts, counts = column.offsets[rows].astype(np.int64), np.diff(column.offsets)[rows]
    offsets = np.append(0, np.cumsum(counts))
    flat = np.repeat(starts - offsets[:-1], counts) + np.arange(int(offsets[-1]))
    return RaggedColumn(offsets.astype(np.int32), column.values[flat])


def _joined_words(old: RowsOfWord, old_place: IntArray, new: RowsOfWord, new_place: IntArray) -> RowsOfWord:
    words = tuple(dict.fromkeys((*old, *new)))
    at = {word: number for number, word in enumerate(words)}
    word = np.append(
        np.repeat(np.arange(len(old)), np.diff(old.offsets)),
        np.repeat(np.array([at[each] for each in new], dtype=np.int64), np.diff(new.offsets)),
    )
    row = np.append(old_place[old.rows], new_place[new.rows])
    return build_rows_of_word(words, word[row >= 0], row[row >= 0])
