"""Who asks the API: an anonymous reader, or a key, with what it opens and from where; and what other sites’ pages may read."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, current_app, g, request

from directory.api_keys import read_key, same_secret
from directory.errors import DatabaseError
from directory.models.keys import ApiKey, ApiScope
from web.access import OPEN, services
from web.api.refusals import KeyRefused, NotAllowed

_KNOWN_FOR_S = 5.0
"""A revoked key opens nothing after that long, in every process."""
_MOST_KNOWN = 5000
_NOTED_EVERY = timedelta(hours=1)
_log = logging.getLogger(__name__)

_METHODS = "GET, HEAD, POST, OPTIONS"
_ASKED_HEADERS = "Authorization, Content-Type, If-None-Match"
_TOLD_HEADERS = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key, or nobody in particular; ``refused`` says why the key that came opens nothing."""

    key: ApiKey | None = None
    refused: KeyRefused | None = None


class KeyRing:
    """The keys lately used, so that a request does not ask the database for its own each time."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[float, ApiKey]] = {}
        self._sites: tuple[float, tuple[ApiKey, ...]] = (-_KNOWN_FOR_S, ())

    def find(self, key_id: str) -> ApiKey | None:
        """The key of this id as it was at most five seconds ago."""
        now = time.monotonic()
        known = self._keys.get(key_id)
        if known and now - known[0] < _KNOWN_FOR_S:
            return known[1]
        key = services().repository.find_key(key_id)
        if key is not None:
            if len(self._keys) >= _MOST_KNOWN:
                self._keys.clear()
            self._keys[key_id] = (now, key)
        return key

    def origins(self) -> frozenset[str]:
        """The sites that any valid key names: what a preflight, which carries no key, may be told."""
        return frozenset(origin for key in self._with_sites() for origin in key.origins)

    def of_site(self, site: str, scope: ApiScope) -> ApiKey | None:
        """A valid key of this scope that names a site."""
        return next((key for key in self._with_sites() if scope in key.scopes and site in key.origins), None)

    def _with_sites(self) -> tuple[ApiKey, ...]:
        """The valid keys that name sites, as they were at most five seconds ago."""
        now = time.monotonic()
        if now - self._sites[0] >= _KNOWN_FOR_S:
            moment = services().clock()
            found = services().repository.list_keys()
            self._sites = (now, tuple(key for key in found if key.origins and key.is_valid(moment)))
        return self._sites[1]

    def note_use(self, key: ApiKey) -> None:
        """Note that a key is used, at most once an hour."""
        moment = services().clock()
        if key.last_used_at is not None and moment - key.last_used_at < _NOTED_EVERY:
            return
        self._keys.pop(key.id, None)
        self._sites = (-_KNOWN_FOR_S, ())
        try:
            services().repository.note_key_use(key.id, moment.replace(minute=0, second=0, microsecond=0))
        except DatabaseError as error:  # an import holds the database, or its disk is full: who reads does not wait for that
            _log.info("the use of key %s was not noted: %s", key.id, type(error).__name__)


def site_key(site: str) -> ApiKey | None:
    """The key by which a site may frame the widget; its use is noted. None when it has none."""
    key = _ring().of_site(site, ApiScope.WIDGET)
    if key is not None:
        _ring().note_use(key)
    return key


def install(app: Flask) -> None:
    """Know who asks each route of the API, before anything else does."""
    app.extensions["relais-keys"] = KeyRing()
    app.before_request(_identify)
    app.after_request(_tell_origin)


def in_api() -> bool:
    """Whether the request is for the API."""
    return request.path.startswith("/api/")


def caller() -> Caller:
    """Who asks."""
    found: Caller = g.caller
    return found


def _ring() -> KeyRing:
    ring: KeyRing = current_app.extensions["relais-keys"]
    return ring


def _identify() -> None:
    if in_api():
        g.caller = Caller() if request.method == "OPTIONS" else _read_caller()


def _read_caller() -> Caller:
    given = request.headers.get("Authorization", "")
    if not given:
        return Caller()
    scheme, _, text = given.partition(" ")
    read = read_key(text.strip()) if scheme.lower() == "bearer" else None
    key = _ring().find(read[0]) if read else None
    if read is None or key is None or not same_secret(key, read[1]):
        return Caller(refused=KeyRefused("key_invalid", "Cette clé n’existe pas. L’envoyer ainsi : « Authorization: Bearer … »."))
    if not key.is_valid(services().clock()):
        return Caller(refused=KeyRefused("key_invalid", "Cette clé est révoquée ou expirée."))
    return Caller(key=key)


def authorise() -> None:
    """Let the request pass, or refuse it. Run after the limits, so that wrong keys cannot be tried without end.

    Raises:
        KeyRefused: No key where one is needed, or one that opens nothing.
        NotAllowed: A key without this right, or from another site than its own.
    """
    if not in_api() or request.method == "OPTIONS" or request.endpoint is None:
        return
    who, needed = caller(), getattr(current_app.view_functions[request.endpoint], "access", "")
    if who.refused is not None:
        raise who.refused
    if isinstance(needed, ApiScope):
        _check_scope(who.key, needed)
    if who.key is not None:
        _check_origin(who.key)
        _ring().note_use(who.key)


def _check_scope(key: ApiKey | None, needed: ApiScope) -> None:
    if key is None:
        raise KeyRefused("key_required", f"Cette adresse demande une clé qui ouvre « {needed} ».")
    if needed not in key.scopes:
        raise NotAllowed("scope_missing", f"Cette clé n’ouvre pas « {needed} ».")


def _check_origin(key: ApiKey) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and origin not in key.origins and origin != _own_origin():
        raise NotAllowed("origin_not_allowed", "Cette clé ne peut pas être employée par les pages de ce site.")


def _own_origin() -> str:
    return request.host_url.rstrip("/")


def _tell_origin(response: Response) -> Response:
    """Say which site's pages may read the answer: any for what is made to be embedded, a key's own sites otherwise."""
    if not in_api():
        return response
    response.vary.add("Origin")
    response.vary.add("Authorization")
    origin = _reader()
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _TOLD_HEADERS
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            response.headers["Access-Control-Allow-Headers"] = _ASKED_HEADERS
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def _reader() -> str:
    origin = request.headers.get("Origin")
    if not origin:
        return ""
    if request.endpoint and getattr(current_app.view_functions[request.endpoint], "sharing", "") == OPEN:
        return "*"
    if request.method == "OPTIONS":
        return origin if origin in _ring().origins() else ""
    key = caller().key if "caller" in g else None
    return origin if key is not None and origin in key.origins else ""
