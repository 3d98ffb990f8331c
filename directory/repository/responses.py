"""What came of contacts with partners: counted, read, taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from directory.errors import ListingNotFound, NothingToUndo
from directory.models.responses import Outcome, ResponseCounts
from directory.repository import tables
from directory.repository.listings import resolve

_count, _listing, _alias = tables.response_count, tables.listing, tables.listing_alias
_COLUMNS = {Outcome.ACCEPTED: _count.c.accepted, Outcome.DECLINED: _count.c.declined, Outcome.SILENT: _count.c.silent}


def version(connection: Connection) -> str:
    """A text that changes whenever a count does; empty while nothing is counted."""
    rows, last = connection.execute(select(func.count(), func.max(_count.c.changed_at))).one()
    return f"{rows} {last}" if rows else ""


def load(connection: Connection) -> list[ResponseCounts]:
    """Every count, under the id that its listing has today; those of listings that are no more under their last one."""
    taken = select(_alias.c.id, _listing.c.id.label("today")).join(_listing, _listing.c.pk == _alias.c.listing_pk).subquery()
    today = func.coalesce(taken.c.today, _count.c.listing_id)
    sums = [func.sum(column).label(column.name) for column in (_count.c.accepted, _count.c.declined, _count.c.silent)]
    asked = (
        select(today.label("listing_id"), _count.c.filiere, *sums)
        .select_from(_count.outerjoin(taken, taken.c.id == _count.c.listing_id))
        .group_by(today, _count.c.filiere)
        .order_by(today, _count.c.filiere)
    )
    return [
        ResponseCounts(listing_id=listing_id, filiere=filiere, accepted=int(yes), declined=int(no), silent=int(silent))
        for listing_id, filiere, yes, no, silent in connection.execute(asked)
    ]


def of_listing(connection: Connection, listing_id: str) -> list[ResponseCounts]:
    """The counts of one listing, by filière.

    Raises:
        ListingNotFound: There is no such listing.
    """
    today = _today(connection, listing_id)
    return [counts for counts in load(connection) if counts.listing_id == today]


def record(connection: Connection, listing_id: str, outcome: Outcome, filiere: str, now: datetime, *, undo: bool) -> None:
    """Count one contact more, or one less.

    Raises:
        ListingNotFound: There is no such listing.
        NothingToUndo: None of this outcome is counted.
    """
    today = _today(connection, listing_id)
    mine = (_count.c.listing_id == today) & (_count.c.filiere == filiere)
    column = _COLUMNS[outcome]
    changed = update(_count).where(mine).values({column: column + (-1 if undo else 1), _count.c.changed_at: now})
    if undo:
        changed = changed.where(column > 0)
    if connection.execute(changed).rowcount:
        return
    if undo:
        raise NothingToUndo(listing_id, outcome)
    none = dict.fromkeys((each.name for each in _COLUMNS.values()), 0)
    connection.execute(insert(_count).values(listing_id=today, filiere=filiere, changed_at=now, **{**none, column.name: 1}))


def _today(connection: Connection, listing_id: str) -> str:
    pk = resolve(connection, [listing_id]).get(listing_id)
    found = connection.scalar(select(_listing.c.id).where(_listing.c.pk == pk)) if pk is not None else None
    if found is None:
        raise ListingNotFound(listing_id)
    return str(found)
