"""Needs that a student may declare, and the thématiques and networks that cover them (``data/needs.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from directory.text import fold
from directory.vocabulary import THEMATIQUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A need.

    Attributes:
        key: How profiles name it.
        label: French, as shown.
        first: Thématiques that cover it.
        then: Thématiques that cover half of it.
        networks: Réseaux porteurs to prefer.
        words: Other names of the need that a profile may use.
        urgency: Key of ``data/urgency.toml`` whose numbers it calls for, or empty.
    """

    key: str
    label: str
    first: tuple[str, ...]
    then: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    urgency: str = ""


@cache
def needs() -> Mapping[str, Need]:
    """Every need of the table, in the order a page shows them."""
    table = tomllib.loads(resources.files("matching").joinpath("data", "needs.toml").read_text(encoding="utf-8"))
    return {
        key: Need(
            key=key,
            label=entry["label"],
            first=tuple(_expand(entry["first"])),
            then=tuple(_expand(entry["then"])),
            networks=tuple(entry["networks"]),
            words=tuple(entry["words"]),
            urgency=entry.get("urgency", ""),
        )
        for key, entry in table.items()
    }


def _expand(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        domain, star, _ = pattern.partition("*")
        matched = [code for code in THEMATIQUES if code == pattern or (star and code.startswith(domain))]
        if not matched:
            raise ValueError(f"needs.toml: {pattern!r} names no thématique")
        yield from matched


def get_need(key: str) -> Need:
    """The need of a key that a profile holds: one of the table, or a thématique (its domain then covers half of it).

    Raises:
        KeyError: Neither.
    """
    found = needs().get(key)
    if found is not None:
        return found
    label = THEMATIQUES[key]
    domain = key.partition("--")[0] + "--"
    siblings = tuple(code for code in THEMATIQUES if code.startswith(domain) and code != key)
    return Need(key=key, label=label, first=(key,), then=siblings)


def find_need(text: str) -> str | None:
    """The key that a text names: a key, one of its other words, or a thématique; None when it names none."""
    if text in THEMATIQUES or text in needs():
        return text
    return _by_word().get(fold(text))


@cache
def _by_word() -> Mapping[str, str]:
    words = {fold(word): need.key for need in needs().values() for word in (need.label, *need.words)}
    return words | {fold(key): key for key in needs()}
