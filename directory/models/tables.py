"""The tables. They keep and do not validate: rows are built from records, in the repository and the test factories only."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from directory.vocabulary import EventState, Kind, Precision, Visibility


def _in(column: str, values: type[Any]) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


class Listing(SQLModel, table=True):
    """A published listing: the merge of its source records (``directory.merging``).

    ``winners`` maps each published field to the ``pk`` of the source record that won it, so that every fact knows its
    source, its original value and its dates. Lists are JSON: they are read whole or through the index, never joined.
    """

    __table_args__ = (
        _in("kind", Kind),
        _in("visibility", Visibility),
        _in("event_state", EventState),
        CheckConstraint(f"precision IS NULL OR precision IN ({', '.join(repr(str(p)) for p in Precision)})"),
        Index("ix_listing_revision", "revision"),
    )

    pk: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True, index=True, max_length=400)
    kind: str = Field(index=True)
    category: str = Field(index=True)
    name: str
    description: str = ""
    visibility: str = Visibility.PUBLIC
    address: str = ""
    code_postal: str | None = None
    code_commune: str | None = Field(default=None, index=True)
    code_departement: str | None = Field(default=None, index=True)
    latitude: float | None = None
    longitude: float | None = None
    precision: str | None = None
    bassin_label: str = ""
    publics: list[str] = Field(sa_column=Column(JSON, nullable=False))
    age_min: int | None = None
    age_max: int | None = None
    conditions: str = ""
    contacts: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    modes_mobilisation: list[str] = Field(sa_column=Column(JSON, nullable=False))
    opening_hours: str = ""
    thematiques: list[str] = Field(sa_column=Column(JSON, nullable=False))
    types: list[str] = Field(sa_column=Column(JSON, nullable=False))
    frais: str | None = None
    frais_details: str = ""
    modes_accueil: list[str] = Field(sa_column=Column(JSON, nullable=False))
    networks: list[str] = Field(sa_column=Column(JSON, nullable=False))
    pathways: list[str] = Field(sa_column=Column(JSON, nullable=False))
    occupations: list[str] = Field(sa_column=Column(JSON, nullable=False))
    places: int | None = None
    siret: str | None = Field(default=None, index=True)
    uai: str | None = Field(default=None, index=True)
    naf: str | None = None
    occurrences: list[dict[str, str]] = Field(sa_column=Column(JSON, nullable=False))
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
    winners: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    first_seen: datetime
    last_changed: datetime
    closed_at: datetime | None = None
    closed_reason: str = ""
    revision: int


class ListingCoverage(SQLModel, table=True):
    """A territory that a listing serves. ``code`` is empty for FRANCE and REMOTE."""

    __tablename__ = "listing_coverage"
    __table_args__ = (Index("ix_coverage_territory", "scope", "code"),)

    listing_pk: int = Field(primary_key=True, foreign_key="listing.pk", ondelete="CASCADE")
    scope: str = Field(primary_key=True)
    code: str = Field(primary_key=True, default="")


class SourceRecord(SQLModel, table=True):
    """One record of one source, as it came and as it was understood.

    ``digest`` covers the record and its raw form: an unchanged one is not written again. ``missing_since`` is set when its source
    no longer holds it.
    """

    __tablename__ = "source_record"
    __table_args__ = (UniqueConstraint("source", "record_id"),)

    pk: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    record_id: str
    listing_pk: int | None = Field(default=None, foreign_key="listing.pk", index=True)
    digest: str
    raw: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    origins: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    identities: list[str] = Field(sa_column=Column(JSON, nullable=False))
    first_seen: datetime
    last_seen: datetime
    changed_at: datetime
    missing_since: datetime | None = None
    run_pk: int | None = Field(default=None, foreign_key="import_run.pk")


class RecordIdentity(SQLModel, table=True):
    """A key by which records of several sources are one thing (same UAI, same SIRET)."""

    __tablename__ = "record_identity"

    identity: str = Field(primary_key=True)
    source_record_pk: int = Field(primary_key=True, foreign_key="source_record.pk", ondelete="CASCADE", index=True)


class ImportRun(SQLModel, table=True):
    """One run of one source: what was read, what it did, how it ended."""

    __tablename__ = "import_run"

    pk: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started_at: datetime
    finished_at: datetime | None = None
    status: str = "running"
    inputs: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    counts: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    message: str = ""


class DoubtRow(SQLModel, table=True):
    """A doubt of a run, kept until a person resolves it."""

    __tablename__ = "doubt"

    pk: int | None = Field(default=None, primary_key=True)
    run_pk: int = Field(foreign_key="import_run.pk", index=True)
    source: str = Field(index=True)
    record_id: str = ""
    line: int | None = None
    field: str
    value: str
    message: str
    level: str
    raw: dict[str, str] | None = Field(default=None, sa_column=Column(JSON))
    resolved_at: datetime | None = None
    resolution: str = ""


class Bassin(SQLModel, table=True):
    """A bassin d'éducation or district: the académie's own map, loaded from its table."""

    code: str = Field(primary_key=True)
    label: str
    academie: str = ""
    source: str
    demonstration: bool = False


class BassinMember(SQLModel, table=True):
    """A commune (INSEE code) or an establishment (UAI) of a bassin. ``scope`` says which."""

    __tablename__ = "bassin_member"

    scope: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    bassin_code: str = Field(primary_key=True, foreign_key="bassin.code", ondelete="CASCADE", index=True)


class DirectoryState(SQLModel, table=True):
    """One row: the revision of the last committed change, which the index and the catalogue compare with their own."""

    __tablename__ = "directory_state"

    pk: int = Field(default=1, primary_key=True)
    revision: int = 0
