"""What waits for a curator's decision among the listings themselves; what was put off; how much was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, String, and_, cast, delete, exists, func, insert, or_, select

from directory.database import reading, writing
from directory.models.accounts import Account
from directory.models.desk import CHECKED_WITHIN, PUT_OFF, VANISHED_WITHIN, Deed, Queue
from directory.repository import deeds, judgements, tables
from directory.repository.outgoing import in_departement
from directory.repository.rows import visible_to
from directory.repository.undoing import TAKEN_BACK
from directory.vocabulary import Kind, Visibility

_listing, _put_off, _statement = tables.listing, tables.put_off, tables.statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is asked of a queue of listings.

    Attributes:
        departement: Its code; empty for everywhere.
        now: The clock.
        viewer: What the asker may see.
        held: Listings that are not to be called yet: they wait in no queue that would have them called.
    """

    queue: Queue
    departement: str
    now: datetime
    viewer: Visibility
    held: frozenset[str] = frozenset()


class Desk:
    """The queues of listings, and what is put off.

    Args:
        engine: The directory's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_waiting(self, asked: Waiting, limit: int) -> list[str]:
        """The ids of the listings that wait in a queue, the most pressing first: what was never checked, or so long ago."""
        order = {
            Queue.UNCHECKED: (_listing.c.checked_at.is_not(None), _listing.c.checked_at, _listing.c.pk),
            Queue.UNDATED: (_listing.c.pk,),
            Queue.VANISHED: (_listing.c.closed_at.desc(), _listing.c.pk),
        }[asked.queue]
        question = select(_listing.c.id).where(*_conditions(asked)).order_by(*order).limit(limit)
        with reading(self._engine) as connection:
            return list(connection.scalars(question))

    def count_waiting(self, asked: Waiting) -> int:
        """How many listings wait in a queue."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(_listing).where(*_conditions(asked))) or 0

    def put_off(self, queue: Queue, keys: Sequence[str], author: str, now: datetime) -> None:
        """Put things of a queue off: they come back when ``PUT_OFF`` is over."""
        rows = [
            {"queue": str(queue), "key": key, "author": author[:254], "put_off_at": now, "until": now + PUT_OFF}
            for key in dict.fromkeys(keys)
        ]
        with writing(self._engine) as connection:
            _take(connection, queue, keys)
            # what has come back is no longer kept
            connection.execute(delete(_put_off).where(_put_off.c.until <= now))
            if rows:
                connection.execute(insert(_put_off), rows)

    def take_up(self, queue: Queue, keys: Sequence[str]) -> None:
        """Take things up again that were put off."""
        with writing(self._engine) as connection:
            _take(connection, queue, keys)

    def list_put_off(self, queue: Queue, now: datetime) -> frozenset[str]:
        """What is put off in a queue."""
        asked = select(_put_off.c.key).where(_put_off.c.queue == str(queue), _put_off.c.until > now)
        with reading(self._engine) as connection:
            return frozenset(connection.scalars(asked))

    def list_proposed(self) -> list[tuple[int, int]]:
        """The keys of the two listings of each pair that waits for a judgement."""
        with reading(self._engine) as connection:
            return judgements.proposed_listings(connection)

    def list_deeds(self, viewer: Account, limit: int, author: str = "", before: datetime | None = None) -> list[Deed]:
        """Who decided what of other things than what listings say, the latest first, as far as a viewer may know.

        Args:
            viewer: Who asks.
            limit: At most so many.
            author: Of this person only; empty for everyone.
            before: Only those made before this moment.
        """
        with reading(self._engine) as connection:
            return deeds.list_deeds(connection, viewer, limit, author, before)

    def count_decisions(self, author: str, since: datetime) -> int:
        """How many decisions a person took since a moment: statements, pairs, doubts, reports, things put off."""
        told = (
            (tables.statement.c.author, tables.statement.c.stated_at),
            (tables.judgement.c.decided_by, tables.judgement.c.decided_at),
            (tables.doubt_decision.c.author, tables.doubt_decision.c.decided_at),
            (tables.report.c.closed_by, tables.report.c.closed_at),
            (_put_off.c.author, _put_off.c.put_off_at),
        )
        with reading(self._engine) as connection:
            return sum(connection.scalar(select(func.count()).where(who == author, when >= since)) or 0 for who, when in told)


def _take(connection: Connection, queue: Queue, keys: Sequence[str]) -> None:
    connection.execute(delete(_put_off).where(_put_off.c.queue == str(queue), _put_off.c.key.in_(list(keys))))


def _conditions(asked: Waiting) -> list[ColumnElement[bool]]:
    c, now = _listing.c, asked.now
    put_off = exists().where(_put_off.c.queue == str(asked.queue), _put_off.c.key == c.id, _put_off.c.until > now)
    wanted: list[ColumnElement[bool]] = [c.visibility.in_(visible_to(asked.viewer)), ~put_off]
    if asked.held and asked.queue is Queue.UNCHECKED:
        wanted.append(c.id.not_in(sorted(asked.held)))
    if asked.departement:
        wanted.append(in_departement(asked.departement))
    if asked.queue is Queue.VANISHED:
        by_hand = exists().where(
            tables.source_record.c.listing_pk == c.pk,
            _statement.c.record_pk == tables.source_record.c.pk,
            _statement.c.topic == "fermeture",
            _statement.c.ended_at.is_(None),
        )
        decided = or_(by_hand, c.closed_reason.startswith(TAKEN_BACK, autoescape=True))
        return [*wanted, tables.shown_listing(), c.closed_at > now - VANISHED_WITHIN, ~decided]
    if asked.queue is Queue.UNDATED:
        # JSON is compared as text: both databases write an empty list in the same way
        return [*wanted, tables.open_listing(), c.kind == Kind.EVENT, cast(c.occurrences, String) == "[]"]
    stale = [
        and_(c.kind == kind, or_(c.checked_at.is_(None), c.checked_at < (now - within).date()))
        for kind, within in CHECKED_WITHIN.items()
    ]
    return [*wanted, tables.open_listing(), or_(*stale)]
