"""The desk of curators: what needs a decision, and what was put off."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, SQLModel

from directory.models.types import Moment
from directory.vocabulary import Kind


class Queue(StrEnum):
    """What asks for a decision, in the order in which a morning goes. Values are what addresses of pages say."""

    ANSWERS = "reponses"
    REPORTS = "signalements"
    NEWS = "nouvelles"
    DUPLICATES = "doublons"
    UNDATED = "sans-date"
    LINKS = "liens-morts"
    SILENT = "sans-reponse"
    VANISHED = "disparues"
    UNCHECKED = "a-verifier"
    DOUBTS = "doutes"


CHECKED_WITHIN: dict[Kind, timedelta] = {
    Kind.COMPANY: timedelta(days=180),
    Kind.PARTNER: timedelta(days=365),
    Kind.SCHEME: timedelta(days=365),
}
"""After how long a listing of each kind is to be checked again: what a company offers changes faster than who answers a phone. An
event is over before that."""
PUT_OFF = timedelta(days=30)
"""How long what a curator is unsure of does not come back."""
MOST_SILENT = 3
"""Contacts without an answer, and none accepted, after which a partner is looked at again."""
VANISHED_WITHIN = timedelta(days=60)
"""How long a listing that its sources no longer hold waits for someone to look."""


class DeedKind(StrEnum):
    """What people decide of other things than what a listing says."""

    PAIR = "pair"
    REPORT = "report"
    ANSWER = "answer"
    DOUBT = "doubt"
    CAMPAIGN = "campaign"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One decision of one person.

    Attributes:
        what: The verdict, the resolution, ``accepted`` or ``refused``, the number of a campaign, the name of a list; empty for a
            pair whose judgement was taken back, and for a report.
        listings: Ids of the listings that it is about, as they are called today; one or two, or none.
    """

    kind: DeedKind
    done_at: datetime
    author: str
    what: str
    note: str
    listings: tuple[str, ...]


class PutOffRow(SQLModel, table=True):
    """One thing of a queue that a curator has seen and put off: it comes back at ``until``."""

    __tablename__ = "put_off"

    queue: str = Field(primary_key=True, max_length=20)
    key: str = Field(primary_key=True, max_length=400)
    author: str = Field(max_length=254)
    put_off_at: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
