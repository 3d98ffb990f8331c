"""The tables. They keep and do not validate: rows are built from records, in the repository and the test factories only."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from directory.models.types import Moment, OptionalJson
from directory.vocabulary import EventState, Kind, Precision, Visibility

# Every constraint has a name that can be told, so that a migration can change it on any database.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def one_of(column: str, values: type[Any]) -> CheckConstraint:
    """The constraint that a column holds one of these words, or nothing."""
    allowed = ", ".join(f"'{value}'" for value in values)
    # a check is met where the column is NULL
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


class Listing(SQLModel, table=True):
    """A published listing: the merge of its source records (``directory.merging``).

    ``winners`` maps each published field to the ``pk`` of the source record that won it, so that every fact knows its
    source, its original value and its dates. Lists are JSON: they are read whole or through the index, never joined.
    ``batch`` is the run that first wrote it: nobody sees the listings of a batch that ``DirectoryState`` says is hidden.
    """

    __table_args__ = (
        one_of("kind", Kind),
        one_of("visibility", Visibility),
        one_of("event_state", EventState),
        one_of("precision", Precision),
        Index(None, "closed_at", "kind", "batch"),
        Index(None, "structure"),
        Index(None, "revision"),
    )

    pk: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(unique=True, max_length=400)
    kind: str
    category: str
    name: str
    description: str = ""
    visibility: str = Visibility.PUBLIC
    address: str = ""
    code_postal: str | None = None
    code_commune: str | None = None
    code_departement: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: str | None = None
    bassin_label: str = ""
    publics: list[str] = Field(sa_type=JSON)
    age_min: int | None = None
    age_max: int | None = None
    conditions: str = ""
    contacts: list[dict[str, Any]] = Field(sa_type=JSON)
    modes_mobilisation: list[str] = Field(sa_type=JSON)
    mobilisable_par: list[str] = Field(sa_type=JSON)
    mobilisation_details: str = ""
    opening_hours: str = ""
    structure: str | None = None
    thematiques: list[str] = Field(sa_type=JSON)
    types: list[str] = Field(sa_type=JSON)
    frais: str | None = None
    frais_details: str = ""
    modes_accueil: list[str] = Field(sa_type=JSON)
    networks: list[str] = Field(sa_type=JSON)
    pathways: list[str] = Field(sa_type=JSON)
    occupations: list[str] = Field(sa_type=JSON)
    places: int | None = None
    hours_per_week: float | None = None
    weeks: int | None = None
    siret: str | None = None
    uai: str | None = None
    naf: str | None = None
    employees_min: int | None = None
    employees_max: int | None = None
    occurrences: list[dict[str, str]] = Field(sa_type=JSON)
    event_state: str = EventState.OPEN
    registration_url: str = ""
    checked_at: date | None = None
    checked_by: str = ""
    updated_at: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    source_url: str = ""
    demonstration: bool = False
    # kept beside the record's fields
    winners: dict[str, int] = Field(sa_type=JSON)
    first_seen: datetime = Field(sa_type=Moment)
    last_changed: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_reason: str = ""
    revision: int
    batch: int = 0


class ListingCoverage(SQLModel, table=True):
    """A territory that a listing serves. ``code`` is empty for FRANCE and REMOTE."""

    __tablename__ = "listing_coverage"

    listing_pk: int = Field(primary_key=True, foreign_key="listing.pk", ondelete="CASCADE")
    scope: str = Field(primary_key=True)
    code: str = Field(primary_key=True, default="")


class ListingAlias(SQLModel, table=True):
    """The id of a listing that another took over when both were found to be one thing: old links still resolve."""

    __tablename__ = "listing_alias"

    id: str = Field(primary_key=True, max_length=400)
    listing_pk: int = Field(foreign_key="listing.pk", ondelete="CASCADE", index=True)


class ListingGone(SQLModel, table=True):
    """The key of a listing that is no more (another took it over), and the revision that removed it: what indexes must forget."""

    __tablename__ = "listing_gone"

    listing_pk: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int = Field(index=True)


class SourceRecord(SQLModel, table=True):
    """One record of one source, as it came and as it was understood.

    ``digest`` covers the record and its raw form: an unchanged one is not written again (``SourceSeen`` says when it was last
    seen). ``missed_at`` is set by the first run that does not find it, ``missing_since`` when its source no longer holds it: at
    the second, or at once where the source says that it is over (``missing_reason``, French).
    """

    __tablename__ = "source_record"
    __table_args__ = (UniqueConstraint("source", "record_id"),)

    pk: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    record_id: str
    kind: str
    listing_pk: int | None = Field(default=None, foreign_key="listing.pk", index=True)
    digest: str
    raw: dict[str, str] = Field(sa_type=JSON)
    record: dict[str, Any] = Field(sa_type=JSON)
    origins: dict[str, list[str]] = Field(sa_type=JSON)
    identities: list[str] = Field(sa_type=JSON)
    first_seen: datetime = Field(sa_type=Moment)
    last_seen: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)
    missed_at: datetime | None = Field(default=None, sa_type=Moment)
    missing_since: datetime | None = Field(default=None, sa_type=Moment)
    missing_reason: str = ""
    run_pk: int | None = Field(default=None, foreign_key="import_run.pk")


class SourceSeen(SQLModel, table=True):
    """When every record that a source holds was last seen: one row, instead of one for each record found unchanged."""

    __tablename__ = "source_seen"

    source: str = Field(primary_key=True)
    seen_at: datetime = Field(sa_type=Moment)


class RecordIdentity(SQLModel, table=True):
    """A key by which records of several sources are one thing (same UAI, same SIRET)."""

    __tablename__ = "record_identity"

    identity: str = Field(primary_key=True)
    source_record_pk: int = Field(primary_key=True, foreign_key="source_record.pk", ondelete="CASCADE", index=True)


class ImportRun(SQLModel, table=True):
    """One run of one source: what was read, what it did, how it ended. See ``RunSummary``."""

    __tablename__ = "import_run"

    pk: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    status: str = "running"
    inputs: list[dict[str, Any]] = Field(sa_type=JSON)
    counts: dict[str, int] = Field(sa_type=JSON)
    message: str = ""
    fingerprint: str = ""
    revision: int | None = None
    plan: dict[str, Any] = Field(sa_type=JSON)
    profile: dict[str, Any] = Field(sa_type=JSON)
    alarms: list[str] = Field(sa_type=JSON)
    repeats: int | None = None


class DoubtRow(SQLModel, table=True):
    """A doubt, once for all the runs that say it, kept until a person resolves it.

    ``key`` is the same when the same row says the same again (``Doubt.key``), so a doubt stays resolved as long as its row does
    not change. ``standing``: what is published still rests on the row that it is about. ``decision`` is the last one taken
    (``DoubtDecision`` keeps them all); empty while the doubt is open.
    """

    __tablename__ = "doubt"
    __table_args__ = (
        Index("ix_doubt_source_key", "source", "key", unique=True),
        Index("ix_doubt_standing_decision", "standing", "decision"),
    )

    pk: int | None = Field(default=None, primary_key=True)
    run_pk: int = Field(foreign_key="import_run.pk", index=True)
    source: str = Field(index=True)
    record_id: str = ""
    line: int | None = None
    field: str
    value: str
    message: str
    level: str
    raw: dict[str, str] | None = Field(default=None, sa_type=OptionalJson)
    resolved_at: datetime | None = Field(default=None, sa_type=Moment)
    resolution: str = ""
    key: str
    first_run_pk: int
    standing: bool = False
    decision: str = ""
    resolved_by: str = ""


class RunDoubt(SQLModel, table=True):
    """That a run said a doubt, and on which line; ``rank`` is its place among the run's doubts."""

    __tablename__ = "run_doubt"

    run_pk: int = Field(primary_key=True, foreign_key="import_run.pk")
    rank: int = Field(primary_key=True)
    doubt_pk: int = Field(foreign_key="doubt.pk", index=True)
    line: int | None = None


