"""The tables of curation: what people state of listings, and every listing's life."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from directory.models.curation import Topic
from directory.models.tables import one_of
from directory.models.types import Moment


class StatementRow(SQLModel, table=True):
    """A curator's statement; see ``directory.models.curation.Statement``. It is never rewritten: it ends, and another begins."""

    __tablename__ = "statement"
    __table_args__ = (
        one_of("topic", Topic),
        Index(None, "record_pk"),
        Index(None, "ended_at"),
        Index(None, "nonce"),
    )

    number: int | None = Field(default=None, primary_key=True)
    record_pk: int = Field(foreign_key="source_record.pk", ondelete="CASCADE")
    topic: str
    content: dict[str, Any] = Field(sa_type=JSON)
    hidden: dict[str, Any] = Field(sa_type=JSON)
    author: str = Field(max_length=254)
    reason: str = Field(default="", max_length=500)
    nonce: str = Field(default="", max_length=64)
    stated_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_by: str = Field(default="", max_length=254)


class HistoryRow(SQLModel, table=True):
    """What changed of a listing at one moment: field → [before, after]. ``run_pk`` is null when a person did it."""

    __tablename__ = "listing_history"
    __table_args__ = (Index(None, "listing_pk"), Index(None, "author", "number"))

    number: int | None = Field(default=None, primary_key=True)
    listing_pk: int
    changed_at: datetime = Field(sa_type=Moment)
    run_pk: int | None = None
    author: str = Field(default="", max_length=254)
    reason: str = Field(default="", max_length=500)
    changes: dict[str, Any] = Field(sa_type=JSON)
