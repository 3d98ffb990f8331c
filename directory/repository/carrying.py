"""Which listing carries a service, and which services a structure carries: told by identities, so that merges change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from directory.models.published import ListingLink, PublishedListing
from directory.repository import tables
from directory.repository.rows import chunks, may_see
from directory.text import fold
from directory.vocabulary import ACCESSIBILITY_CONTACT, Visibility

_listing = tables.listing
_RANKS: dict[str, int] = {visibility: rank for rank, visibility in enumerate(Visibility)}
_SHOWN = (_listing.c.id, _listing.c.name, _listing.c.category, _listing.c.visibility)
_PLACE = (_listing.c.code_commune, _listing.c.address, _listing.c.contacts)


class _Carrier(NamedTuple):
    link: ListingLink
    visibility: str
    code_commune: str | None
    address: str | None
    describes_access: bool


def with_carriers(connection: Connection, listings: Sequence[PublishedListing]) -> list[PublishedListing]:
    """The listings, each with the open listing of the structure that it names, unless fewer people may see that one."""
    carriers = _carriers(connection, {listing.record.structure for listing in listings if listing.record.structure})
    return [_carried(listing, carriers.get(listing.record.structure or "")) for listing in listings]


def _carried(listing: PublishedListing, carrier: _Carrier | None) -> PublishedListing:
    if carrier is None or carrier.link.id == listing.id or not may_see(listing.record.visibility, carrier.visibility):
        return listing
    return replace(listing, carried_by=carrier.link, shares_access=carrier.describes_access and _is_there(listing, carrier))


def _is_there(listing: PublishedListing, carrier: _Carrier) -> bool:
    """Whether a service is given where its structure is: it says no other place, the building or the floor apart."""
    record = listing.record
    street = _street(record.address)
    return record.code_commune in (None, carrier.code_commune) and street in ("", _street(carrier.address))


def _street(address: str | None) -> str:
    return fold((address or "").partition(",")[0])


def _describes_access(contact: Mapping[str, Any]) -> bool:
    is_public = contact.get("visibility", Visibility.PUBLIC) == Visibility.PUBLIC
    return contact.get("label") == ACCESSIBILITY_CONTACT and bool(contact.get("url")) and is_public


def _carriers(connection: Connection, identities: Iterable[str]) -> dict[str, _Carrier]:
    record, key = tables.source_record, tables.record_identity
    # two questions, each by a key: in one, SQLite begins with every open listing
    held: dict[str, list[int]] = {}
    for chunk in chunks(identities):
        question = (
            select(key.c.identity, record.c.listing_pk)
            .join(record, record.c.pk == key.c.source_record_pk)
            .where(key.c.identity.in_(chunk), record.c.listing_pk.is_not(None))
        )
        for identity, listing_pk in connection.execute(question):
            held.setdefault(identity, []).append(listing_pk)
    shown: dict[int, _Carrier] = {}
    for some in chunks({pk for pks in held.values() for pk in pks}):
        for pk, listing_id, name, category, visibility, code_commune, address, contacts in _open_ones(connection, some, _PLACE):
            link = ListingLink(id=listing_id, name=name, category=category)
            shown[pk] = _Carrier(link, visibility, code_commune, address, any(map(_describes_access, contacts or ())))
    # of two that bear it, one for everyone and one for some, the one for everyone
    order = {pk: (-_RANKS[carrier.visibility], pk) for pk, carrier in shown.items()}
    return {
        identity: shown[min(found, key=order.__getitem__)]
        for identity, pks in held.items()
        if (found := [pk for pk in pks if pk in shown])
    }


def _open_ones(connection: Connection, pks: Sequence[int], more: Sequence[Any] = ()) -> Iterator[list[Any]]:
    """The listings of these keys that are open: key, id, name, category, visibility, and more columns.

    « Open » is not asked of SQLite: it would begin with the index of every open listing, 26 ms for fifteen keys of 300,000.
    """
    question = select(_listing.c.pk, *_SHOWN, *more, _listing.c.closed_at).where(_listing.c.pk.in_(pks), tables.shown_listing())
    for *row, closed_at in connection.execute(question):
        if closed_at is None:
            yield row


def list_carried(connection: Connection, listing_pk: int, viewer: Visibility) -> list[ListingLink]:
    """The open listings that a listing carries, by name."""
    record, key = tables.source_record, tables.record_identity
    own = (
        select(key.c.identity)
        .join(record, record.c.pk == key.c.source_record_pk)
        .where(record.c.listing_pk == listing_pk, record.c.missing_since.is_(None))
    )
    # three questions, each by a key: in one, SQLite begins with every open listing
    identities = connection.scalars(own).all()
    held: list[int] = []
    for some in chunks(identities):
        held += connection.scalars(select(_listing.c.pk).where(_listing.c.structure.in_(some), _listing.c.pk != listing_pk))
    rows = [row for some in chunks(held) for row in _open_ones(connection, some)]
    return [
        ListingLink(id=listing_id, name=name, category=category)
        for pk, listing_id, name, category, visibility in sorted(rows, key=lambda row: (row[2], row[0]))
        if may_see(viewer, visibility)
    ]


def list_services_of(connection: Connection, listing_pks: Iterable[int]) -> list[int]:
    """Keys of the services that some listings carry, or carried until they were closed."""
    record, key = tables.source_record, tables.record_identity
    found: list[int] = []
    for chunk in chunks(listing_pks):
        own = select(key.c.identity).join(record, record.c.pk == key.c.source_record_pk).where(record.c.listing_pk.in_(chunk))
        found += connection.scalars(select(_listing.c.pk).where(_listing.c.structure.in_(own)).order_by(_listing.c.pk))
    return found
