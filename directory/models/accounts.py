"""Accounts and their sessions: who may do what, for which lycée, bassin or académie. Of a password, only its argon2 digest."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from directory.models.tables import one_of
from directory.models.types import Moment


class Role(StrEnum):
    """What an account is for. Values are what an operator types."""

    REFERENT = "referent"
    """Follows students of one lycée: the only role that sees dossiers."""
    BUREAU = "bureau"
    """Bureau des entreprises of a lycée or of a bassin."""
    ACADEMIE = "academie"
    """Services of an académie or of a bassin: counts, never a dossier."""
    ADMINISTRATOR = "administrateur"
    """Keeps the instance: accounts and the directory, never a dossier."""


class Area(StrEnum):
    """What an account's scope is made of."""

    LYCEE = "lycee"
    BASSIN = "bassin"
    ACADEMIE = "academie"
    EVERYTHING = "tout"


ROLE_LABELS = {
    Role.REFERENT: "référent",
    Role.BUREAU: "bureau des entreprises",
    Role.ACADEMIE: "académie",
    Role.ADMINISTRATOR: "administrateur",
}
AREAS: dict[Role, tuple[Area, ...]] = {
    Role.REFERENT: (Area.LYCEE,),
    Role.BUREAU: (Area.LYCEE, Area.BASSIN),
    Role.ACADEMIE: (Area.ACADEMIE, Area.BASSIN),
    Role.ADMINISTRATOR: (Area.EVERYTHING,),
}
"""The scopes that each role may have."""
CURATORS = (Role.BUREAU, Role.ADMINISTRATOR)
"""Who keeps the directory true."""


class AccountRow(SQLModel, table=True):
    """An account. ``version`` rises when its password, role or state changes: older sessions and links then open nothing."""

    __tablename__ = "account"
    __table_args__ = (one_of("role", Role), one_of("area", Area), UniqueConstraint("issuer", "subject"))

    id: str = Field(primary_key=True, max_length=24)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(default="", max_length=100)
    role: str
    area: str
    code: str = Field(default="", max_length=100)
    password: str = Field(default="", max_length=200)
    issuer: str | None = Field(default=None, max_length=500)
    subject: str | None = Field(default=None, max_length=255)
    version: int = 0
    created_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)


class AccountSessionRow(SQLModel, table=True):
    """A session: the SHA-256 digest of the secret that one browser holds, its account, its two ends. No address, no browser."""

    __tablename__ = "account_session"
    __table_args__ = (Index(None, "account_id"), Index(None, "seen_at"))

    digest: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", ondelete="CASCADE", max_length=24)
    version: int
    opened_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as pages and commands see it.

    Attributes:
        id: Its own, which never changes.
        email: How one signs in, in lower case.
        name: What colleagues read; empty when none was given.
        code: UAI of the lycée, code of the bassin, name of the académie; empty for everything.
        has_password: Whether one signs in here with a password.
        issuer: The OpenID Connect provider that knows this person; None when there is none.
        last_used_at: When its last session was opened, to the day.
    """

    id: str
    email: str
    name: str
    role: Role
    area: Area
    code: str
    has_password: bool
    issuer: str | None
    subject: str | None
    version: int
    created_at: datetime
    disabled_at: datetime | None
    last_used_at: datetime | None

    @property
    def label(self) -> str:
        """What colleagues read of this account."""
        return self.name or self.email
