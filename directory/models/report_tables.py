"""The tables of reports, and of the keys that sign forms."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from directory.models.report import ReportReason
from directory.models.tables import one_of
from directory.models.types import Moment


class ReportRow(SQLModel, table=True):
    """What a visitor says is wrong with a listing. Nothing says who: neither a name nor an address is kept.

    ``listing_id`` is no foreign key: a report outlives the listing that was taken over.
    """

    __tablename__ = "report"
    __table_args__ = (one_of("reason", ReportReason), Index(None, "listing_id"), Index(None, "closed_at", "said_at"))

    number: int | None = Field(default=None, primary_key=True)
    listing_id: str = Field(max_length=400)
    reason: str
    text: str = ""
    nonce: str = Field(unique=True, max_length=64)
    said_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: str = ""
    note: str = ""


class SigningKey(SQLModel, table=True):
    """A key that only this directory's servers know: they sign the forms that they give out."""

    __tablename__ = "signing_key"

    name: str = Field(primary_key=True)
    secret: bytes