class DoubtDecision(SQLModel, table=True):
    """One decision about a doubt, or its undoing (``reopened``): a journal that nothing rewrites."""

    __tablename__ = "doubt_decision"

    pk: int | None = Field(default=None, primary_key=True)
    doubt_pk: int = Field(foreign_key="doubt.pk", index=True)
    decision: str
    note: str = ""
    author: str = ""
    decided_at: datetime = Field(sa_type=Moment)


class Admission(SQLModel, table=True):
    """A record that a person lets in although its source's rule keeps it out: remembered for every next import."""

    source: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    decided_at: datetime = Field(sa_type=Moment)


class AddressAnswer(SQLModel, table=True):
    """What the geocoding service answered of an address: kept, so that it is asked once. No answer, no row.

    ``state`` is ``found``, ``doubtful`` (the commune's point is kept, and a person told) or ``unknown``.
    """

    __tablename__ = "address_answer"
    __table_args__ = (CheckConstraint("state IN ('found', 'doubtful', 'unknown')", name="state_known"),)

    key: str = Field(primary_key=True, max_length=600)
    state: str
    latitude: float | None = None
    longitude: float | None = None
    precision: str | None = None
    label: str = ""
    reason: str = ""
    asked_at: datetime = Field(sa_type=Moment)


class Bassin(SQLModel, table=True):
    """A bassin d'éducation or district: the académie's own map, loaded from its table."""

    code: str = Field(primary_key=True)
    label: str
    academie: str = ""
    source: str = Field(index=True)
    demonstration: bool = False


class BassinMember(SQLModel, table=True):
    """A commune (INSEE code) or an establishment (UAI) of a bassin. ``scope`` says which."""

    __tablename__ = "bassin_member"

    scope: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    bassin_code: str = Field(primary_key=True, foreign_key="bassin.code", ondelete="CASCADE", index=True)


class Referential(SQLModel, table=True):
    """A referential that was imported. ``version`` rises when anything of it changes."""

    __tablename__ = "referential"

    name: str = Field(primary_key=True)
    source: str
    version: int


class ReferentialEntryRow(SQLModel, table=True):
    """One entry of a referential."""

    __tablename__ = "referential_entry"

    referential: str = Field(primary_key=True, foreign_key="referential.name", ondelete="CASCADE")
    code: str = Field(primary_key=True)
    data: dict[str, Any] = Field(sa_type=JSON)


class RevisionMark(SQLModel, table=True):
    """A random mark of each of the last revisions: two directories that share one were the same until then."""

    __tablename__ = "revision_mark"

    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    mark: str = Field(max_length=32)


class DirectoryState(SQLModel, table=True):
    """One row: the revision of the last committed change, which the index and the catalogue compare with their own.

    ``last_listing_pk`` and ``last_record_pk`` are the highest keys ever given: the key of a listing that was taken over is never
    another's. ``hidden_batch`` is the run that is writing its new listings, which nobody sees yet; -1 when there is none.
    """

    __tablename__ = "directory_state"

    pk: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int = 0
    last_listing_pk: int = 0
    last_record_pk: int = 0
    hidden_batch: int = -1
