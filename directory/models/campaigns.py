"""Campaigns: letters that ask partners whether their listing is right, and what they answer."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from directory.models.tables import one_of
from directory.models.types import Moment
from directory.vocabulary import Kind


class CampaignState(StrEnum):
    """Where a campaign stands."""

    PREPARED = "prepared"
    """Its letters are written and none leaves."""
    OPEN = "open"
    STOPPED = "stopped"


class LetterState(StrEnum):
    """Where a letter stands. It leaves once at most: one that may have left is never sent again by the program."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """The program or the server stopped while it was being handed over."""
    REFUSED = "refused"
    SKIPPED = "skipped"
    """Nobody is to be written to (any more): opposition, answered already, listing gone."""


class CampaignRow(SQLModel, table=True):
    """A campaign. Links open until ``ends_at``, which is set when it is opened."""

    __tablename__ = "campaign"
    __table_args__ = (one_of("state", CampaignState),)

    number: int | None = Field(default=None, primary_key=True)
    state: str
    departement: str = Field(max_length=3)
    kinds: list[str] = Field(sa_type=JSON)
    days: int
    message: str = Field(default="", max_length=1000)
    author: str = Field(max_length=254)
    reply_to: str = Field(max_length=254)
    signed: str = Field(max_length=300)
    created_at: datetime = Field(sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)


class LetterRow(SQLModel, table=True):
    """One letter to one address about one or several listings, or its reminder. ``digest`` is that of the address."""

    __tablename__ = "campaign_letter"
    __table_args__ = (
        one_of("state", LetterState),
        UniqueConstraint("campaign_number", "email", "reminder"),
        Index(None, "state"),
        Index(None, "digest"),
    )

    number: int | None = Field(default=None, primary_key=True)
    campaign_number: int = Field(foreign_key="campaign.number", ondelete="CASCADE")
    email: str = Field(max_length=254)
    digest: str = Field(max_length=64)
    reminder: bool = False
    state: str
    attempts: int = 0
    claimed_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    failure: str = Field(default="", max_length=300)


class InvitationRow(SQLModel, table=True):
    """One listing of a letter: what a link opens, once. ``listing_id`` is no foreign key: another may take the listing over."""

    __tablename__ = "campaign_invitation"
    __table_args__ = (Index(None, "campaign_number", "email"), Index(None, "listing_id"))

    number: int | None = Field(default=None, primary_key=True)
    campaign_number: int = Field(foreign_key="campaign.number", ondelete="CASCADE")
    email: str = Field(max_length=254)
    listing_id: str = Field(max_length=400)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)


class AnswerRow(SQLModel, table=True):
    """What a partner answers: ``content`` is topic → values that it proposes, emptied once somebody decided."""

    __tablename__ = "campaign_answer"
    __table_args__ = (UniqueConstraint("invitation_number"), Index(None, "closed_at"))

    number: int | None = Field(default=None, primary_key=True)
    invitation_number: int = Field(foreign_key="campaign_invitation.number", ondelete="CASCADE")
    listing_id: str = Field(max_length=400)
    content: dict[str, Any] = Field(sa_type=JSON)
    remark: str = Field(default="", max_length=1000)
    said_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: str = Field(default="", max_length=254)
    accepted: bool | None = None


class OppositionRow(SQLModel, table=True):
    """Someone who asked for no more letters: the keyed digest of the address, not the address."""

    __tablename__ = "mail_opposition"

    digest: str = Field(primary_key=True, max_length=64)
    opposed_at: datetime = Field(sa_type=Moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """Which listings a campaign is about.

    Attributes:
        departement: Its code.
        kinds: Of these kinds.
        days: Not checked by anyone for so many days, or never.
    """

    departement: str
    kinds: tuple[Kind, ...]
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An address and the listings that it would be asked about: id → name."""

    email: str
    listings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a campaign would reach, and why it would not reach the others.

    Attributes:
        recipients: The letters there would be.
        unreachable: Listings without a public address that can be written to.
        opposed: Listings whose address asked for no more letters.
        recent: Listings that were written to not long ago.
        more: Listings beyond what one campaign takes.
    """

    recipients: tuple[Recipient, ...]
    unreachable: int
    opposed: int
    recent: int
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign as people see it.

    Attributes:
        author: The account that made it, as colleagues read it.
        reply_to: Where answers to its letters go.
        signed: Who it says that it comes from.
        letters: How many letters are in each state, reminders included.
        invitations: How many listings it is about.
        answered: How many of them were answered about.
    """

    number: int
    state: CampaignState
    aim: Aim
    message: str
    author: str
    reply_to: str
    signed: str
    created_at: datetime
    ends_at: datetime | None
    letters: Mapping[LetterState, int]
    invitations: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubledLetter:
    """A letter that did not simply leave.

    Attributes:
        listings: What it is about: id → name.
        failure: What the server answered, in French.
    """

    email: str
    listings: Mapping[str, str]
    state: LetterState
    failure: str
    reminder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLetter:
    """A letter that is about to leave: whoever claimed it is the only one to send it.

    Attributes:
        digest: Of the address, for the link that stops letters.
        invitations: Number of each invitation that is not answered → name of its listing.
    """

    number: int
    email: str
    digest: str
    reminder: bool
    message: str
    reply_to: str
    signed: str
    ends_at: datetime
    invitations: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a link opens.

    Attributes:
        ends_at: When it stops opening; None for a campaign that was never opened.
        stopped: Whether its campaign was stopped.
    """

    number: int
    listing_id: str
    ends_at: datetime | None
    stopped: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAnswer:
    """What a partner answered.

    Attributes:
        content: Topic → the values proposed; empty for « all is right », and once it is closed.
        accepted: What was decided; None while it waits.
    """

    number: int
    listing_id: str
    content: Mapping[str, Mapping[str, Any]]
    remark: str
    said_at: datetime
    closed_at: datetime | None
    closed_by: str
    accepted: bool | None
