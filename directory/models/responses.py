"""Outcomes of contacts with partners, counted by listing and filière: who answers, never whom."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from directory.models.types import Moment

FILIERE_LENGTH = 3
"""A filière is a ROME domaine professionnel: the first three characters of its codes (``G16``)."""


class Outcome(StrEnum):
    """What came of one contact. Values are what a person types."""

    ACCEPTED = "accepte"
    DECLINED = "refuse"
    SILENT = "sans-reponse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCounts:
    """What came of the contacts with one listing, for one filière (empty: none was said).

    Attributes:
        listing_id: The listing, or the one that took it over.
        accepted: It said yes.
        declined: It answered, and said no.
        silent: It did not answer.
    """

    listing_id: str
    filiere: str
    accepted: int = 0
    declined: int = 0
    silent: int = 0

    @property
    def contacted(self) -> int:
        """How many contacts are counted."""
        return self.accepted + self.declined + self.silent


class ResponseCountRow(SQLModel, table=True):
    """Contacts with a listing for a filière, counted. No student, no date of a contact, no note: nothing of anyone.

    The listing is named by its id, not its key: it outlives a listing that is closed and comes back, and follows one that
    another took over.
    """

    __tablename__ = "response_count"
    __table_args__ = (CheckConstraint("accepted >= 0 AND declined >= 0 AND silent >= 0", name="never_negative"),)

    listing_id: str = Field(primary_key=True, max_length=400)
    filiere: str = Field(primary_key=True, max_length=FILIERE_LENGTH)
    accepted: int = 0
    declined: int = 0
    silent: int = 0
    changed_at: datetime = Field(sa_type=Moment)
