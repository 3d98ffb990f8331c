"""Listings with what one source says of them: what an export back to that source starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from directory.database import reading
from directory.models.published import PublishedListing, SourcedListing, StatedRecord
from directory.repository import tables
from directory.repository.listings import pages_of_listings
from directory.repository.rows import chunks, dumped_coverage, to_record

_record = tables.source_record


def iterate_sourced(engine: Engine, source: str) -> Iterator[SourcedListing]:
    """Every open listing, by primary key, in one state of the directory."""
    with reading(engine) as connection:
        for page in pages_of_listings(connection):
            stated = _stated(connection, source, _record.c.listing_pk.between(page[0].pk, page[-1].pk))
            for listing in page:
                yield SourcedListing(published=listing, stated=tuple(stated.get(listing.pk, ())))


def list_sourced(connection: Connection, source: str, listings: Sequence[PublishedListing]) -> list[SourcedListing]:
    """These listings, in their order, with what a source says of them."""
    stated: dict[int, list[StatedRecord]] = {}
    for part in chunks([listing.pk for listing in listings]):
        stated |= _stated(connection, source, _record.c.listing_pk.in_(part))
    return [SourcedListing(published=listing, stated=tuple(stated.get(listing.pk, ()))) for listing in listings]


def _stated(connection: Connection, source: str, those: ColumnElement[bool]) -> dict[int, list[StatedRecord]]:
    c = _record.c
    question = select(c.listing_pk, c.source, c.record_id, c.raw, c.record).where(those, c.missing_since.is_(None)).order_by(c.pk)
    found: dict[int, list[StatedRecord]] = {}
    # the source is compared here: asked of SQLite, it would read all of that source for each page
    told = (row for row in connection.execute(question) if row.source == source)
    for listing_pk, _, record_id, raw, dumped in told:
        record = to_record(dumped, dumped_coverage(dumped))
        found.setdefault(listing_pk, []).append(StatedRecord(record_id=record_id, raw=raw, record=record))
    return found


def list_joined(connection: Connection, source: str) -> list[list[str]]:
    """The ids of the records of a source that make one listing, the oldest first, wherever several do."""
    c = _record.c
    held = (c.source == source, c.missing_since.is_(None), c.listing_pk.is_not(None), tables.shown_record())
    several = select(c.listing_pk).where(*held).group_by(c.listing_pk).having(func.count() > 1)
    question = select(c.listing_pk, c.record_id).where(*held, c.listing_pk.in_(several)).order_by(c.listing_pk, c.pk)
    found: dict[int, list[str]] = {}
    for listing_pk, record_id in connection.execute(question):
        found.setdefault(listing_pk, []).append(record_id)
    return list(found.values())
