"""How often a password may be tried: by account, by network, by both; counted where the API's requests are."""

from __future__ import annotations

from flask import current_app, request
from flask_limiter import Limiter
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from web.api.limits import address_digest, network

_BOTH, _ACCOUNT, _NETWORK = (parse(text) for text in ("5 per 15 minutes", "50 per hour", "100 per hour"))
# counts here when the shared counter does not answer: a password is never tried without end
_own = FixedWindowRateLimiter(MemoryStorage())


def may_try(what: str, email: str) -> bool:
    """Count one try; False when there were too many.

    Args:
        what: What is tried; each is counted apart.
        email: The account's address, of which only a keyed digest is held.
    """
    limiter: Limiter = current_app.extensions["relais-limiter"]
    where, name = address_digest(network(request.remote_addr or "")), address_digest(email.strip().lower()[:254])
    # in this order, and no further than the first that refuses: from one network nobody can shut an account's owner out
    counted = ((_BOTH, f"{name} {where}"), (_NETWORK, where), (_ACCOUNT, name))
    try:
        return all(limiter.limiter.hit(limit, what, who) for limit, who in counted)
    except RedisError:
        return all(_own.hit(limit, what, who) for limit, who in counted)
