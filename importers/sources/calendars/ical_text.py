"""An iCalendar file cut into its events, as text: one broken event spoils neither the others nor the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from importers.guards import unreadable
from importers.text_files import detect_encoding, open_text

_LONGEST_VALUE = 60_000
_MOST_LINES = 3000
_MOST_PROPERTIES = 200
MOST_EVENTS = 100_000


@dataclass(slots=True)
class Component:
    """A VEVENT or VTIMEZONE: its unfolded lines, what is inside it (alarms) left out for an event.

    Attributes:
        line: 1-based line of its BEGIN.
        too_long: Whether it had more lines than an event has; the rest was dropped.
    """

    name: str
    line: int
    lines: list[str] = field(default_factory=list)
    too_long: bool = False
    _depth: int = 0

    def ended_by(self, upper: str, line: str) -> bool:
        """Take one more line. True when it was the component's END."""
        if upper == f"END:{self.name}" and not self._depth:
            return True
        self._depth += upper.startswith("BEGIN:") - upper.startswith("END:")
        if self.name == "VTIMEZONE" or not (self._depth or upper.startswith("END:")):
            self.too_long = self.too_long or len(self.lines) >= _MOST_LINES
            if not self.too_long:
                self.lines.append(line)
        return False

    def values(self, name: str) -> list[str]:
        """The content lines of a property, parameters included, without its name."""
        return [
            line[len(name) :]
            for line in self.lines
            if line[: len(name)].upper() == name and line[len(name) : len(name) + 1] in ":;"
        ]

    def value(self, name: str) -> str:
        """The first of ``values``, without its parameters; empty when there is none."""
        first = next(iter(self.values(name)), "")
        return without_parameters(first).strip()


def without_parameters(content: str) -> str:
    """What stands after the first colon that is not inside a quoted parameter."""
    quoted = False
    for rank, char in enumerate(content):
        quoted ^= char == '"'
        if char == ":" and not quoted:
            return content[rank + 1 :]
    return ""


@dataclass(slots=True)
class Header:
    """What stands in the calendar outside its components (``METHOD``, ``X-WR-CALNAME`` …)."""

    properties: dict[str, str] = field(default_factory=dict)


def read_components(path: Path, header: Header) -> Iterator[Component]:
    """The events and time zones of a file, in order, streamed; ``header`` is filled on the way.

    Raises:
        UnreadableFile: Truncated (no END:VCALENDAR), mis-encoded, or more events than a calendar has.
    """
    current: Component | None = None
    events = 0
    closed = False
    for number, line in _unfolded(path):
        upper = line[:40].upper().strip()
        if current is None:
            closed = closed or upper == "END:VCALENDAR"
            current = _begin(header, upper, line, number)
        elif not current.ended_by(upper, line):
            continue
        else:
            events += current.name == "VEVENT"
            if events > MOST_EVENTS:
                raise unreadable(path, "too many events", f"est refusé : il tient plus de {MOST_EVENTS} événements.")
            yield current
            current = None
    if current is not None or not closed:
        raise unreadable(path, "no END", "est tronqué : le calendrier n’est pas fermé (END:VCALENDAR).")


def _begin(header: Header, upper: str, line: str, number: int) -> Component | None:
    """The component that a line outside of any begins; other lines are the calendar's own, kept in the header."""
    if upper in {"BEGIN:VEVENT", "BEGIN:VTIMEZONE"}:
        return Component(upper[6:], number)
    if not upper.startswith(("BEGIN:", "END:")):
        name, _, value = line.partition(":")
        if len(header.properties) < _MOST_PROPERTIES:
            header.properties.setdefault(name.partition(";")[0].upper().strip()[:60], value.strip()[:500])
    return None


def _unfolded(path: Path) -> Iterator[tuple[int, str]]:
    """Content lines with the number of their first physical line; a line that begins with a space or a TAB continues the last."""
    parts: list[str] = []
    begins = size = 0
    for number, physical in enumerate(open_text(path, detect_encoding(path)), start=1):
        text = physical.rstrip("\r\n")
        if text[:1] in {" ", "\t"} and parts:
            if size < _LONGEST_VALUE:
                parts.append(text[1 : 1 + _LONGEST_VALUE - size])
                size += len(text) - 1
            continue
        if parts:
            yield begins, "".join(parts)
        parts, begins = [text[:_LONGEST_VALUE]], number
        size = len(parts[0])
    if parts:
        yield begins, "".join(parts)
