"""PublishedListing and its neighbours: what the repository gives of what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.models.record import ListingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingLink:
    """Another listing, as far as a link to it goes."""

    id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedListing:
    """A listing as it is published.

    Attributes:
        record: The merged facts. Read from the database, so not validated again.
        revision: The directory's revision at which it last changed.
        closed_at: When it was closed (its sources no longer hold it), None while it is open.
        carried_by: The listing of the structure that carries this service; None when there is none here.
        shares_access: Whether it is given where that structure is, of which a public page says how to get in.
    """

    pk: int
    id: str
    record: ListingRecord
    revision: int
    first_seen: datetime
    last_changed: datetime
    closed_at: datetime | None = None
    closed_reason: str = ""
    carried_by: ListingLink | None = None
    shares_access: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRecord:
    """A record of one source, as it was published (``raw``) and as it was understood."""

    record_id: str
    raw: dict[str, str]
    record: ListingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedListing:
    """A listing with what one source says of it.

    Attributes:
        stated: The records of that source that make it, the oldest first.
    """

    published: PublishedListing
    stated: tuple[StatedRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed in the directory since one of its revisions.

    Attributes:
        revision: The directory's revision, to which these bring.
        listings: New or changed listings; closed ones too, with ``closed_at``.
        gone: Keys of listings that are no more: others took them over.
    """

    revision: int
    listings: tuple[PublishedListing, ...]
    gone: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingChange:
    """One change, for who keeps a copy of what they may see.

    Attributes:
        revision: The directory's revision that holds it.
        digest: SHA-256 of the listing's id, hexadecimal.
        listing: As it is now; None when the asker may not see it (any more).
        replaces: Ids of the listings that it took over.
    """

    revision: int
    digest: str
    listing: PublishedListing | None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactOrigin:
    """Where one published field comes from.

    Attributes:
        original: The raw headers and texts that it was read from, as published; empty when it was deduced.
        first_seen: When the winning record was first seen.
        last_seen: When it was last seen.
    """

    field: str
    source: str
    record_id: str
    original: dict[str, str]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BassinRecord:
    """A bassin d'éducation or district as an académie's table states it.

    Attributes:
        code: The académie's own code, unique in France with its académie.
        communes: INSEE codes.
        establishments: UAIs.
    """

    code: str
    label: str
    academie: str = ""
    communes: tuple[str, ...] = ()
    establishments: tuple[str, ...] = ()
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferentialEntry:
    """One entry of a referential (ROME, diplomas, zones d'emploi …), as its official file states it.

    Attributes:
        referential: Its name: ``rome``, ``appellations``, ``diplomes``, ``mef``, ``familles``, ``zones_emploi``, ``academies``.
        code: The entry's own code, unique in it.
        data: What is kept of it: plain JSON values.
    """

    referential: str
    code: str
    data: Mapping[str, Any]
