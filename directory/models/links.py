"""Web addresses that listings give, and what their last check found."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from directory.models.tables import one_of
from directory.models.types import Moment


class LinkState(StrEnum):
    """What is known of an address."""

    ALIVE = "alive"
    FAILING = "failing"
    """No answer, once: a site may be down for a night. The next check says."""
    DEAD = "dead"
    """The page is no more, or the site did not answer at two checks, a day apart at least."""
    CLOSED = "closed"
    """The site does not let itself be checked (robots.txt, refusals): nothing is known."""


class LinkRow(SQLModel, table=True):
    """The last check of an address. ``digest`` is the SHA-256 of the address: a key of one length for any of them."""

    __tablename__ = "link_check"
    __table_args__ = (one_of("state", LinkState), Index(None, "state"))

    digest: str = Field(primary_key=True, max_length=64)
    url: str
    state: str
    status: int | None = None
    reason: str = Field(default="", max_length=300)
    checked_at: datetime = Field(sa_type=Moment)
    failing_since: datetime | None = Field(default=None, sa_type=Moment)


class LinkHolderRow(SQLModel, table=True):
    """A listing that gave an address when it was checked; that it still does is seen when it is read."""

    __tablename__ = "link_holder"
    __table_args__ = (Index(None, "listing_pk"),)

    digest: str = Field(primary_key=True, foreign_key="link_check.digest", ondelete="CASCADE", max_length=64)
    listing_pk: int = Field(primary_key=True, foreign_key="listing.pk", ondelete="CASCADE")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLink:
    """What a check found.

    Attributes:
        status: The HTTP status; None without an answer.
        reason: Why it is not alive, French; empty for one that is.
        failing_since: When it first failed; None while it is alive or unknown.
    """

    url: str
    state: LinkState
    status: int | None
    reason: str
    checked_at: datetime
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLink:
    """An address to check.

    Attributes:
        listing_pks: The open public listings that give it.
        last: What its last check found; None for the first one.
    """

    url: str
    listing_pks: tuple[int, ...]
    last: CheckedLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLink:
    """A dead address that a listing still gives."""

    listing_pk: int
    listing_id: str
    name: str
    url: str
    reason: str
    since: datetime
    checked_at: datetime
