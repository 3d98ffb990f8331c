"""What an import asks the repository to change, and what the repository answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from directory.models.record import ListingRecord, SourcedRecord

CURATION = "curation"
"""The source of what people decide. It outranks every other, whatever their trust."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """What is already kept of one record of a source.

    Attributes:
        digest: ``digest_of`` the record as it is kept.
        missing_since: When its source stopped holding it; None while it does.
    """

    pk: int
    listing_pk: int | None
    digest: str
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A source record that is (or is about to be) kept: what a merge starts from.

    Attributes:
        changed_at: When its content last changed.
    """

    pk: int
    source: str
    record_id: str
    record: ListingRecord
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What one run of one source found.

    ``added`` and ``changed`` may be generators: they are read once, in this order. A record that comes back after it was missing
    belongs to ``changed`` or, when its digest is the same, to ``unchanged``; the repository reopens it either way.

    Attributes:
        run_pk: The run, as ``Repository.start_run`` gave it.
        unchanged: ``record_id`` of the records found again as they are kept.
        missing: ``record_id`` of the records that the source no longer holds.
        trust: Source → trust, for every source whose records may be merged with these; 0 when not told.
    """

    source: str
    run_pk: int
    added: Iterable[SourcedRecord] = ()
    changed: Iterable[SourcedRecord] = ()
    unchanged: Sequence[str] = ()
    missing: Sequence[str] = ()
    trust: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCounts:
    """What a run did, in records of its source.

    Attributes:
        added: Never seen before.
        changed: Known, and different; or back after it was missing.
        unchanged: Known, and the same.
        removed: No longer held by the source (kept, marked as missing).
        merged: Joined a listing that another record had opened, as did its own listing if it had one. Listings are thus
            ``added - merged`` more than before (and one more for each record that no longer says it is the same thing).
        proposed: Pairs that may be one thing, found for the first time: a person is asked.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    merged: int = 0
    proposed: int = 0

    def to_json(self) -> dict[str, int]:
        """The six counts, as the import report gives them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run of one source, as it is listed.

    Attributes:
        status: ``running``, ``done``, ``failed`` or ``interrupted`` (its process died; nothing of it was published).
        inputs: What it read: name, size in bytes, digest … as the run declared them.
        message: French.
    """

    pk: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    inputs: list[dict[str, Any]]
    counts: dict[str, int]
    message: str


def dump_record(record: ListingRecord) -> dict[str, Any]:
    """A record as plain JSON values, without the fields that hold their default: the form that is kept and compared."""
    return record.model_dump(mode="json", exclude_defaults=True)


def digest_of(sourced: SourcedRecord, dumped: Mapping[str, Any] | None = None) -> str:
    """32 hexadecimal characters that change when anything of the record changes, its line excepted.

    Args:
        sourced: The record.
        dumped: What ``dump_record`` gives of it, where that is at hand.
    """
    record = dump_record(sourced.record) if dumped is None else dumped
    content = [record, sourced.raw, sourced.origins, sourced.identities]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
