"""Tokens of forms: each form that is given out is signed, so that what is sent back was asked here, lately, and for this."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

LASTS = timedelta(hours=4)
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds. ``nonce`` is of one form: what is sent twice from it is one thing."""

    nonce: str
    expired: bool


def make_token(key: bytes, purpose: str, now: datetime) -> str:
    """A token for a form of this purpose."""
    nonce, made = secrets.token_urlsafe(16), str(int(now.timestamp()))
    return f"{nonce}.{made}.{_sign(key, purpose, nonce, made)}"


def read_token(key: bytes, purpose: str, text: str, now: datetime) -> Token | None:
    """The token of a form; None when it was not made here, or not for this purpose."""
    parts = text.split(".")
    if len(parts) != _PARTS or not text.isascii():
        return None
    nonce, made, signature = parts
    if not hmac.compare_digest(signature, _sign(key, purpose, nonce, made)):
        return None
    age = now.timestamp() - int(made)
    return Token(nonce, expired=not 0 <= age <= LASTS.total_seconds())


def _sign(key: bytes, purpose: str, nonce: str, made: str) -> str:
    return hmac.new(key, f"{purpose}\n{nonce}\n{made}".encode(), hashlib.sha256).hexdigest()
