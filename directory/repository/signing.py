"""The keys that sign forms, links, cookies and cursors: random, one for each purpose, kept in the database."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, insert, select

from directory.repository import tables

_key = tables.signing_key


def find_key(connection: Connection, name: str) -> bytes | None:
    """The key of this name, None while there is none."""
    return connection.scalar(select(_key.c.secret).where(_key.c.name == name))


def make_key(connection: Connection, name: str) -> bytes:
    """The key of this name, made if there is none; in a transaction that writes, so that there is but one."""
    known = find_key(connection, name)
    if known is not None:
        return known
    secret = secrets.token_bytes(32)
    connection.execute(insert(_key), [{"name": name, "secret": secret}])
    return secret
