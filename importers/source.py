"""What a source is: its declaration (source.toml), read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from importers.errors import UnknownSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A declared column: the headers that may stand for it, and whether a file must have it."""

    name: str
    headers: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What must be true of a file for it to be published.

    Attributes:
        min_records: Fewest records a file may give.
        max_refused_share: Largest share (0 to 1) of rows that may be set aside.
        max_removed_share: Largest share (0 to 1) of the published records that a run may make vanish.
    """

    min_records: int = 1
    max_refused_share: float = 0.5
    max_removed_share: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of listings.

    Attributes:
        name: Its folder's name.
        label: French.
        publisher: Who publishes it.
        licence: Under which licence.
        homepage: Where it is described.
        trust: Rank among sources, the higher the more trusted (curation is above all).
        complete: Whether one run holds all of the source, so that what is absent has vanished; otherwise each file adds.
        freshness_days: After how many days it is stale.
        packaged: Whether it reads the files of its own folder: a run then takes no path.
        columns: Declared columns by name; empty when headers are used verbatim.
        expect: What must hold for a run to be published.
    """

    name: str
    label: str
    publisher: str
    licence: str
    homepage: str
    trust: int
    complete: bool
    freshness_days: int
    packaged: bool = False
    columns: Mapping[str, Column]
    expect: Expectations


_FOLDER = resources.files("importers").joinpath("sources")


@cache
def sources() -> Mapping[str, Source]:
    """Every source of the project by its name."""
    found = (read_source(folder) for folder in _FOLDER.iterdir() if folder.joinpath("source.toml").is_file())
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def get_source(name: str) -> Source:
    """The source of this name; a hyphen counts as an underscore.

    Raises:
        UnknownSource: There is none.
    """
    source = sources().get(name.strip().lower().replace("-", "_"))
    if source is None:
        raise UnknownSource(f"no source {name!r}", public=f"Source inconnue : « {name} ». Connues : {', '.join(sources())}.")
    return source


def read_source(folder: Traversable) -> Source:
    """Read a source's declaration. Unknown keys are refused: a misspelt expectation must not be silent."""
    table = tomllib.loads(folder.joinpath("source.toml").read_text(encoding="utf-8"))
    columns = {name: _column(name, entry) for name, entry in table.pop("columns", {}).items()}
    expect = Expectations(**table.pop("expect", {}))
    name = folder.name
    return Source(name=name, columns=columns, expect=expect, **_declared(table))


def _column(name: str, entry: Mapping[str, object]) -> Column:
    headers = entry.get("headers", [])
    if not isinstance(headers, list):
        raise TypeError(f"columns.{name}.headers must be a list")
    return Column(name=name, headers=(name, *map(str, headers)), required=bool(entry.get("required", False)))


def _declared(table: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"homepage": "", "trust": 50, "complete": True, "freshness_days": 180}
    return defaults | table


def stale_since(source: Source, last_run: date, today: date) -> int:
    """Days by which a source is past its freshness; 0 when it is fresh."""
    return max(0, (today - last_run).days - source.freshness_days)
