"""Lists that curators send from the pages: where each stands, and what a run replaced, so that it can be undone."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from directory.models.tables import one_of
from directory.models.types import Moment, OptionalJson


class UploadState(StrEnum):
    """Where a list stands. A worker moves it out of the states of ``WORKING``, a curator out of the others."""

    EXAMINING = "examining"
    PROPOSED = "proposed"
    """Its columns were understood, or not: a curator says what each is."""
    PLANNING = "planning"
    PLANNED = "planned"
    """What publishing it would do is told."""
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORKING = frozenset({UploadState.EXAMINING, UploadState.PLANNING, UploadState.APPLYING, UploadState.UNDOING})
BEFORE: Mapping[UploadState, UploadState] = {
    UploadState.EXAMINING: UploadState.CANCELLED,
    UploadState.PLANNING: UploadState.PROPOSED,
    UploadState.APPLYING: UploadState.PLANNED,
}
"""Where a list goes back to when its work is stopped. Undoing is not stopped."""


class UploadRow(SQLModel, table=True):
    """One list that was sent; see ``Upload``."""

    __tablename__ = "upload"
    __table_args__ = (one_of("state", UploadState), Index(None, "area", "code", "number"), Index(None, "state"))

    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=40)
    file_name: str = Field(max_length=120)
    nonce: str = Field(max_length=64, unique=True)
    author: str = Field(max_length=254)
    area: str = Field(max_length=20)
    code: str = Field(max_length=120)
    state: str = Field(max_length=20)
    cancelling: bool = False
    done: int = 0
    total: int | None = None
    message: str = Field(default="", max_length=1000)
    proposal: dict[str, Any] = Field(sa_type=JSON)
    mapping: dict[str, Any] = Field(sa_type=JSON)
    report: dict[str, Any] = Field(sa_type=JSON)
    wish: dict[str, Any] = Field(sa_type=JSON)
    run_pk: int | None = None
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)


class ReplacedRow(SQLModel, table=True):
    """What a record was before a run that can be undone: all null of one that the run brought."""

    __tablename__ = "replaced_record"

    run_pk: int = Field(primary_key=True, foreign_key="import_run.pk", ondelete="CASCADE")
    source: str = Field(primary_key=True)
    record_id: str = Field(primary_key=True)
    record: dict[str, Any] | None = Field(default=None, sa_type=OptionalJson)
    raw: dict[str, str] | None = Field(default=None, sa_type=OptionalJson)
    origins: dict[str, list[str]] | None = Field(default=None, sa_type=OptionalJson)
    identities: list[str] | None = Field(default=None, sa_type=OptionalJson)
    missing_reason: str | None = None
    was_run_pk: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A list that a curator sent.

    Attributes:
        name: Whose table it is: begins the ids of its records, so that its next version is known again.
        author: Who sent it, as colleagues read them.
        area: Whose it is (with ``code``): colleagues of the same lycée see it, and nobody else but an administrator.
        cancelling: Somebody asked to stop the work.
        done: Rows read so far.
        total: Of how many, where that is known.
        message: What went wrong, or what else is to be told, in French.
        proposal: What each column is thought to be, with examples.
        mapping: What the curator says each is (``importers.sources.tableur.mapping``).
        report: What publishing it would do, or did, with its doubts.
        wish: What was asked of the reading (``sheet``), or of the undoing.
        run_pk: The run that published it.
    """

    number: int
    name: str
    file_name: str
    author: str
    area: str
    code: str
    state: UploadState
    cancelling: bool
    done: int
    total: int | None
    message: str
    proposal: Mapping[str, Any]
    mapping: Mapping[str, Any]
    report: Mapping[str, Any]
    wish: Mapping[str, Any]
    run_pk: int | None
    created_at: datetime
    changed_at: datetime

    @property
    def stored_as(self) -> str:
        """The name of its file: the same for each version of a list, which is how imports know them (alarms, doubts)."""
        return f"{self.name}{Path(self.file_name).suffix.lower()}"
