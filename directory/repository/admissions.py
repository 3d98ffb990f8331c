"""What a source's rule keeps out, and what a person lets in all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, select

from directory.models.doubt import DoubtLevel
from directory.repository import tables

_doubt, _admission = tables.doubt, tables.admission


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A record that was kept out, as it was last seen.

    Attributes:
        value: What it is (an event's title).
        reason: French: why it is kept out.
        raw: The record as it was published.
        admitted: Whether a person has let it in since: the next import of its source publishes it.
    """

    source: str
    record_id: str
    value: str
    reason: str
    raw: dict[str, str]
    admitted: bool


def kept_out(connection: Connection, source: str, record_ids: Sequence[str] | None = None) -> list[KeptOut]:
    """The records of a source that its rule kept out, each as it was last seen, the latest first."""
    where = [_doubt.c.source == source, _doubt.c.level == str(DoubtLevel.ASIDE)]
    if record_ids is not None:
        where.append(_doubt.c.record_id.in_(list(record_ids)))
    last = select(func.max(_doubt.c.pk)).where(*where).group_by(_doubt.c.record_id)
    same = and_(_admission.c.source == _doubt.c.source, _admission.c.record_id == _doubt.c.record_id)
    columns = (_doubt.c.source, _doubt.c.record_id, _doubt.c.value, _doubt.c.message, _doubt.c.raw, _admission.c.decided_at)
    asked = (
        select(*columns).select_from(_doubt.outerjoin(_admission, same)).where(_doubt.c.pk.in_(last)).order_by(_doubt.c.pk.desc())
    )
    return [KeptOut(*row[:4], row[4] or {}, row[5] is not None) for row in connection.execute(asked)]


def admitted(connection: Connection, source: str) -> frozenset[str]:
    """The records of a source that a person let in."""
    return frozenset(connection.scalars(select(_admission.c.record_id).where(_admission.c.source == source)))


def admit(connection: Connection, source: str, record_ids: Sequence[str], now: datetime) -> int:
    """Let records in, from the next import on; returns how many were not yet."""
    wanted = sorted(set(record_ids) - admitted(connection, source))
    if wanted:
        connection.execute(insert(_admission), [{"source": source, "record_id": one, "decided_at": now} for one in wanted])
    return len(wanted)


def withdraw(connection: Connection, source: str, record_ids: Sequence[str]) -> int:
    """Take back what ``admit`` decided; returns how many there were."""
    taken = delete(_admission).where(_admission.c.source == source, _admission.c.record_id.in_(list(record_ids)))
    return connection.execute(taken).rowcount
