"""What an import asks the repository to change, and what the repository answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from directory.models.doubt import Doubt
from directory.models.prepared import PreparedRecord
from directory.models.published import BassinRecord, ReferentialEntry
from directory.models.record import ListingRecord, SourcedRecord

CURATION = "curation"
"""The source of what people decide. It outranks every other, whatever their trust."""

ADDED = "ajouts"
"""The source of the listings that curators add."""
ADDED_TRUST = 90
"""Its rank among sources: who met the company knows better than a register, a register of the State knows better still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """What is already kept of one record of a source.

    Attributes:
        digest: ``digest_of`` the record as it is kept.
        missed_at: When a run did not find it for the first time; None when the last one did. It is still published.
        missing_since: When its source stopped holding it (a second miss, or it said so); None while it does.
    """

    pk: int
    listing_pk: int | None
    digest: str
    missed_at: datetime | None = None
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
        missed: ``record_id`` of the records that this run is the first not to find: they stay published.
        missing: ``record_id`` of the records that the source no longer holds: they are no longer published.
        reasons: Why, in French, for those of ``missing`` whose source says it; the others are merely absent.
        forgotten: ``record_id`` of the records of which nothing may be kept: what they stated goes for good.
        bassins: The bassins that the source states. They replace what it said of their académies.
        entries: Entries of referentials; they replace the referentials that they name, whole.
        doubts: What could not be understood, in the order met.
        whole: Whether the run holds all of its source, so that doubts of earlier runs no longer stand.
        trust: Source → trust, for every source whose records may be merged with these; 0 when not told.
        undoes: The run that this one undoes: what it brings back bears again the number of the run that had written it.
    """

    source: str
    run_pk: int
    added: Iterable[SourcedRecord | PreparedRecord] = ()
    changed: Iterable[SourcedRecord | PreparedRecord] = ()
    unchanged: Sequence[str] = ()
    missed: Sequence[str] = ()
    missing: Sequence[str] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    forgotten: Sequence[str] = ()
    bassins: Sequence[BassinRecord] = ()
    entries: Sequence[ReferentialEntry] = ()
    doubts: Sequence[Doubt] = ()
    whole: bool = True
    trust: Mapping[str, int]
    undoes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A record that joins a listing which another opens or has opened. Both as ``source:record_id``."""

    record: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedCounts:
    """What a run did, in records of its source.

    Attributes:
        added: Never seen before.
        changed: Known, and different; or back after it was missing.
        unchanged: Known, and the same.
        missed: Not found for the first time (still published).
        removed: No longer held by the source (kept, marked as missing).
        merged: Joined a listing that another record had opened, as did its own listing if it had one. Listings are thus
            ``added - merged`` more than before (and one more for each record that no longer says it is the same thing).
        proposed: Pairs that may be one thing, found for the first time: a person is asked.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missed: int = 0
    removed: int = 0
    merged: int = 0
    proposed: int = 0

    def to_json(self) -> dict[str, int]:
        """The counts, as the import report gives them."""
        return asdict(self)

    def __add__(self, other: AppliedCounts) -> AppliedCounts:
        """Both together."""
        return AppliedCounts(**{name: value + getattr(other, name) for name, value in asdict(self).items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What applying a ChangeSet does, or would do.

    Attributes:
        merges: The records that join another's listing, in the order of the listings.
    """

    records: AppliedCounts = AppliedCounts()
    bassins: AppliedCounts = AppliedCounts()
    entries: AppliedCounts = AppliedCounts()
    merges: tuple[Merge, ...] = ()

    @property
    def counts(self) -> AppliedCounts:
        """Of the records, the bassins and the entries together."""
        return self.records + self.bassins + self.entries


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run of one source, as it is listed.

    Attributes:
        status: ``running``, ``done``, ``failed`` or ``interrupted`` (its process died; nothing of it was published).
        inputs: What it read: name, size in bytes, digest … as the run declared them.
        message: French.
        fingerprint: What it read and how, as one digest: a run with the same one finds the same thing.
        revision: The directory's revision when it ended.
        plan: What it changed, in counts and examples (``importers.plan``).
        profile: What its source looked like: rows read, share of records that fill each field, share of doubts.
        alarms: What of that is unlike the runs before it, in French.
        repeats: The run of which this one found the files unchanged; None when they were read.
    """

    pk: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    inputs: list[dict[str, Any]]
    counts: dict[str, int]
    message: str
    fingerprint: str = ""
    revision: int | None = None
    plan: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    repeats: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """What is kept of a run beside its counts. See ``RunSummary``."""

    fingerprint: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    alarms: Sequence[str] = ()
    repeats: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """One record of one source as it is kept, with what it gives to its listing.

    Attributes:
        raw: Header → text, as published.
        fields: Fields of the listing that this record won → the headers that each was read from.
        changed_at: When its content last changed, which run ``run`` did.
        missed_at: When a run first did not find it, while its source may still hold it.
        missing_since: When its source stopped holding it, for ``missing_reason``.
    """

    source: str
    record_id: str
    raw: dict[str, str]
    fields: dict[str, list[str]]
    first_seen: datetime
    last_seen: datetime
    changed_at: datetime
    missed_at: datetime | None
    missing_since: datetime | None
    missing_reason: str
    run: int | None
