"""What a source is: its declaration (source.toml), read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal
from urllib.parse import urlsplit

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
        max_rows: Most rows a file may hold; 0 for no limit. Lists gathered in memory have one: what is far longer is not it.
        max_refused_share: Largest share (0 to 1) of rows that may be set aside.
        max_removed_share: Largest share (0 to 1) of the published records that a run may make vanish.
    """

    min_records: int = 1
    max_rows: int = 0
    max_refused_share: float = 0.5
    max_removed_share: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """How an address that answers by pages is read to its end.

    Attributes:
        by: ``offset`` (of the next item), ``page`` (its number), ``after`` (a cursor that each page gives) or
            ``next`` (the address that each page gives).
        items: Where a page holds its items (dotted key).
        position: Query parameter that says where the page begins; with ``next``, none.
        cursor: Where a page holds its cursor, or the address of the next one (dotted key).
        total: Where a page holds how many items there are in all (dotted key); empty when it does not say.
        first: Number of the first page.
        size: Query parameter that says how many items a page holds, and how many are asked.
        most: Most pages read: beyond, the run stops.
    """

    by: Literal["offset", "page", "after", "next"]
    items: str
    position: str = ""
    cursor: str = ""
    total: str = ""
    first: int = 1
    size: tuple[str, int] = ("", 0)
    most: int = 1000

    def __post_init__(self) -> None:
        if self.by not in {"offset", "page", "after", "next"}:
            raise ValueError(f"pages.by = {self.by!r}")
        if bool(self.cursor) != (self.by in {"after", "next"}) or bool(self.position) == (self.by == "next"):
            raise ValueError(f"pages.by = {self.by!r} with position {self.position!r} and cursor {self.cursor!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """How the key of an online source is sent: in a header, or as a query parameter.

    Attributes:
        name: Whose key it is (setting ``RELAIS_KEY_<NAME>``): a service that several sources may ask; the source when empty.
        header: Name of the header.
        prefix: What stands before the key in the header (« Apikey », « Bearer »).
        parameter: Name of the query parameter.
        token_url: Where the key, « identifiant:secret », is exchanged for the token that is sent in its place (OAuth 2, client
            credentials); empty when the key itself is sent.
        scope: What the token is asked for.
        required: Whether nothing is answered without it.
    """

    name: str = ""
    header: str = ""
    prefix: str = ""
    parameter: str = ""
    token_url: str = ""
    scope: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """An address of a source (``[[online]]``).

    Attributes:
        url: Fetched when a run is given no file; empty when it cannot be known beforehand.
        prefix: The key and the paging are for the addresses that begin so, and no other; ``url`` without its query when empty.
        content: What must come (a value of importers.guards.Content, or « table » for a CSV or a workbook).
        departement: Query parameters that ask for one département (« {code} » is « 35 », « {code3} » « 035 »); none when the
            address gives all of France.
        body: JSON that is sent with POST; empty to ask with GET. For one département, ``departement_body`` is sent in its place.
        departement_body: « {code} » in it is the département.
        key: How the key is sent; None when there is none.
        pages: How it is read to its end; None for one file.
    """

    url: str = ""
    prefix: str = ""
    content: str = "json"
    departement: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    departement_body: str = ""
    key: Key | None = None
    pages: Pages | None = None

    def concerns(self, url: str) -> bool:
        """Whether an address is one of these: same scheme, server and port, and a path that begins so."""
        wanted, given = urlsplit(self.prefix or self.url), urlsplit(url)
        return (wanted.scheme, wanted.netloc) == (given.scheme, given.netloc) and given.path.startswith(wanted.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a file of a source is recognised by (``[[recognised]]``), all of it.

    Attributes:
        columns: Headers, or keys of its objects, that it has.
        values: Header → text that its first row has there.
        content: What its bytes are (a value of importers.guards.Content); empty for any.
    """

    columns: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    content: str = ""


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
        dated: Whether what it says depends on the day of the run (``run.now``): the same file is then read again the next day.
        packaged: Whether it reads the files of its own folder: a run then takes no path.
        columns: Declared columns by name; empty when headers are used verbatim.
        expect: What must hold for a run to be published.
        online: Addresses it can be fetched from.
        recognised: What its files are recognised by, any of them.
    """

    name: str
    label: str
    publisher: str
    licence: str
    homepage: str
    trust: int
    complete: bool
    freshness_days: int
    dated: bool = False
    packaged: bool = False
    columns: Mapping[str, Column]
    expect: Expectations
    online: tuple[Online, ...] = ()
    recognised: tuple[Mark, ...] = ()


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
    online = tuple(_online(entry) for entry in table.pop("online", ()))
    name = folder.name
    marks = tuple(Mark(**{**entry, "columns": tuple(entry.get("columns", ()))}) for entry in table.pop("recognised", ()))
    return Source(name=name, columns=columns, expect=expect, online=online, recognised=marks, **_declared(table))


def _column(name: str, entry: Mapping[str, object]) -> Column:
    headers = entry.get("headers", [])
    if not isinstance(headers, list):
        raise TypeError(f"columns.{name}.headers must be a list")
    return Column(name=name, headers=(name, *map(str, headers)), required=bool(entry.get("required", False)))


def _online(entry: dict[str, Any]) -> Online:
    key, pages = entry.pop("key", None), entry.pop("pages", None)
    if pages and "size" in pages:
        pages["size"] = tuple(pages["size"])
    return Online(key=Key(**key) if key else None, pages=Pages(**pages) if pages else None, **entry)


def _declared(table: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {"homepage": "", "trust": 50, "complete": True, "freshness_days": 180}
    return defaults | table


def key_names() -> frozenset[str]:
    """Every name that a setting ``RELAIS_KEY_<NAME>`` may have."""
    found = sources().values()
    return frozenset(entry.key.name or source.name for source in found for entry in source.online if entry.key is not None)
