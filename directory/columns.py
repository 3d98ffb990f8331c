"""Compact columns for lists of words: bits for small vocabularies, ragged arrays for large ones, days for dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any, overload

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.signedinteger[Any]]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

NO_DAY = np.iinfo(np.int32).min
"""A day that is unknown, in a column of days."""
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date | None) -> int:
    """Days since 1970-01-01, or NO_DAY."""
    return NO_DAY if day is None else day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The date of a day number (not of NO_DAY)."""
    return date.fromordinal(int(number) + _EPOCH)


@dataclass(frozen=True, slots=True)
class BitColumn:
    """Which words of a small closed vocabulary each row carries.

    Attributes:
        vocabulary: The words, in bit order.
        words: Shape (words of 64 bits, rows): a question mostly concerns one of them.
    """

    vocabulary: tuple[str, ...]
    words: Words

    def any_of(self, names: Iterable[str], rows: IntArray) -> BoolArray:
        """Whether each of ``rows`` carries at least one of ``names``, shape (len(rows),); unknown names are nobody's."""
        hit = np.zeros(len(rows), dtype=np.bool_)
        for word, mask in zip(self.words, self._mask(names), strict=True):
            if mask:
                hit |= (word[rows] & np.uint64(mask)) != 0
        return hit

    def carried(self, names: Iterable[str]) -> BoolArray:
        """Whether each row of all carries at least one of ``names``, shape (rows,)."""
        hit = np.zeros(self.words.shape[1], dtype=np.bool_)
        for word, mask in zip(self.words, self._mask(names), strict=True):
            if mask:
                hit |= (word & np.uint64(mask)) != 0
        return hit

    def only(self, names: Iterable[str], rows: IntArray) -> BoolArray:
        """Whether each of ``rows`` carries ``names`` and nothing else, shape (len(rows),)."""
        same = np.ones(len(rows), dtype=np.bool_)
        for word, mask in zip(self.words, self._mask(names), strict=True):
            same &= word[rows] == np.uint64(mask)
        return same

    def filled(self, rows: IntArray) -> BoolArray:
        """Whether each of ``rows`` carries any word, shape (len(rows),)."""
        return ~self.only((), rows)

    def of(self, row: int) -> tuple[str, ...]:
        """The words of one row, in the vocabulary's order."""
        return _words_of(self.vocabulary, tuple(self.words[:, row].tolist()))

    def _mask(self, names: Iterable[str]) -> Sequence[int]:
        return _mask_of(self.vocabulary, tuple(names), len(self.words))


@lru_cache(maxsize=4096)  # the records of a territory say the same few things
def _words_of(vocabulary: tuple[str, ...], words: tuple[int, ...]) -> tuple[str, ...]:
    bits = sum(word << 64 * place for place, word in enumerate(words))
    return tuple(word for position, word in enumerate(vocabulary) if bits >> position & 1)


@lru_cache(maxsize=4096)  # the same few lists of words are asked for each student
def _mask_of(vocabulary: tuple[str, ...], names: tuple[str, ...], width: int) -> tuple[int, ...]:
    wanted = set(names)
    return tuple(pack([position for position, word in enumerate(vocabulary) if word in wanted], width))


def pack(positions: Iterable[int], width: int) -> list[int]:
    """Bits at some positions, as ``width`` integers of 64 bits."""
    integers = [0] * width
    for position in positions:
        integers[position >> 6] |= 1 << (position & 63)
    return integers


