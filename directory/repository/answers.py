"""What partners answer to campaigns: what a link opens, once, and what waits for someone to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, insert, select, update

from directory.database import reading, writing
from directory.errors import AnswerNotFound
from directory.models.campaigns import CampaignState, Invitation, PartnerAnswer
from directory.repository import tables

_campaign, _invitation, _answer = tables.campaign, tables.campaign_invitation, tables.campaign_answer


class PartnerAnswers:
    """The answers of partners.

    Args:
        engine: The directory's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find_invitation(self, number: int) -> Invitation | None:
        """What the link of this number opens; None when there is no such invitation (any more)."""
        question = (
            select(
                _invitation.c.number, _invitation.c.listing_id, _invitation.c.answered_at, _campaign.c.ends_at, _campaign.c.state
            )
            .join(_campaign, _campaign.c.number == _invitation.c.campaign_number)
            .where(_invitation.c.number == number)
        )
        with reading(self._engine) as connection:
            row = connection.execute(question).one_or_none()
        if row is None:
            return None
        return Invitation(
            number=row.number,
            listing_id=row.listing_id,
            ends_at=row.ends_at,
            stopped=row.state == CampaignState.STOPPED,
            answered_at=row.answered_at,
        )

    def keep_answer(self, invitation: Invitation, content: Mapping[str, Mapping[str, Any]], remark: str, now: datetime) -> bool:
        """Keep what a partner answers; False when the link has served."""
        row = {
            "invitation_number": invitation.number,
            "listing_id": invitation.listing_id,
            "content": {topic: dict(values) for topic, values in content.items()},
            "remark": remark[:1000],
            "said_at": now,
            "closed_by": "",
        }
        once = and_(_invitation.c.number == invitation.number, _invitation.c.answered_at.is_(None))
        with writing(self._engine) as connection:
            if not connection.execute(update(_invitation).where(once).values(answered_at=now)).rowcount:
                return False
            connection.execute(insert(_answer), [row])
        return True

    def list_answers(self, limit: int = 500) -> list[PartnerAnswer]:
        """The answers that wait to be decided, the oldest first."""
        question = select(_answer).where(_answer.c.closed_at.is_(None)).order_by(_answer.c.said_at, _answer.c.number).limit(limit)
        with reading(self._engine) as connection:
            return [_to_answer(row) for row in connection.execute(question).mappings()]

    def get_answer(self, number: int) -> PartnerAnswer:
        """The answer of this number, while it waits.

        Raises:
            AnswerNotFound: There is none, or it was decided.
        """
        return self._read(number, _answer.c.closed_at.is_(None))

    def get_decided(self, number: int) -> PartnerAnswer:
        """The answer of this number, once somebody decided: what it proposed is erased.

        Raises:
            AnswerNotFound: There is none, or it waits.
        """
        return self._read(number, _answer.c.closed_at.is_not(None))

    def _read(self, number: int, state: ColumnElement[bool]) -> PartnerAnswer:
        question = select(_answer).where(_answer.c.number == number, state)
        with reading(self._engine) as connection:
            row = connection.execute(question).mappings().one_or_none()
        if row is None:
            raise AnswerNotFound(number)
        return _to_answer(row)

    def reopen_answer(self, number: int, content: Mapping[str, Mapping[str, Any]]) -> None:
        """Have an answer wait again, for what of it was published and is taken back."""
        values = {
            "closed_at": None,
            "closed_by": "",
            "accepted": None,
            "content": {name: dict(said) for name, said in content.items()},
        }
        with writing(self._engine) as connection:
            connection.execute(update(_answer).where(_answer.c.number == number).values(values))

    def close_answer(self, number: int, now: datetime, *, author: str, accepted: bool) -> None:
        """Say what was decided of an answer; what it proposed is erased. Nothing, for one that was decided."""
        waiting = and_(_answer.c.number == number, _answer.c.closed_at.is_(None))
        values = {"closed_at": now, "closed_by": author[:254], "accepted": accepted, "content": {}, "remark": ""}
        with writing(self._engine) as connection:
            connection.execute(update(_answer).where(waiting).values(values))


def _to_answer(row: RowMapping) -> PartnerAnswer:
    return PartnerAnswer(**{name: row[name] for name in PartnerAnswer.__dataclass_fields__})
