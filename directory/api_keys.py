"""Keys of the API: how they are made, read and compared. ``relais_<id>_<secret>``, shown once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from directory.errors import DirectoryError, InvalidValue
from directory.models.keys import ApiKey, ApiScope

_FORM = re.compile(r"relais_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
_ID_BYTES, _SECRET_BYTES = 6, 32
PER_MINUTE, PER_DAY = 300, 50_000
MOST_PER_MINUTE, MOST_PER_DAY = 100_000, 100_000_000
OVERLAP = timedelta(days=7)
"""How long the old key of a rotation still opens, unless told otherwise."""


class KeyNotFound(DirectoryError):
    """No key of this id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"no API key {key_id[:40]!r}", public=f"Aucune clé n’a l’identifiant « {key_id[:40]} ».")


class KeyClosed(DirectoryError):
    """A key that is revoked or over cannot be renewed."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"API key {key_id!r} is closed", public=f"La clé {key_id} est révoquée ou expirée : en créer une autre.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: what is kept, and the text that is told once."""

    key: ApiKey
    text: str


def make_key(
    label: str,
    scopes: Sequence[ApiScope],
    now: datetime,
    *,
    origins: Sequence[str] = (),
    per_minute: int = PER_MINUTE,
    per_day: int = PER_DAY,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key.

    Raises:
        InvalidValue: An origin that is none.
    """
    key_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey(
        id=key_id,
        digest=_digest(secret),
        label=label,
        scopes=tuple(dict.fromkeys(scopes)),
        origins=tuple(dict.fromkeys(parse_origin(origin) for origin in origins)),
        per_minute=per_minute,
        per_day=per_day,
        created_at=now,
        expires_at=expires_at,
    )
    return NewKey(key, f"relais_{key_id}_{secret}")


def renew_key(old: ApiKey, now: datetime, overlap: timedelta) -> tuple[NewKey, ApiKey]:
    """A key for the same use, and the old one, which ends after the overlap.

    Raises:
        KeyClosed: The old one opens nothing any more.
    """
    if not old.is_valid(now):
        raise KeyClosed(old.id)
    new = make_key(
        old.label, old.scopes, now, origins=old.origins, per_minute=old.per_minute, per_day=old.per_day, expires_at=old.expires_at
    )
    ends = now + overlap
    return new, replace(old, replaced_by=new.key.id, expires_at=min(ends, old.expires_at) if old.expires_at else ends)


def read_key(text: str) -> tuple[str, str] | None:
    """The id and the digest of the secret that a text holds; None when it has not the form of a key."""
    match = _FORM.fullmatch(text)
    return (match.group(1), _digest(match.group(2))) if match else None


def same_secret(key: ApiKey, digest: str) -> bool:
    """Whether a digest is that of the key's secret, in constant time."""
    return hmac.compare_digest(key.digest, digest)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def parse_origin(text: str) -> str:
    """An origin as browsers send it: scheme, host in lower case, the port where it is not the scheme's own.

    Raises:
        InvalidValue: Anything more (path, user, wildcard) or less.
    """
    given = text.strip().lower()
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise _no_origin(text) from error
    host = parts.hostname or ""
    plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in {"http", "https"} or not plain or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host):
        raise _no_origin(text)
    usual = {"http": 80, "https": 443}[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, usual} else "")


def _no_origin(text: str) -> InvalidValue:
    return InvalidValue(
        "origin", text[:200], "not an origin", public=f"« {text[:100]} » n’est pas une origine : écrire https://site.example."
    )
