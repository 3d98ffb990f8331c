"""Column types that every table shares: moments with their time zone, JSON that is null in SQL when it is None."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator

PARIS = ZoneInfo("Europe/Paris")

OptionalJson = JSON(none_as_null=True)
"""JSON whose None is SQL's NULL, not the JSON word ``null``."""


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC and given back in the time of Paris. One without a time zone is refused: nobody knows when it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """A moment as it is kept."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """A moment as it is given."""
        if value is None:
            return None
        # SQLite gives back what it was given without its zone
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(PARIS)
