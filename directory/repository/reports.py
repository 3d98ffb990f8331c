"""Reports of visitors: what they say is wrong with a listing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from directory.errors import ReportNotFound, TooManyReports
from directory.models.report import KeptReport, Report, ReportReason
from directory.repository import tables

MOST_OPEN = 20
"""Reports of one listing that wait; those who read them know enough."""
MOST_AN_HOUR = 200
"""Reports of all listings in an hour: no one's use of the pages comes near."""

_report = tables.report
_COLUMNS = [column for column in _report.c if column.name != "nonce"]


def keep(connection: Connection, report: Report, now: datetime) -> bool:
    """Keep a report; False when the same form was sent before.

    Raises:
        TooManyReports: Too many wait already.
    """
    if connection.scalar(select(_report.c.number).where(_report.c.nonce == report.nonce)) is not None:
        return False
    waiting = select(func.count()).where(_report.c.listing_id == report.listing_id, _report.c.closed_at.is_(None))
    lately = select(func.count()).where(_report.c.said_at > now - timedelta(hours=1))
    if (connection.scalar(waiting) or 0) >= MOST_OPEN or (connection.scalar(lately) or 0) >= MOST_AN_HOUR:
        raise TooManyReports(report.listing_id)
    row: dict[str, Any] = {
        "listing_id": report.listing_id,
        "reason": str(report.reason),
        "text": report.text,
        "nonce": report.nonce,
        "said_at": now,
        "closed_by": "",
        "note": "",
    }
    connection.execute(insert(_report), [row])
    return True


def find(connection: Connection, limit: int, *, closed: bool) -> list[KeptReport]:
    """The reports that wait, the oldest first; the closed ones too where asked, after them."""
    question = select(*_COLUMNS).order_by(_report.c.closed_at.is_not(None), _report.c.said_at, _report.c.number).limit(limit)
    rows = connection.execute(question if closed else question.where(_report.c.closed_at.is_(None))).mappings()
    return [_to_report(row) for row in rows]


def count_open(connection: Connection) -> int:
    """How many reports wait."""
    return connection.scalar(select(func.count()).where(_report.c.closed_at.is_(None))) or 0


def close(connection: Connection, number: int, now: datetime, *, note: str, author: str) -> KeptReport:
    """Close a report, and erase its text.

    Raises:
        ReportNotFound: There is none of this number.
    """
    same = _report.c.number == number
    connection.execute(update(_report).where(same).values(closed_at=now, note=note, closed_by=author, text=""))
    row = connection.execute(select(*_COLUMNS).where(same)).mappings().one_or_none()
    if row is None:
        raise ReportNotFound(number)
    return _to_report(row)


def _to_report(row: RowMapping) -> KeptReport:
    return KeptReport(**{**row, "reason": ReportReason(row["reason"])})
