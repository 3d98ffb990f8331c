"""Looking at source records: what made a listing, and what is kept of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from directory.database import reading
from directory.errors import ListingNotFound
from directory.models.changes import KeptRecord
from directory.models.record import FIELDS
from directory.repository import listings, tables
from directory.repository.rows import chunks


def list_records(connection: Connection, listing_id: str) -> list[KeptRecord]:
    """The records that make a listing, by key.

    Raises:
        ListingNotFound: There is none.
    """
    pk = listings.resolve(connection, [listing_id]).get(listing_id)
    if pk is None:
        raise ListingNotFound(listing_id)
    winners = connection.execute(select(tables.listing.c.winners).where(tables.listing.c.pk == pk)).scalar_one()
    return [
        KeptRecord(
            source=row["source"],
            record_id=row["record_id"],
            raw=row["raw"],
            fields={name: list(row["origins"].get(name, ())) for name in FIELDS if winners.get(name) == record_pk},
            first_seen=row["first_seen"],
            last_seen=listings.last_seen(row),
            changed_at=row["changed_at"],
            missed_at=row["missed_at"],
            missing_since=row["missing_since"],
            missing_reason=row["missing_reason"],
            run=row["run_pk"],
        )
        for record_pk, row in listings.records_of(connection, pk).items()
    ]


def read_records(engine: Engine, pks: Sequence[int]) -> Iterator[tuple[int, dict[str, Any], dict[str, str]]]:
    """Key, record and raw row of source records, by key."""
    c = tables.source_record.c
    with reading(engine) as connection:
        for chunk in chunks(sorted(pks)):
            rows = connection.execute(select(c.pk, c.record, c.raw).where(c.pk.in_(chunk)).order_by(c.pk))
            yield from (tuple(row) for row in rows)
