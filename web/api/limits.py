"""How much may be asked, a minute and a day: by key, or without one by address, of which only a keyed digest is held."""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

from flask import Flask, Response, request
from flask_limiter import Limiter
from limits.storage import MemoryStorage

from web.api.callers import authorise, caller, in_api
from web.api.cursors import secret

_ADDRESSES = "api-addresses"
# A match reads the whole catalogue, a cohort does it for each student: they count for more.
_COSTS = {"matches": 5, "cohorts": 20, "exports": 20, "layer": 5}
_SWEPT_EVERY_S = 60.0
_NAMES = {60: "minute", 86_400: "jour"}


class CountsInMemory(MemoryStorage):
    """The library’s counts in memory; who counts forgets the old ones: a thread at each request costs more than counting."""

    STORAGE_SCHEME = ["relais-memory"]  # noqa: RUF012 - the library's own declaration

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        self._counting = Lock()
        self._swept = time.time()
        super().__init__(uri, wrap_exceptions, **options)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count that ends after ``expiry`` seconds; returns it."""
        now = time.time()
        with self._counting:
            if now - self._swept > _SWEPT_EVERY_S:
                self._swept = now
                for old in [each for each, end in self.expirations.items() if end <= now]:
                    self._forget(old)
            if self.expirations.get(key, 0) <= now:
                self._forget(key)
                self.expirations[key] = now + expiry
            self.storage[key] += amount
            return self.storage[key]

    def get(self, key: str) -> int:
        """A count; 0 once it has ended."""
        return self.storage.get(key, 0) if self.expirations.get(key, 0) > time.time() else 0

    def _forget(self, key: str) -> None:
        self.storage.pop(key, None)
        self.expirations.pop(key, None)


def install(app: Flask, storage: str, anonymous: str) -> None:
    """Count what is asked, then let the key open what it opens.

    Args:
        app: The application.
        storage: ``memory://``, which each process keeps for itself, or ``redis://…``, which all share.
        anonymous: What may be asked without a key (``60/minute;5000/day``).
    """

    def allowed() -> str:
        key = caller().key if in_api() else None
        return f"{key.per_minute}/minute;{key.per_day}/day" if key else anonymous

    limiter = Limiter(
        _who,
        app=app,
        storage_uri=storage.replace("memory://", "relais-memory://"),
        strategy="fixed-window",
        application_limits=[allowed],
        application_limits_cost=_cost,
        application_limits_exempt_when=_uncounted,
        in_memory_fallback_enabled=True,
        key_prefix="relais",
    )
    app.extensions["relais-limiter"] = limiter
    app.before_request(authorise)

    def tell(response: Response) -> Response:
        return _tell(response, limiter) if in_api() else response

    app.after_request(tell)


def _uncounted() -> bool:
    return not in_api() or request.method == "OPTIONS"


def _cost() -> int:
    name = (request.endpoint or "").rpartition(".")[2]
    cost, key = _COSTS.get(name, 1), caller().key if in_api() else None
    # a key whose limit is smaller than a cost may still ask once in a while
    return min(cost, key.per_minute, key.per_day) if key else cost


def _who() -> str:
    """The key's id, or a digest of the address that another day, or another instance, does not give again."""
    if not in_api():
        return ""
    key = caller().key
    if key is not None:
        return f"key:{key.id}"
    return "addr:" + address_digest(network(request.remote_addr or ""))


def address_digest(address: str) -> str:
    """A digest of an address (of a machine, of a person) that another day, or another instance, does not give again."""
    day = int(time.time() // 86_400)
    return hmac.new(secret(_ADDRESSES), f"{day} {address}".encode(), hashlib.sha256).hexdigest()[:24]


def network(address: str) -> str:
    """The address, or of an IPv6 one the network: a single house has 2**64 of them.

    The port that some proxies tell with it is left out: each connection has another.
    """
    if address.startswith("["):
        bare = address[1:].partition("]")[0]
    else:
        bare = address.partition(":")[0] if address.count(":") == 1 else address
    try:
        parsed = ip_address(bare)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        # of a socket for both families, whose IPv4 clients are not of one network
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


def _tell(response: Response, limiter: Limiter) -> Response:
    """The headers of draft-ietf-httpapi-ratelimit-headers: what is allowed, what is left, and when to come back."""
    limits = limiter.current_limits
    if not limits:
        return response
    now, policies, left, wait = time.time(), [], [], 0
    for each in limits:
        seconds = each.limit.get_expiry()
        until = min(seconds, max(0, math.ceil(each.reset_at - now)))
        name = _NAMES.get(seconds, f"{seconds}s")
        policies.append(f'"{name}";q={each.limit.amount};w={seconds}')
        left.append(f'"{name}";r={max(0, each.remaining)};t={until}')
        if each.breached:
            wait = max(wait, until, 1)
    response.headers["RateLimit-Policy"] = ", ".join(policies)
    response.headers["RateLimit"] = ", ".join(left)
    if wait and response.status_code == 429:
        response.headers["Retry-After"] = str(wait)
    return response
