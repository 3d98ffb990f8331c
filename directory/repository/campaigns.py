"""Campaigns, kept: whom they are about, the letters that leave once, who wants no letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)  # fmt: skip

from directory.database import reading, writing
from directory.errors import CampaignNotFound
from directory.models.campaigns import (
    Aim,
    Campaign,
    CampaignState,
    ClaimedLetter,
    LetterState,
    Reach,
    Recipient,
    TroubledLetter,
)  # fmt: skip
from directory.repository import tables
from directory.repository.letters import (
    MOST_ATTEMPTS,
    Held,
    due,
    first_address,
    may_reach,
    reminders,
    stuck,
    take,
    write_letters,
)  # fmt: skip
from directory.repository.outgoing import in_departement
from directory.vocabulary import Kind, Visibility

ASKED_AGAIN_AFTER = timedelta(days=180)
"""How long nobody is asked about the same listing again, whoever asks."""
MOST_LISTINGS, MOST_OF_ONE = 500, 20
"""Listings of one campaign, and of one letter."""
KEPT = timedelta(days=365)
"""How long a campaign is kept, with its addresses."""

Digest = Callable[[str], str]
_campaign, _letter, _invitation, _opposition = (
    tables.campaign, tables.campaign_letter, tables.campaign_invitation, tables.mail_opposition,
)  # fmt: skip
_listing = tables.listing


class Campaigns:
    """The campaigns of an instance.

    Args:
        engine: The directory's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ------------------------------------------------------------ making

    def reach(self, aim: Aim, digest: Digest, now: datetime, held: Collection[str] = ()) -> Reach:
        """Whom a campaign would reach: public listings not checked for long, by their first public address.

        Args:
            aim: Which listings.
            digest: Digest of an address.
            now: The clock.
            held: Ids of listings that are not to be contacted yet: they count as written to not long ago.
        """
        c = _listing.c
        wanted = (
            tables.open_listing(),
            c.visibility == Visibility.PUBLIC,
            c.kind.in_(aim.kinds),
            in_departement(aim.departement),
            or_(c.checked_at.is_(None), c.checked_at < (now - timedelta(days=aim.days)).date()),
        )
        question = (
            select(c.id, c.name, c.contacts, c.kind, c.occurrences)
            .where(*wanted)
            .order_by(c.checked_at.is_not(None), c.checked_at, c.pk)
        )
        lately = select(_invitation.c.listing_id).join(_campaign, _campaign.c.number == _invitation.c.campaign_number)
        lately = lately.where(_campaign.c.created_at > now - ASKED_AGAIN_AFTER, may_reach())
        with reading(self._engine) as connection:
            rows = connection.execute(question).all()
            asked = set(connection.scalars(lately))
            opposed = set(connection.scalars(select(_opposition.c.digest)))
        found: dict[str, dict[str, str]] = {}
        counts = {"unreachable": 0, "opposed": 0, "recent": 0, "more": 0}
        taken = 0
        for listing_id, name, contacts, kind, sittings in rows:
            if kind == Kind.EVENT and all(datetime.fromisoformat(sitting["end"]) < now for sitting in sittings):
                continue  # it is over, or has no date: nobody is asked about that
            email = first_address(contacts)
            if not email:
                counts["unreachable"] += 1
            elif digest(email) in opposed:
                counts["opposed"] += 1
            elif listing_id in asked or listing_id in held:
                counts["recent"] += 1
            elif taken == MOST_LISTINGS or len(found.get(email, ())) == MOST_OF_ONE:
                counts["more"] += 1
            else:
                found.setdefault(email, {})[listing_id] = name
                taken += 1
        return Reach(recipients=tuple(Recipient(email=email, listings=each) for email, each in found.items()), **counts)

    def prepare(self, aim: Aim, recipients: Sequence[Recipient], said: Mapping[str, str], digest: Digest, now: datetime) -> int:
        """Write a campaign's letters, of which none leaves; returns its number.

        Args:
            aim: Which listings it is about.
            recipients: Whom it is sent to.
            said: ``message``, ``author``, ``reply_to`` and ``signed`` (see ``Campaign``).
            digest: Digest of an address.
            now: The clock.
        """
        row = {
            "state": str(CampaignState.PREPARED),
            "departement": aim.departement,
            "kinds": [str(kind) for kind in aim.kinds],
            "days": aim.days,
            "created_at": now,
            **said,
        }
        with writing(self._engine) as connection:
            number = connection.execute(insert(_campaign).values(row).returning(_campaign.c.number)).scalar_one()
            write_letters(connection, [(number, each.email, digest(each.email)) for each in recipients], reminder=False)
            listed = [
                {"campaign_number": number, "email": each.email, "listing_id": listing_id}
                for each in recipients
                for listing_id in each.listings
            ]
            if listed:
                connection.execute(insert(_invitation), listed)
        return int(number)

    def set_state(self, number: int, state: CampaignState, ends_at: datetime | None = None) -> None:
        """Open a campaign until a moment, or stop it: what has not left yet then stays.

        Raises:
            CampaignNotFound: There is none, or none that can be put into this state.
        """
        before = {
            CampaignState.OPEN: [CampaignState.PREPARED],
            CampaignState.STOPPED: [CampaignState.PREPARED, CampaignState.OPEN],
        }
        values = {"state": str(state)} | ({"ends_at": ends_at} if ends_at else {})
        with writing(self._engine) as connection:
            done = connection.execute(
                update(_campaign).where(_campaign.c.number == number, _campaign.c.state.in_(before[state])).values(values)
            )
            if not done.rowcount:
                raise CampaignNotFound(number)

    def get(self, number: int) -> Campaign:
        """The campaign of this number.

        Raises:
            CampaignNotFound: There is none.
        """
        found = self._list(_campaign.c.number == number)
        if not found:
            raise CampaignNotFound(number)
        return found[0]

    def list_all(self, reply_to: str = "") -> list[Campaign]:
        """Every campaign, the latest first; of one account (its address) where asked."""
        return self._list(_campaign.c.reply_to == reply_to if reply_to else _campaign.c.number > 0)

    def _list(self, condition: ColumnElement[bool]) -> list[Campaign]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(_campaign).where(condition).order_by(_campaign.c.number.desc())).mappings().all()
            numbers = [row["number"] for row in rows]
            letters = _counted(connection, _letter.c.campaign_number, _letter.c.state, numbers)
            asked = _counted(connection, _invitation.c.campaign_number, _invitation.c.answered_at.is_not(None), numbers)
        return [_to_campaign(row, letters.get(row["number"], {}), asked.get(row["number"], {})) for row in rows]

    # ------------------------------------------------------------ sending

    def claim(self, now: datetime, pause: timedelta, held: Held = lambda _: ()) -> ClaimedLetter | None:
        """The next letter, which nobody else will be given; None when none is due, or one left less than ``pause`` ago.

        Letters are claimed one after the other, in one transaction each, whichever process asks: no two of them are given the
        same, and one that was claimed and not noted (a crash) is never given again.

        Args:
            now: The clock.
            pause: The least time between two letters.
            held: Which listings are not to be contacted yet.
        """
        with writing(self._engine) as connection:
            last = connection.scalar(select(func.max(_letter.c.claimed_at)))
            if last is not None and now - last < pause:
                return None
            lost = {"state": str(LetterState.UNCERTAIN), "failure": "Interrompue pendant l’envoi."}
            connection.execute(update(_letter).where(stuck(now)).values(lost))
            write_letters(connection, [(row[0], row[1], row[2]) for row in connection.execute(reminders(now))], reminder=True)
            while (row := connection.execute(due(now).limit(1)).mappings().one_or_none()) is not None:
                claimed = take(connection, row, held)
                values: dict[str, Any] = {"state": str(LetterState.SKIPPED)}
                if claimed is not None:
                    values = {"state": str(LetterState.SENDING), "claimed_at": now, "attempts": row["attempts"] + 1}
                connection.execute(update(_letter).where(_letter.c.number == row["number"]).values(values))
                if claimed is not None:
                    return claimed
        return None

    def has_due(self, now: datetime) -> bool:
        """Whether a letter may leave now, the pause between two apart. Nothing is written."""
        with reading(self._engine) as connection:
            asked = (due(now), reminders(now), select(_letter.c.number).where(stuck(now)))
            return any(connection.execute(question.limit(1)).first() is not None for question in asked)

    def note(self, number: int, state: LetterState, now: datetime, failure: str = "") -> None:
        """Note what became of a claimed letter. One that waits again is given up after ``MOST_ATTEMPTS``."""
        values: dict[str, Any] = {"state": str(state), "failure": failure[:300]}
        if state is LetterState.SENT:
            values["sent_at"] = now
        same = and_(_letter.c.number == number, _letter.c.state == LetterState.SENDING)
        with writing(self._engine) as connection:
            attempts = connection.scalar(select(_letter.c.attempts).where(_letter.c.number == number)) or 0
            if state is LetterState.WAITING and attempts >= MOST_ATTEMPTS:
                values["state"] = str(LetterState.REFUSED)
            connection.execute(update(_letter).where(same).values(values))

    def list_troubled(self, number: int) -> list[TroubledLetter]:
        """The letters of a campaign that did not simply leave, by address: refused, put off, or gone for all that is known."""
        c = _letter.c
        question = (
            select(c.email, c.state, c.failure, c.reminder)
            .where(c.campaign_number == number, c.failure != "", c.state != LetterState.SENT)
            .order_by(c.email, c.reminder)
        )
        names = (
            select(_invitation.c.email, _invitation.c.listing_id, func.coalesce(_listing.c.name, _invitation.c.listing_id))
            .outerjoin(_listing, _listing.c.id == _invitation.c.listing_id)
            .where(_invitation.c.campaign_number == number)
            .order_by(_invitation.c.number)
        )
        listings: dict[str, dict[str, str]] = {}
        with reading(self._engine) as connection:
            rows = connection.execute(question).all()
            for email, listing_id, name in connection.execute(names) if rows else ():
                listings.setdefault(email, {})[listing_id] = name
        return [
            TroubledLetter(
                email=row.email,
                listings=listings.get(row.email, {}),
                state=LetterState(row.state),
                failure=row.failure,
                reminder=row.reminder,
            )
            for row in rows
        ]

    def oppose(self, digest: str, now: datetime) -> None:
        """Keep that an address wants no more letters: none of those that wait leaves."""
        with writing(self._engine) as connection:
            if connection.scalar(select(_opposition.c.digest).where(_opposition.c.digest == digest)) is None:
                connection.execute(insert(_opposition), [{"digest": digest, "opposed_at": now}])
            waiting = and_(_letter.c.digest == digest, _letter.c.state == LetterState.WAITING)
            connection.execute(update(_letter).where(waiting).values(state=str(LetterState.SKIPPED)))

    def forget(self, now: datetime) -> int:
        """Erase the campaigns that are too old, with their addresses and answers; returns how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(_campaign).where(_campaign.c.created_at < now - KEPT)).rowcount)


def _counted(connection: Connection, by: Any, what: Any, numbers: Sequence[int]) -> dict[int, dict[Any, int]]:
    found: dict[int, dict[Any, int]] = {}
    question = select(by, what, func.count()).where(by.in_(numbers)).group_by(by, what)
    for number, value, count in connection.execute(question):
        found.setdefault(number, {})[value] = count
    return found


def _to_campaign(row: RowMapping, letters: Mapping[str, int], asked: Mapping[Any, int]) -> Campaign:
    return Campaign(
        number=row["number"],
        state=CampaignState(row["state"]),
        aim=Aim(departement=row["departement"], kinds=tuple(map(Kind, row["kinds"])), days=row["days"]),
        message=row["message"],
        author=row["author"],
        reply_to=row["reply_to"],
        signed=row["signed"],
        created_at=row["created_at"],
        ends_at=row["ends_at"],
        letters={state: letters.get(state, 0) for state in LetterState},
        invitations=sum(asked.values()),
        answered=sum(count for answered, count in asked.items() if answered),
    )
