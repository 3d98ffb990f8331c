"""Letters of campaigns: which are due, which may have left, whom each is still for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, insert, or_, select

from directory.accounts import parse_email
from directory.errors import InvalidValue
from directory.models.campaigns import CampaignState, ClaimedLetter, LetterState
from directory.models.published import PublishedListing
from directory.repository import tables
from directory.repository.listings import list_listings
from directory.repository.rows import chunks
from directory.vocabulary import Visibility

REMIND_AFTER = timedelta(days=10)
RETRY_AFTER = timedelta(minutes=30)
MOST_ATTEMPTS = 240
"""A letter that was not taken is given up after five days (RFC 5321, 4.5.4.1)."""
HANDING_OVER = timedelta(minutes=10)
"""After how long a letter that was being handed over is no longer: whoever did it has stopped."""

Held = Callable[[str], Collection[str]]
"""Address of who made a campaign → ids of the listings that they are not to have contacted yet."""
_campaign, _letter, _invitation, _opposition = (
    tables.campaign, tables.campaign_letter, tables.campaign_invitation, tables.mail_opposition,
)  # fmt: skip


def first_address(contacts: Iterable[Mapping[str, str]]) -> str:
    """The address that a listing is written to: public, of nobody by name if there is one; empty when there is none."""
    public = [each for each in contacts if each.get("email") and each.get("visibility", "public") == Visibility.PUBLIC]
    for contact in sorted(public, key=lambda each: bool(each.get("name"))):
        try:
            return parse_email(contact["email"])
        except InvalidValue:
            continue
    return ""


def write_letters(connection: Connection, letters: Sequence[tuple[int, str, str]], *, reminder: bool) -> None:
    """Write letters that wait to leave: campaign, address and its digest of each."""
    rows = [
        {
            "campaign_number": campaign, "email": email, "digest": digest, "reminder": reminder,
            "state": str(LetterState.WAITING), "attempts": 0, "failure": "",
        }
        for campaign, email, digest in letters
    ]  # fmt: skip
    for part in chunks(rows):
        connection.execute(insert(_letter), part)


def stuck(now: datetime) -> ColumnElement[bool]:
    """Condition of the letters that were being handed over when whoever did it stopped."""
    return and_(_letter.c.state == LetterState.SENDING, _letter.c.claimed_at < now - HANDING_OVER)


def reminders(now: datetime) -> Any:
    """The letters that left long enough ago, were not answered whole, and have not had their reminder, the only one."""
    again = _letter.alias("again")
    reminded = exists().where(
        again.c.campaign_number == _letter.c.campaign_number, again.c.email == _letter.c.email, again.c.reminder.is_(True)
    )
    return (
        select(_letter.c.campaign_number, _letter.c.email, _letter.c.digest)
        .join(_campaign, _campaign.c.number == _letter.c.campaign_number)
        .where(
            _letter.c.state == LetterState.SENT,
            _letter.c.reminder.is_(False),
            _letter.c.sent_at <= now - REMIND_AFTER,
            _campaign.c.state == CampaignState.OPEN,
            _campaign.c.ends_at > now,
            ~reminded,
            exists().where(unanswered(_letter.c.campaign_number, _letter.c.email)),
        )
    )


def unanswered(campaign: Any, email: Any) -> ColumnElement[bool]:
    """Condition of the invitations of a letter that nobody answered."""
    return and_(_invitation.c.campaign_number == campaign, _invitation.c.email == email, _invitation.c.answered_at.is_(None))


def due(now: datetime) -> Any:
    """The letters that may leave now, the first to leave first."""
    return (
        select(_letter, _campaign.c.message, _campaign.c.reply_to, _campaign.c.signed, _campaign.c.ends_at)
        .join(_campaign, _campaign.c.number == _letter.c.campaign_number)
        .where(
            _letter.c.state == LetterState.WAITING,
            or_(_letter.c.claimed_at.is_(None), _letter.c.claimed_at <= now - RETRY_AFTER),
            _campaign.c.state == CampaignState.OPEN,
            _campaign.c.ends_at > now,
        )
        .order_by(_letter.c.number)
    )


def take(connection: Connection, row: RowMapping, held: Held) -> ClaimedLetter | None:
    """The letter of a row; None when nobody is to be written to (any more)."""
    if connection.scalar(select(_opposition.c.digest).where(_opposition.c.digest == row["digest"])) is not None:
        return None
    question = select(_invitation.c.number, _invitation.c.listing_id).order_by(_invitation.c.number)
    asked = connection.execute(question.where(unanswered(row["campaign_number"], row["email"]))).all()
    open_ones: dict[int, str] = {}
    waits = held(row["reply_to"]) if asked else ()
    for number, listing_id in asked:
        found = list_listings(connection, [listing_id], Visibility.PUBLIC)
        if found and found[0].closed_at is None and found[0].id not in waits and _gives(found[0], row["email"]):
            open_ones[number] = found[0].record.name
    if not open_ones:
        return None
    return ClaimedLetter(
        number=row["number"],
        email=row["email"],
        digest=row["digest"],
        reminder=row["reminder"],
        message=row["message"],
        reply_to=row["reply_to"],
        signed=row["signed"],
        ends_at=row["ends_at"],
        invitations=open_ones,
    )


def _gives(listing: PublishedListing, email: str) -> bool:
    """Whether a listing still gives an address to everyone: one that was taken away is not written to."""
    given = (contact.email for contact in listing.record.contacts if contact.visibility is Visibility.PUBLIC)
    return any(first_address([{"email": each}]) == email for each in given)


def may_reach() -> ColumnElement[bool]:
    """Condition of the invitations of which a letter left, may have left, or may leave."""
    left = (LetterState.SENDING, LetterState.SENT, LetterState.UNCERTAIN)
    to_leave = and_(_letter.c.state == LetterState.WAITING, _campaign.c.state != CampaignState.STOPPED)
    same = and_(_letter.c.campaign_number == _invitation.c.campaign_number, _letter.c.email == _invitation.c.email)
    return exists().where(same, or_(_letter.c.state.in_(left), to_leave))
