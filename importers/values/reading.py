"""Reading: what a cell was understood to say, with what of it remains doubtful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from a text that may say more than one thing.

    Attributes:
        value: What is certain.
        doubts: French sentences: what was not certain and is left out of ``value``.
        notes: French sentences: what was repaired with certainty, or left out because it says that there is nothing.
    """

    value: T
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """The same parser, which answers None for an empty text (the identifiers' parsers refuse it)."""
    return lambda text: parse(text) if text.strip() else None
