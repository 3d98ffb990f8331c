"""The staging tables: where an import prepares what one short transaction will publish. Empty between two imports."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table
from sqlmodel import SQLModel

from directory.models.duplicate_tables import RecordKeys
from directory.models.tables import Listing, ListingCoverage, RecordIdentity, SourceRecord


def _twin(name: str, model: type[SQLModel]) -> Table:
    """A table with the columns and the key of another, and nothing to slow its writing: no index, no constraint."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    columns = (
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable, autoincrement=False)
        for column in table.columns
    )
    return Table(name, SQLModel.metadata, *columns)


def _key() -> Column[int]:
    return Column("source_record_pk", Integer, primary_key=True, autoincrement=False)


staged_record = _twin("staged_record", SourceRecord)
staged_identity = _twin("staged_identity", RecordIdentity)
staged_keys = _twin("staged_keys", RecordKeys)
staged_listing = _twin("staged_listing", Listing)
staged_coverage = _twin("staged_coverage", ListingCoverage)

staged_link = Table("staged_link", SQLModel.metadata, _key(), Column("listing_pk", Integer, nullable=False))
"""The listing of each record that the import touches."""

staged_mark = Table(
    "staged_mark", SQLModel.metadata, _key(), Column("mark", String(10), nullable=False), Column("reason", String, nullable=False)
)
"""Records that were seen again as they were (``seen``), missed a first time (``missed``), or that their source no longer holds
(``missing``, with the reason)."""

staged_takeover = Table(
    "staged_takeover",
    SQLModel.metadata,
    Column("listing_pk", Integer, primary_key=True, autoincrement=False),
    Column("id", String(400), nullable=False),
    Column("heir_pk", Integer, nullable=False),
)
"""Listings that another takes over, with the id they had."""

staged_alias = Table(
    "staged_alias",
    SQLModel.metadata,
    Column("id", String(400), primary_key=True),
    Column("listing_pk", Integer, nullable=False),
)
"""Ids of records that move to another listing: an alias that bears one follows."""

staged_pair = Table(
    "staged_pair",
    SQLModel.metadata,
    Column("left_pk", Integer, primary_key=True, autoincrement=False),
    Column("right_pk", Integer, primary_key=True, autoincrement=False, index=True),
    Column("verdict", String, nullable=False),
    Column("probability", Float, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("apart", Boolean, nullable=False),
)
"""What comparing the records of the import says: all that is now known of them."""

staged_change = Table(
    "staged_change",
    SQLModel.metadata,
    Column("listing_pk", Integer, primary_key=True, autoincrement=False),
    Column("changes", JSON, nullable=False),
)
"""What changes of each listing that was published before: field → [before, after]."""

STAGING: tuple[Table, ...] = (
    staged_record,
    staged_identity,
    staged_keys,
    staged_listing,
    staged_coverage,
    staged_link,
    staged_mark,
    staged_takeover,
    staged_alias,
    staged_pair,
    staged_change,
)
