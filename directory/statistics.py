"""Statistics of what is asked, without people: what may be kept of a text, what may be shown of a count. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from directory.models.statistics import QuestionCount
from directory.search.understanding import field_words
from directory.text import fold

SMALLEST = 10
"""Questions of a group below which its count is not shown."""

KEPT_MONTHS = 13
"""A year and the month that compares with it; older counts are erased."""

_MOST_WORDS, _LONGEST = 6, 100


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that share a value; None for counts that are too small to be shown."""

    value: str
    questions: int | None
    unanswered: int | None


def scrub(text: str) -> str:
    """The words of a text that the field is described with, in alphabetical order, each once; all others are dropped.

    A name, an address or a number is none of them, so none is ever kept; empty when nothing is left.
    """
    known = sorted(word for word in set(fold(text).split()) & field_words() if len(word) > 1)
    return " ".join(known[:_MOST_WORDS])[:_LONGEST].strip()


def month_of(day: date) -> str:
    """``2026-11``."""
    return f"{day:%Y-%m}"


def first_month(day: date, months: int = KEPT_MONTHS) -> str:
    """The first of the last so many months, the present one counted in."""
    position = day.year * 12 + day.month - months
    return f"{position // 12:04}-{position % 12 + 1:02}"


def group(counts: Iterable[QuestionCount], value: Callable[[QuestionCount], str]) -> list[Group]:
    """The counts by a value, the largest first; small ones are hidden, and none can be found by subtracting the others.

    What is hidden together is never few, nor one alone where there are others: the total stands in another table.
    """
    questions, unanswered = Counter[str](), Counter[str]()
    for each in counts:
        questions[value(each)] += each.questions
        unanswered[value(each)] += each.unanswered
    answered = {key: questions[key] - unanswered[key] for key in questions}
    hidden = _hide(questions, {key for key, n in questions.items() if n < SMALLEST}, questions)
    # neither those without an answer nor those with one may be a few
    few = {key for key in questions if _is_few(unanswered[key]) or _is_few(answered[key])}
    silent = _hide(questions, hidden | few, unanswered, answered)
    found = [
        Group(key, None if key in hidden else questions[key], None if key in silent else unanswered[key]) for key in questions
    ]
    return sorted(found, key=lambda each: (each.questions is None, -(each.questions or 0), each.value))


def shown_words(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The words asked for in vain, the most often first, that enough questions share."""
    return sorted(((words, n) for words, n in counts.items() if n >= SMALLEST), key=lambda each: (-each[1], each[0]))


def _is_few(number: int) -> bool:
    return 0 < number < SMALLEST


def _hide(questions: Mapping[str, int], small: set[str], *columns: Mapping[str, int]) -> set[str]:
    """The groups to hide: the small ones, and the next smallest until what is hidden of each column tells nothing."""
    hidden = set(small)
    for key in sorted(questions.keys() - small, key=lambda key: (questions[key], key)):
        together = [sum(column[each] for each in hidden) for column in columns]
        if not hidden or (len(hidden) > 1 and not any(map(_is_few, together))):
            break
        hidden.add(key)
    return hidden
