"""Fragments in which the words found stand between <mark> and </mark>; whatever else they hold is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, takewhile

from markupsafe import escape

from directory.search.analysis import fold_word, stem
from directory.search.ranking import Likeness
from directory.search.stages import Word, allowed_edits

_WORD = re.compile(r"[^\W_]+")
_SPECIAL = re.compile("[&<>\"']")
"""What means something in HTML: most texts hold none, and looking once is cheaper than escaping each part."""
_RESEMBLES = 0.6
_BEFORE, _AFTER = 60, 160
"""Characters kept around the first word found in a long text."""


class Marker:
    """Marks the words of one question in the texts of its answers.

    Args:
        loose: Whether words may match by beginning or by resemblance.
    """

    def __init__(self, words: Sequence[Word], *, loose: bool) -> None:
        stems = frozenset(each for word in words for each in (word.stem, word.text))
        alike = [Likeness(word.text) for word in words if allowed_edits(word.text)] if loose else []
        self._said = _Said(stems, alike)
        self._holds = _Holds(self._said)

    def mark(self, text: str, *, whole: bool = True) -> str | None:
        """The text with its words marked, as safe HTML; None when it holds none of them.

        Args:
            text: As it was published, hostile perhaps.
            whole: Keep all of it; else only what surrounds the first word found.
        """
        # most texts hold none of the words: what stands between spaces tells it four times faster than each word would
        if not any(map(self._holds.__getitem__, text.split())):
            return None
        said = self._said
        found = (match.span() for match in _WORD.finditer(text) if said[match.group()])
        first = next(found, None)
        if first is None:
            return None
        start, end = (0, len(text)) if whole else _window(text, first[0])
        return _render(text, (start, end), chain((first,), takewhile(lambda span: span[0] < end, found)))


class _Said(dict[str, bool]):
    """Word as it was published → whether it is one of the question's. The words of answers come again and again."""

    def __init__(self, stems: frozenset[str], alike: Sequence[Likeness]) -> None:
        super().__init__()
        self._stems, self._alike = stems, alike

    def __missing__(self, original: str) -> bool:
        said = self[original] = not self._stems.isdisjoint(_forms(original)) or self._resembles(original)
        return said

    def _resembles(self, original: str) -> bool:
        word = fold_word(original) if self._alike else ""
        return bool(word) and any(alike.best((word,))[0] >= _RESEMBLES for alike in self._alike)


class _Holds(dict[str, bool]):
    """What stands between two spaces → whether it holds a word of the question."""

    def __init__(self, said: _Said) -> None:
        super().__init__()
        self._words_said = said

    def __missing__(self, piece: str) -> bool:
        holds = self[piece] = any(self._words_said[word] for word in _WORD.findall(piece))
        return holds


@lru_cache(maxsize=20_000)  # the words of French come again and again
def _forms(piece: str) -> tuple[str, ...]:
    """The words of a text without a space, folded, and their stems."""
    words = [fold_word(word) for word in _WORD.findall(piece)]
    return (*words, *map(stem, words))


def _render(text: str, within: tuple[int, int], spans: Iterable[tuple[int, int]]) -> str:
    start, end = within
    safe = _as_it_is if _SPECIAL.search(text, start, end) is None else _escaped
    parts, position = ["…" if start else ""], start
    for first, last in spans:
        if first >= start and last <= end:
            parts += [safe(text[position:first]), "<mark>", safe(text[first:last]), "</mark>"]
            position = last
    return "".join([*parts, safe(text[position:end]), "…" if end < len(text) else ""])


def _escaped(text: str) -> str:
    return str(escape(text))


def _as_it_is(text: str) -> str:
    return text


def _window(text: str, first: int) -> tuple[int, int]:
    start = 0 if first <= _BEFORE else text.rfind(" ", 0, first - _BEFORE // 2) + 1
    end = min(len(text), first + _AFTER)
    return start, end if end == len(text) else max(text.rfind(" ", first, end), first + 1) if " " in text[first:end] else end
