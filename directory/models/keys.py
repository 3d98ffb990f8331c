"""ApiKey and its table: who may ask the API, for what, from where, how much. No key is kept: only its digest."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint
from sqlmodel import Field, SQLModel

from directory.models.types import Moment


class ApiScope(StrEnum):
    """What a key opens."""

    READING = "lecture"
    """Search, listings, places, vocabulary, sources, changes: what anyone may read, within larger limits."""
    MATCHING = "propositions"
    """Matches and cohorts."""
    EXPORTING = "exports"
    """The whole directory as files."""
    WIDGET = "widget"
    """The search widget within the pages of the key's sites: its name in no request, only the sites."""


class ApiKeyRow(SQLModel, table=True):
    """A key: its public identifier and the SHA-256 digest of its secret (256 random bits, which no dictionary holds)."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("per_minute > 0 AND per_day > 0", name="limits_positive"),)

    id: str = Field(primary_key=True, max_length=24)
    digest: str = Field(max_length=64)
    label: str = Field(max_length=200)
    scopes: list[str] = Field(sa_type=JSON)
    origins: list[str] = Field(sa_type=JSON)
    per_minute: int
    per_day: int
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)
    replaced_by: str = Field(default="", max_length=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is shown and judged.

    Attributes:
        id: Its public part.
        digest: SHA-256 of its secret part, hexadecimal.
        label: Whose it is, as the operator wrote it.
        origins: Sites whose pages may use it (``https://site.example``), compared exactly; empty when it is for servers alone.
        per_minute: Requests a minute.
        per_day: Requests a day.
        last_used_at: When it was last used, to the hour.
        replaced_by: The key that a rotation made for the same use; empty while there is none.
    """

    id: str
    digest: str
    label: str
    scopes: tuple[ApiScope, ...]
    origins: tuple[str, ...]
    per_minute: int
    per_day: int
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    replaced_by: str = ""

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
