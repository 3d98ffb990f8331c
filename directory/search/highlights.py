"""Fragments in which the words found stand between <mark> and </mark>; whatever else they hold is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import escape

from directory.search.analysis import fold_word, stem
from directory.search.ranking import Likeness
from directory.search.stages import Word, allowed_edits

_WORD = re.compile(r"[^\W_]+")
_BEFORE, _AFTER = 60, 160
"""Characters kept around the first word found in a long text."""


class Marker:
    """Marks the words of one question in the texts of its answers.

    Args:
        loose: Whether words may match by beginning or by resemblance.
    """

    def __init__(self, words: Sequence[Word], *, loose: bool) -> None:
        self._stems = {word.stem for word in words} | {word.text for word in words}
        self._alike = [Likeness(word.text) for word in words if allowed_edits(word.text)] if loose else []
        self._said: set[str] = set()
        self._others: set[str] = set()

    def mark(self, text: str, *, whole: bool = True) -> str | None:
        """The text with its words marked, as safe HTML; None when it holds none of them.

        Args:
            text: As it was published, hostile perhaps.
            whole: Keep all of it; else only what surrounds the first word found.
        """
        if not self._stems:
            return None
        words = set(_WORD.findall(text))
        for word in words - self._said - self._others:
            (self._said if self._is_said(word) else self._others).add(word)
        if words.isdisjoint(self._said):
            return None
        spans = [match.span() for match in _WORD.finditer(text) if match.group() in self._said]
        return _render(text, spans, whole=whole)

    def _is_said(self, original: str) -> bool:
        word = fold_word(original)
        return word in self._stems or stem(word) in self._stems or bool(self._alike and word and self._resembles(word))

    def _resembles(self, word: str) -> bool:
        return any(alike.best((word,))[0] >= 0.6 for alike in self._alike)


def _render(text: str, spans: Sequence[tuple[int, int]], *, whole: bool) -> str:
    start, end = (0, len(text)) if whole else _window(text, spans[0][0])
    parts, position = ["…" if start else ""], start
    for first, last in spans:
        if first >= start and last <= end:
            parts += [str(escape(text[position:first])), "<mark>", str(escape(text[first:last])), "</mark>"]
            position = last
    return "".join([*parts, str(escape(text[position:end])), "…" if end < len(text) else ""])


def _window(text: str, first: int) -> tuple[int, int]:
    start = 0 if first <= _BEFORE else text.rfind(" ", 0, first - _BEFORE // 2) + 1
    end = min(len(text), first + _AFTER)
    return start, end if end == len(text) else max(text.rfind(" ", first, end), first + 1) if " " in text[first:end] else end
