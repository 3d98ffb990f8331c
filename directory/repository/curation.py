"""Curation, kept: what people state of listings, what it hides, and each listing's life."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from directory.database import reading
from directory.errors import ListingNotFound
from directory.models.curation import Curation, HistoryEntry, Statement, Topic, TopicState, Values, Wish
from directory.repository import curating, overlay, tables
from directory.repository.listings import resolve
from directory.repository.lock import ImportLock
from directory.repository.rows import visible_to
from directory.vocabulary import Visibility

_WAIT_SECONDS = 5.0
_MOST_LOOKED_AT = 300
_statement, _history, _listing, _run, _record = (
    tables.statement, tables.listing_history, tables.listing, tables.import_run, tables.source_record,
)  # fmt: skip


class CurationDesk:
    """What curators do, and did. Its readers are those who keep the directory: it hides nothing from them.

    Args:
        engine: The directory's database.
        lock: The import lock: what a curator states is not published in the middle of an import.
    """

    def __init__(self, engine: Engine, lock: ImportLock) -> None:
        self._engine, self._lock = engine, lock

    def read_states(self, listing_id: str, trust: Mapping[str, int]) -> dict[Topic, TopicState]:
        """Every topic of a listing: what is published, what its sources say, who states otherwise.

        Raises:
            ListingNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return curating.read_states(connection, listing_id, trust)

    def curate(self, wishes: Sequence[Wish], by: Curation) -> int:
        """State, or take back, all that is wished, or nothing; published at once, and at every next import.

        Returns:
            How many topics changed; 0 for a form that was received before, or where nothing stood to be taken back.

        Raises:
            ListingNotFound: One of the listings is unknown.
            StatementOutdated: Another curator changed a topic since it was seen; nothing is changed.
            DatabaseBusy: An import is under way; nothing is changed.
        """
        self._lock.acquire(_WAIT_SECONDS)
        try:
            return curating.curate(self._engine, wishes, by)
        finally:
            self._lock.release()

    def find_listing(self, identity: str, viewer: Visibility) -> str | None:
        """The id of the listing, open or closed, that a record with this identity makes; None when the viewer sees none."""
        key = tables.record_identity
        question = (
            select(_listing.c.id)
            .join(_record, _record.c.listing_pk == _listing.c.pk)
            .join(key, key.c.source_record_pk == _record.c.pk)
            .where(key.c.identity == identity, _listing.c.visibility.in_(visible_to(viewer)), tables.shown_listing())
            .order_by(_listing.c.closed_at.is_not(None), _listing.c.pk)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.scalar(question)

    def listing_of(self, source: str, record_id: str) -> str | None:
        """The id of the listing that a record makes, alone or with others; None when there is no such record."""
        question = select(_listing.c.id).join(_record, _record.c.listing_pk == _listing.c.pk)
        with reading(self._engine) as connection:
            return connection.scalar(question.where(_record.c.source == source, _record.c.record_id == record_id))

    def list_statements(self, listing_id: str) -> list[Statement]:
        """Every statement about a listing, those that ended too, the latest first.

        Raises:
            ListingNotFound: There is none.
        """
        with reading(self._engine) as connection:
            pk = _find(connection, listing_id)
            members = select(_record.c.pk).where(_record.c.listing_pk == pk)
            question = select(_statement).where(_statement.c.record_pk.in_(members)).order_by(_statement.c.number.desc())
            return [overlay.to_statement(row) for row in connection.execute(question).mappings()]

    def list_curated(self, limit: int, after: int = 0) -> list[str]:
        """The ids of listings of which a statement stands, by the number of their last one, higher than ``after``."""
        number = func.max(_statement.c.number)
        question = (
            select(_listing.c.id)
            .join(_record, _record.c.listing_pk == _listing.c.pk)
            .join(_statement, _statement.c.record_pk == _record.c.pk)
            .where(_statement.c.ended_at.is_(None))
            .group_by(_listing.c.id)
            .having(number > after)
            .order_by(number)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(question))

    def list_news(self, trust: Mapping[str, int]) -> list[str]:
        """The ids of listings of which a source came to say something else than a statement hid, the oldest statement first."""
        return [
            listing_id
            for listing_id in self.list_curated(_MOST_LOOKED_AT)
            if any(state.news for state in self.read_states(listing_id, trust).values())
        ]

    def history(self, listing_id: str, limit: int = 200) -> list[HistoryEntry]:
        """The life of a listing, the latest first.

        Raises:
            ListingNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return _entries(connection, _history.c.listing_pk == _find(connection, listing_id), limit)

    def get_entry(self, listing_id: str, number: int) -> HistoryEntry | None:
        """One moment of a listing's life; None when it is not one of its."""
        with reading(self._engine) as connection:
            same = (_history.c.listing_pk == _find(connection, listing_id)) & (_history.c.number == number)
            return next(iter(_entries(connection, same, 1)), None)

    def values_before(self, entry: HistoryEntry, shown: Values) -> Values:
        """What a topic said before a moment of its listing's life: what is ``shown`` now, each later change taken off it.

        Fields that the moment itself did not change were not always as they are now.
        """
        pk = select(_history.c.listing_pk).where(_history.c.number == entry.number).scalar_subquery()
        since = (_history.c.listing_pk == pk) & (_history.c.number >= entry.number)
        question = select(_history.c.changes).where(since).order_by(_history.c.number.desc())
        values = dict(shown)
        with reading(self._engine) as connection:
            for changes in connection.scalars(question):
                values |= {field: changes[field][0] for field in values if field in changes}
        return values

    def journal(self, limit: int, *, author: str = "", before: int | None = None) -> list[HistoryEntry]:
        """What people did to listings, the latest first.

        Args:
            limit: At most so many.
            author: Of this person only; empty for everyone.
            before: Only entries of a lower number: the last of the page before.
        """
        asked = _history.c.author == author if author else _history.c.author != ""
        if before is not None:
            asked &= _history.c.number < before
        with reading(self._engine) as connection:
            return _entries(connection, asked, limit)


def _find(connection: Connection, listing_id: str) -> int:
    pk = resolve(connection, [listing_id]).get(listing_id)
    if pk is None:
        raise ListingNotFound(listing_id)
    return pk


def _entries(connection: Connection, condition: ColumnElement[bool], limit: int) -> list[HistoryEntry]:
    question = (
        select(_history, _listing.c.id, _listing.c.name, _run.c.source)
        .outerjoin(_listing, _listing.c.pk == _history.c.listing_pk)
        .outerjoin(_run, _run.c.pk == _history.c.run_pk)
        .where(condition)
        .order_by(_history.c.number.desc())
        .limit(limit)
    )
    return [
        HistoryEntry(
            number=row["number"],
            listing_id=row["id"] or "",
            name=row["name"] or "",
            changed_at=row["changed_at"],
            run=row["run_pk"],
            source=row["source"] or "",
            author=row["author"],
            reason=row["reason"],
            changes={field: (values[0], values[1]) for field, values in row["changes"].items()},
        )
        for row in connection.execute(question).mappings()
    ]
