"""The tables as SQLAlchemy Core sees them: bulk reading and writing goes through these, never through objects."""

from __future__ import annotations

from sqlalchemy import Table
from sqlmodel import SQLModel

from directory.models.duplicate_tables import DuplicatePairRow, JudgementRow, RecordKeys
from directory.models.tables import (
    Admission,
    Bassin,
    BassinMember,
    DirectoryState,
    DoubtRow,
    ImportRun,
    Listing,
    ListingAlias,
    ListingCoverage,
    ListingGone,
    RecordIdentity,
    Referential,
    ReferentialEntryRow,
    SourceRecord,
    SourceSeen,
)


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


listing = _table(Listing)
listing_coverage = _table(ListingCoverage)
listing_alias = _table(ListingAlias)
listing_gone = _table(ListingGone)
source_record = _table(SourceRecord)
source_seen = _table(SourceSeen)
record_identity = _table(RecordIdentity)
record_keys = _table(RecordKeys)
duplicate_pair = _table(DuplicatePairRow)
judgement = _table(JudgementRow)
import_run = _table(ImportRun)
doubt = _table(DoubtRow)
admission = _table(Admission)
bassin = _table(Bassin)
bassin_member = _table(BassinMember)
referential = _table(Referential)
referential_entry = _table(ReferentialEntryRow)
directory_state = _table(DirectoryState)
