"""Checking web addresses politely: one site at a time, with pauses, as its robots.txt asks, a head where the site gives one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from protego import Protego

from directory.errors import DirectoryError
from directory.http import Answer, Fetcher, FetchError, ForbiddenAddress, checked_url
from directory.models.links import CheckedLink, LinkState, WaitingLink
from directory.repository.links import FAILED_AGAIN_AFTER

_AGENT = "Relais"
_MOST_ROBOTS_BYTES = 512_000
"""What RFC 9309 asks to be read of a robots.txt."""
_LONGEST_PAUSE_S = 30.0
_GONE = frozenset({404, 410})
_TOO_MANY = 429
_ASKS_TO_WAIT = frozenset({_TOO_MANY, 503})
_SERVER_FAILS = 500
_REFUSES = 400
_ENOUGH_TO_DOUBT = 5


class NetworkDown(DirectoryError):
    """No site answered, the first ones asked: the fault is here, and nothing is noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How sites are asked.

    Attributes:
        pause: Seconds between two questions to one site, at least; its ``Crawl-delay`` where it asks for more (30 at most).
        per_site: How many addresses of one site at most.
        at_once: How many sites at the same time.
        sleep: Waits so many seconds.
    """

    pause: float = 1.0
    per_site: int = 50
    at_once: int = 4
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a site lets be visited; ``said`` is None when it could not say, by this status."""

    said: Protego | None
    status: int


def check_links(
    waiting: Sequence[WaitingLink], fetcher: Fetcher, now: datetime, manners: Manners
) -> Iterator[list[tuple[CheckedLink, tuple[int, ...]]]]:
    """What is found of addresses, site after site: each check with the listings that give the address.

    Args:
        waiting: The addresses.
        fetcher: The way out: it judges every address that a name or a redirect leads to.
        now: When, for what is noted.
        manners: How sites are asked.

    Raises:
        NetworkDown: None of the first sites answered.
    """
    sites: dict[str, list[WaitingLink]] = {}
    for link in waiting:
        sites.setdefault(_site_of(link.url), []).append(link)
    held: list[list[tuple[CheckedLink, tuple[int, ...]]]] = []
    answered, over = False, threading.Event()
    with ThreadPoolExecutor(manners.at_once) as pool:
        asked = [pool.submit(_check_site, links[: manners.per_site], fetcher, now, manners, over) for links in sites.values()]
        try:
            for done in as_completed(asked):
                held.append(done.result())
                answered |= any(check.state is not LinkState.FAILING and check.status is not None for check, _ in held[-1])
                if not answered and len(held) < min(_ENOUGH_TO_DOUBT, len(sites)):
                    continue
                if not answered and len(sites) >= _ENOUGH_TO_DOUBT:
                    raise NetworkDown("no site answers", public="Aucun site ne répond : le réseau semble coupé. Rien n’est noté.")
                yield from held
                held = []
        finally:
            over.set()  # whoever stops us waits for one question of each site, not for fifty
            for each in asked:
                each.cancel()


def _check_site(
    links: Sequence[WaitingLink], fetcher: Fetcher, now: datetime, manners: Manners, over: threading.Event
) -> list[tuple[CheckedLink, tuple[int, ...]]]:
    """What is found of the addresses of one site; fewer than were given when it asks to wait."""
    found: list[tuple[CheckedLink, tuple[int, ...]]] = []
    rules: dict[str, _Rules | FetchError] = {}
    for link in links:
        if over.is_set():
            break
        check = _check(link, _rules_of(link.url, rules, fetcher), fetcher, now, manners)
        found.append((check, link.listing_pks))
        if check.status in _ASKS_TO_WAIT:
            break  # the others are not noted: they come again with the next check
    return found


def _site_of(url: str) -> str:
    """The server of an address, whatever its scheme and port: one site is never asked by two hands."""
    try:
        return urlsplit(checked_url(url)).hostname or ""
    except FetchError:
        return ""