def build_bits(vocabulary: Sequence[str], values: Iterable[Sequence[str]]) -> BitColumn:
    """Pack lists of words. Words outside the vocabulary are dropped: the record was validated before it was kept."""
    position = {word: index for index, word in enumerate(vocabulary)}
    width = max(1, (len(position) + 63) // 64)
    cache: dict[tuple[str, ...], list[int]] = {}
    packed: list[list[int]] = []
    for words in values:
        key = tuple(words)
        bits = cache.get(key)
        if bits is None:
            bits = cache[key] = pack([position[word] for word in key if word in position], width)
        packed.append(bits)
    words_of_row = np.array(packed, dtype=np.uint64).reshape(len(packed), width)
    return BitColumn(tuple(vocabulary), np.ascontiguousarray(words_of_row.T))


@dataclass(frozen=True, slots=True)
class RaggedColumn:
    """Zero or more integers for each row.

    Attributes:
        offsets: Shape (rows + 1,): the values of row i are ``values[offsets[i]:offsets[i + 1]]``.
    """

    offsets: IntArray
    values: IntArray

    def of(self, row: int) -> list[int]:
        """The integers of one row."""
        return [int(value) for value in self.values[self.offsets[row] : self.offsets[row + 1]]]

    def best(self, of_value: FloatArray, rows: IntArray, empty: float) -> FloatArray:
        """The best of ``of_value[v]`` over each row's values, shape (len(rows),); ``empty`` for a row without values."""
        return self.reduce(np.maximum, lambda flat: of_value[self.values[flat]], rows, empty)

    def reduce(
        self, ufunc: np.ufunc, read: Callable[[npt.NDArray[np.int64]], npt.NDArray[Any]], rows: IntArray, empty: float
    ) -> FloatArray:
        """Reduce what ``read`` gives for each row's positions in ``values``, shape (len(rows),)."""
        starts = self.offsets[rows].astype(np.int64)
        counts = self.offsets[rows + 1] - starts
        result = np.full(len(rows), empty)
        filled = counts > 0
        if filled.any():
            lengths = counts[filled]
            firsts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
            flat = np.repeat(starts[filled] - firsts, lengths) + np.arange(int(lengths.sum()))
            result[filled] = ufunc.reduceat(read(flat), firsts)
        return result


def build_ragged(values: Iterable[Sequence[int]]) -> RaggedColumn:
    """Flatten lists of integers."""
    lengths: list[int] = []
    flat: list[int] = []
    for each in values:
        lengths.append(len(each))
        flat.extend(each)
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return RaggedColumn(offsets, np.array(flat, dtype=np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn(Sequence[str]):
    """One text a row, in one block of UTF-8: a tenth of the memory of as many strings, and it can be mapped from a file.

    Attributes:
        offsets: Shape (rows + 1,): the text of row i is ``block[offsets[i]:offsets[i + 1]]``.
        block: The bytes of all texts.
    """

    offsets: npt.NDArray[np.int64]
    block: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        if row < 0:
            row += len(self)
        if row < 0:
            raise IndexError(row)
        begin, end = self.offsets.item(row), self.offsets.item(row + 1)  # raises IndexError past the end
        return self.block[begin:end].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        block, offsets = self.block.tobytes(), self.offsets.tolist()
        return (block[begin:end].decode() for begin, end in pairwise(offsets))


def build_text(values: Iterable[str]) -> TextColumn:
    """Pack texts."""
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    return TextColumn(offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class RowsOfWord(Mapping[str, npt.NDArray[np.int32]]):
    """Word → the rows that carry it, increasing; a word that nobody carries is none.

    Attributes:
        position: Word → its place in ``offsets``, in that order.
        offsets: Shape (words + 1,): the rows of word i are ``rows[offsets[i]:offsets[i + 1]]``.
    """

    position: Mapping[str, int]
    offsets: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]

    def __getitem__(self, word: str) -> npt.NDArray[np.int32]:
        at = self.position[word]
        return self.rows[self.offsets[at] : self.offsets[at + 1]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.position)

    def __len__(self) -> int:
        return len(self.position)


def build_rows_of_word(words: Sequence[str], word: npt.NDArray[Any], row: npt.NDArray[Any]) -> RowsOfWord:
    """The rows of each word, from pairs of a word's place in ``words`` and a row, in any order, perhaps twice."""
    pairs = np.unique(np.asarray(word, dtype=np.int64) << 32 | np.asarray(row, dtype=np.int64))
    carried, counts = np.unique(pairs >> 32, return_counts=True)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    position = {words[number]: place for place, number in enumerate(carried.tolist())}
    return RowsOfWord(position, offsets, (pairs & 0xFFFFFFFF).astype(np.int32))
