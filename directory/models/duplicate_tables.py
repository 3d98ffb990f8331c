"""The tables of « same thing, twice »: the keys under which records meet, the pairs, and what people decided of them."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from directory.models.duplicates import Verdict
from directory.models.tables import one_of
from directory.models.types import Moment


class RecordKeys(SQLModel, table=True):
    """The blocking keys of a record (``Comparer.keys``): numbers of 32 bits, little-endian, one after the other.

    One narrow row for each record, so that all of them are read at once and compared in numpy.
    """

    __tablename__ = "record_keys"

    source_record_pk: int = Field(primary_key=True, foreign_key="source_record.pk", ondelete="CASCADE")
    keys: bytes


class DuplicatePairRow(SQLModel, table=True):
    """Two records that are, or may be, one thing; ``left_pk`` is the smaller.

    ``verdict`` is what comparing them says today (None when only a person spoke), ``judgement`` what a person decided.
    ``apart`` holds the two apart even where others would join them, unless a person joins them; a verdict of ``different``
    is kept only for that.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("left_pk", "right_pk"),
        one_of("verdict", Verdict),
        one_of("judgement", Verdict),
        Index(None, "right_pk"),
        Index(None, "verdict"),
    )

    number: int | None = Field(default=None, primary_key=True)
    left_pk: int = Field(foreign_key="source_record.pk", ondelete="CASCADE")
    right_pk: int = Field(foreign_key="source_record.pk", ondelete="CASCADE")
    verdict: str | None = None
    probability: float | None = None
    reasons: list[str] = Field(sa_type=JSON)
    apart: bool = False
    found_at: datetime = Field(sa_type=Moment)
    judgement: str | None = None
    judged_at: datetime | None = Field(default=None, sa_type=Moment)
    judged_by: str = ""
    note: str = ""


class JudgementRow(SQLModel, table=True):
    """What people decided of a pair, in order; nothing is ever taken out. ``decision`` is None when a decision was taken back."""

    __tablename__ = "judgement"
    __table_args__ = (one_of("decision", Verdict),)

    pk: int | None = Field(default=None, primary_key=True)
    number: int = Field(foreign_key="duplicate_pair.number", ondelete="CASCADE", index=True)
    decision: str | None = None
    decided_at: datetime = Field(sa_type=Moment)
    decided_by: str = ""
    note: str = ""