def _rules_of(url: str, known: dict[str, _Rules | FetchError], fetcher: Fetcher) -> _Rules | FetchError:
    """What the site of an address lets be visited, asked once; or why that could not be known."""
    try:
        parts = urlsplit(checked_url(url))
    except FetchError as error:
        return error
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin not in known:
        try:
            known[origin] = _read_rules(f"{origin}/robots.txt", fetcher)
        except FetchError as error:
            known[origin] = error
    return known[origin]


def _read_rules(url: str, fetcher: Fetcher) -> _Rules:
    """What a robots.txt says: without one everything is open; nothing is, while the site cannot say (RFC 9309, 2.3.1)."""
    answer = fetcher.ask(url, method="GET", most=_MOST_ROBOTS_BYTES)
    if answer.status >= _SERVER_FAILS or answer.status in _ASKS_TO_WAIT:
        return _Rules(None, answer.status)
    return _Rules(Protego.parse(answer.body.decode("utf-8", "replace") if answer.status < _REFUSES else ""), answer.status)


def _check(link: WaitingLink, rules: _Rules | FetchError, fetcher: Fetcher, now: datetime, manners: Manners) -> CheckedLink:
    if isinstance(rules, FetchError):
        return _failed(link, rules, now)
    if rules.said is None:
        reason = f"Le site ne dit pas ce qu’il laisse visiter (réponse {rules.status})."
        return _noted(link, LinkState.CLOSED, rules.status, reason, now)
    if not rules.said.can_fetch(link.url, _AGENT):
        return _noted(link, LinkState.CLOSED, None, "Le site demande de ne pas visiter cette page.", now)
    pause = max(manners.pause, min(_LONGEST_PAUSE_S, rules.said.crawl_delay(_AGENT) or 0.0))
    try:
        return _judged(link, _visit(link.url, fetcher, lambda: manners.sleep(pause)), now)
    except FetchError as error:
        return _failed(link, error, now)


def _visit(url: str, fetcher: Fetcher, wait: Callable[[], None]) -> Answer:
    """What a site answers of a page: to a HEAD, or to a GET, for many answer a HEAD otherwise than a visit, or not at all.

    Raises:
        FetchError: It does not answer, or leads where nothing is asked.
    """
    wait()
    with suppress(FetchError):
        answer = fetcher.ask(url)
        if answer.status < _REFUSES or answer.status == _TOO_MANY:
            return answer
    wait()
    return fetcher.ask(url, method="GET")


def _judged(link: WaitingLink, answer: Answer, now: datetime) -> CheckedLink:
    status = answer.status
    if status < _REFUSES:
        return _noted(link, LinkState.ALIVE, status, "", now)
    if status in _GONE:
        since = _failing_since(link) or now
        gone = _noted(link, LinkState.DEAD, status, f"La page n’existe plus (réponse {status}).", now)
        return replace(gone, failing_since=since)
    if status >= _SERVER_FAILS:
        return _unanswered(link, status, f"Le site est en panne (réponse {status}).", now)
    return _noted(link, LinkState.CLOSED, status, f"Le site refuse d’être vérifié (réponse {status}).", now)


def _failed(link: WaitingLink, error: FetchError, now: datetime) -> CheckedLink:
    if isinstance(error, ForbiddenAddress):
        return _noted(link, LinkState.CLOSED, None, error.public, now)
    return _unanswered(link, None, error.public, now)


def _unanswered(link: WaitingLink, status: int | None, reason: str, now: datetime) -> CheckedLink:
    since = _failing_since(link) or now
    state = LinkState.DEAD if now - since >= FAILED_AGAIN_AFTER else LinkState.FAILING
    return replace(_noted(link, state, status, reason, now), failing_since=since)


def _failing_since(link: WaitingLink) -> datetime | None:
    return link.last.failing_since if link.last is not None else None


def _noted(link: WaitingLink, state: LinkState, status: int | None, reason: str, now: datetime) -> CheckedLink:
    return CheckedLink(url=link.url, state=state, status=status, reason=reason, checked_at=now)
