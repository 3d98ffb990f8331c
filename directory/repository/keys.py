"""Keys of the API, kept by their digest."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from directory.api_keys import KeyNotFound
from directory.models.keys import ApiKey, ApiScope
from directory.repository import tables

_key = tables.api_key


def list_all(connection: Connection) -> list[ApiKey]:
    """Every key, the newest first."""
    return [_read(row) for row in connection.execute(select(_key).order_by(_key.c.created_at.desc(), _key.c.id)).mappings()]


def find(connection: Connection, key_id: str) -> ApiKey | None:
    """The key of this id, None when there is none."""
    row = connection.execute(select(_key).where(_key.c.id == key_id)).mappings().one_or_none()
    return _read(row) if row else None


def get(connection: Connection, key_id: str) -> ApiKey:
    """The key of this id.

    Raises:
        KeyNotFound: There is none.
    """
    found = find(connection, key_id)
    if found is None:
        raise KeyNotFound(key_id)
    return found


def keep(connection: Connection, key: ApiKey) -> None:
    """Keep a new key."""
    connection.execute(insert(_key).values(**_row(key)))


def change(connection: Connection, key: ApiKey) -> None:
    """Write a key that is known over what was kept of it."""
    connection.execute(update(_key).where(_key.c.id == key.id).values(**_row(key)))


def note_use(connection: Connection, key_id: str, moment: datetime) -> None:
    """Note that a key was used."""
    connection.execute(update(_key).where(_key.c.id == key_id).values(last_used_at=moment))


def _row(key: ApiKey) -> dict[str, Any]:
    return {**asdict(key), "scopes": list(key.scopes), "origins": list(key.origins)}


def _read(row: Any) -> ApiKey:
    scopes = tuple(ApiScope(scope) for scope in row["scopes"])
    return ApiKey(**{**row, "scopes": scopes, "origins": tuple(row["origins"])})
