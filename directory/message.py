"""MessageReading: what was understood of an e-mail that a curator pastes, for them to correct."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from directory.models.record import Contact, Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReading:
    """What a message proposes. Nothing of it is kept, and nothing of it is published before a curator sends the form.

    Attributes:
        name: The subject, or the first line that says what it is about.
        category: Of an event, what its title calls it; empty where nothing does.
        code_commune: INSEE code; empty where the commune is not certain.
        occurrences: Of an event, in order, each once.
        to_confirm: Why the dates are to be confirmed, French; empty when they stand as written.
        doubts: French sentences: what looks like something and was left out.
    """

    name: str = ""
    category: str = ""
    address: str = ""
    code_postal: str = ""
    code_commune: str = ""
    occurrences: tuple[Occurrence, ...] = ()
    to_confirm: str = ""
    contacts: tuple[Contact, ...] = ()
    doubts: tuple[str, ...] = ()


MessageReader = Callable[[str, date], MessageReading]
"""Reads a message pasted on a day."""
LONGEST_MESSAGE = 20_000
"""Characters; what follows is not read."""
