"""What a command prints: one JSON document, or French text; progress on standard error."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable

import click

Progress = Callable[[int, int | None], None]


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def french_number(value: float, digits: int = 0) -> str:
    """A number as French writes it: a comma, and a narrow no-break space every three digits."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace(".", ",")


def counted(count: int, words: str) -> str:
    """A count and what is counted, given in the plural, whose words then lose their « s »: « 2 autres doutes », « 1 doute »."""
    return f"{french_number(count)} {words if count > 1 else re.sub(r'(?<=[a-zé])s(?= |$)', '', words)}"


def french_km(distance_km: float | None) -> str:
    """A distance for a person: « 3,4 km », « 27 km », or nothing."""
    if distance_km is None:
        return ""
    return f"{french_number(distance_km, 1 if distance_km < 10 else 0)}\u00a0km"


def progress_line(label: str) -> Progress:
    """A progress callback that keeps one line on standard error up to date; silent when it is not a terminal.

    A log file gets one line every ten seconds instead, so that a long work never looks dead.
    """
    terminal = sys.stderr.isatty()
    every = 0.2 if terminal else 10.0
    last = time.monotonic()

    def show(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last < every and done != total:
            return
        last = time.monotonic()
        share = f" sur {french_number(total)}" if total else ""
        text = f"{label} : {french_number(done)}{share}"
        click.echo(f"\r{text:<70}" if terminal else text, err=True, nl=not terminal or done == total)

    return show
