"""Accounts and sessions, kept."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, func, insert, or_, select, update

from directory.accounts import AccountExists, AccountNeeded, AccountNotFound, digest_password, same_password
from directory.database import forgetting, reading, writing
from directory.errors import DatabaseBusy
from directory.models.accounts import Account, Area, Role
from directory.repository import tables

IDLE = timedelta(minutes=30)
"""A session that asks nothing for so long is over: computers are shared."""
LONGEST = timedelta(hours=10)
"""A session is over after so long, whatever it asks."""
_NOTED_EVERY = timedelta(minutes=1)

_account, _session = tables.account, tables.account_session


class Accounts:
    """The accounts of a directory and their sessions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_all(self) -> list[Account]:
        """Every account, by address."""
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(select(_account).order_by(_account.c.email)).mappings()]

    def list_of(self, role: Role, area: Area, code: str) -> list[Account]:
        """The open accounts of a role for a scope, by address."""
        mine = (_account.c.role == role) & (_account.c.area == area) & (_account.c.code == code)
        asked = select(_account).where(mine, _account.c.disabled_at.is_(None)).order_by(_account.c.email)
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(asked).mappings()]

    def find(self, account_id: str) -> Account | None:
        """The account of this id, None when there is none."""
        with reading(self._engine) as connection:
            return _find(connection, _account.c.id == account_id)

    def find_by_email(self, email: str) -> Account | None:
        """The account of this address, None when there is none."""
        with reading(self._engine) as connection:
            return _find(connection, _account.c.email == email)

    def get_by_email(self, email: str) -> Account:
        """The account of this address.

        Raises:
            AccountNotFound: There is none.
        """
        found = self.find_by_email(email)
        if found is None:
            raise AccountNotFound(email)
        return found

    def find_by_identity(self, issuer: str, subject: str) -> Account | None:
        """The account of a person whom a provider knows, None when there is none."""
        with reading(self._engine) as connection:
            return _find(connection, (_account.c.issuer == issuer) & (_account.c.subject == subject))

    def add(self, email: str, role: Role, scope: tuple[Area, str], now: datetime, *, name: str = "") -> Account:
        """Keep a new account, without a password.

        Raises:
            AccountExists: There is one of this address.
        """
        row = {
            "id": secrets.token_hex(8),
            "email": email,
            "name": name,
            "role": str(role),
            "area": str(scope[0]),
            "code": scope[1],
            "password": "",
            "version": 0,
            "created_at": now,
        }
        with writing(self._engine) as connection:
            if _find(connection, _account.c.email == email):
                raise AccountExists(email)
            connection.execute(insert(_account), [row])
        return self.get_by_email(email)

    def change(self, account: Account, **values: Any) -> Account:
        """Write columns of an account; what was open with it before closes."""
        with writing(self._engine) as connection:
            _change(connection, account.id, values)
        return self.get_by_email(account.email)

    def set_password(self, account: Account, password: str) -> bool:
        """Keep the digest of a new password; False when another was chosen meanwhile, by the same link."""
        digest = digest_password(password)  # slow: before the transaction
        with writing(self._engine) as connection:
            now = _find(connection, _account.c.id == account.id)
            if now is None or now.version != account.version or now.disabled_at is not None:
                return False
            _change(connection, account.id, {"password": digest})
        return True

    def join(self, account: Account, issuer: str, subject: str) -> Account:
        """Say which person of a provider an account is.

        Raises:
            AccountExists: Another account is this person.
        """
        with writing(self._engine) as connection:
            if _find(connection, (_account.c.issuer == issuer) & (_account.c.subject == subject)):
                raise AccountExists(account.email)
            _change(connection, account.id, {"issuer": issuer, "subject": subject})
        return self.get_by_email(account.email)

    def remove(self, account: Account) -> None:
        """Erase an account and its sessions, for good. The journal keeps its id alone, which says nothing any more.

        Raises:
            AccountNeeded: It follows students.
        """
        with forgetting(self._engine) as connection:
            followed = select(func.count()).select_from(tables.dossier).where(tables.dossier.c.referent == account.id)
            number = connection.scalar(followed) or 0
            if number:
                raise AccountNeeded(account.email, number)
            connection.execute(delete(_session).where(_session.c.account_id == account.id))
            connection.execute(delete(_account).where(_account.c.id == account.id))

    def close_idle(self, since: datetime, now: datetime) -> int:
        """Close the accounts that nobody has used since a moment; returns how many."""
        idle = func.coalesce(_account.c.last_used_at, _account.c.created_at) < since
        asked = select(_account.c.id).where(idle, _account.c.disabled_at.is_(None))
        with reading(self._engine) as connection:
            if connection.execute(asked.limit(1)).first() is None:
                return 0
        with writing(self._engine) as connection:
            ids = connection.scalars(asked).all()
            for account_id in ids:
                _change(connection, account_id, {"disabled_at": now})
        return len(ids)

    def check(self, email: str, password: str) -> Account | None:
        """The open account of an address and a password; None for any other, after as long."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_account).where(_account.c.email == email)).mappings().one_or_none()
        right = same_password(row["password"] if row else "", password)
        return _read(row) if row and right and row["disabled_at"] is None else None

    # ------------------------------------------------------------ sessions

    def open_session(self, account: Account, now: datetime) -> str:
        """Open a session; returns the secret that its browser holds. Those that are over are forgotten."""
        secret = secrets.token_urlsafe(32)
        row = {"digest": _digest(secret), "account_id": account.id, "version": account.version, "opened_at": now, "seen_at": now}
        over = or_(_session.c.seen_at <= now - IDLE, _session.c.opened_at <= now - LONGEST)
        with writing(self._engine) as connection:
            connection.execute(delete(_session).where(over))
            connection.execute(insert(_session), [row])
            day = now.replace(hour=0, minute=0, second=0, microsecond=0)
            connection.execute(update(_account).where(_account.c.id == account.id).values(last_used_at=day))
        return secret

    def find_session(self, secret: str, now: datetime) -> Account | None:
        """The account of a session that is open, None otherwise; it is noted that it was used."""
        mine = _session.c.digest == _digest(secret)
        asked = select(_account, _session.c.opened_at, _session.c.seen_at).join(_session, _session.c.account_id == _account.c.id)
        same = (_session.c.version == _account.c.version) & _account.c.disabled_at.is_(None)
        with reading(self._engine) as connection:
            row = connection.execute(asked.where(mine, same)).mappings().one_or_none()
        if row is None or now - row["seen_at"] >= IDLE or now - row["opened_at"] >= LONGEST:
            return None
        if now - row["seen_at"] >= _NOTED_EVERY:
            with suppress(DatabaseBusy), writing(self._engine) as connection:
                connection.execute(update(_session).where(mine).values(seen_at=now))
        return _read({column.name: row[column.name] for column in _account.c})

    def close_session(self, secret: str) -> None:
        """Close a session; nothing where there is none."""
        with writing(self._engine) as connection:
            connection.execute(delete(_session).where(_session.c.digest == _digest(secret)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _change(connection: Connection, account_id: str, values: dict[str, Any]) -> None:
    changed = {**values, "version": _account.c.version + 1}
    connection.execute(update(_account).where(_account.c.id == account_id).values(**changed))
    connection.execute(delete(_session).where(_session.c.account_id == account_id))


def _find(connection: Connection, condition: ColumnElement[bool]) -> Account | None:
    row = connection.execute(select(_account).where(condition)).mappings().one_or_none()
    return _read(row) if row else None


def _read(row: RowMapping | dict[str, Any]) -> Account:
    plain = {name: row[name] for name in row if name != "password"}
    words = {"role": Role(row["role"]), "area": Area(row["area"]), "has_password": bool(row["password"])}
    return Account(**{**plain, **words})
