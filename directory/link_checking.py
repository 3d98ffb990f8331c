"""Checking web addresses politely: one site at a time, with pauses, as its robots.txt asks, a head where the site gives one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from directory.errors import DirectoryError
from directory.http import Answer, Fetcher, FetchError, ForbiddenAddress
from directory.models.links import CheckedLink, LinkState, WaitingLink
from directory.repository.links import FAILED_AGAIN_AFTER

_AGENT = "Relais"
_MOST_ROBOTS_BYTES = 512_000
"""What RFC 9309 asks to be read of a robots.txt."""
_LONGEST_PAUSE_S = 30.0
_GONE = frozenset({404, 410})
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
    sites: dict[tuple[str, str], list[WaitingLink]] = {}
    for link in waiting:
        parts = urlsplit(link.url)
        sites.setdefault((parts.scheme, parts.netloc), []).append(link)
    held: list[list[tuple[CheckedLink, tuple[int, ...]]]] = []
    answered = False
    with ThreadPoolExecutor(manners.at_once) as pool:
        asked = [pool.submit(_check_site, links[: manners.per_site], fetcher, now, manners) for links in sites.values()]
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
            for each in asked:
                each.cancel()


def _check_site(
    links: Sequence[WaitingLink], fetcher: Fetcher, now: datetime, manners: Manners
) -> list[tuple[CheckedLink, tuple[int, ...]]]:
    """What is found of the addresses of one site."""
    parts = urlsplit(links[0].url)
    try:
        robots = _read_robots(f"{parts.scheme}://{parts.netloc}/robots.txt", fetcher)
    except FetchError as error:
        return [(_failed(link, error, now), link.listing_pks) for link in links]
    pause = max(manners.pause, min(_LONGEST_PAUSE_S, float(robots.crawl_delay(_AGENT) or 0)))
    found = []
    for link in links:
        if not robots.can_fetch(_AGENT, link.url):
            found.append(
                (_noted(link, LinkState.CLOSED, None, "Le site demande de ne pas visiter cette page.", now), link.listing_pks)
            )
            continue
        manners.sleep(pause)
        found.append((_check(link, fetcher, now), link.listing_pks))
    return found


def _read_robots(url: str, fetcher: Fetcher) -> RobotFileParser:
    """What a site lets be visited: everything when it does not say (RFC 9309, 2.3.1.3)."""
    answer = fetcher.ask(url, method="GET", most=_MOST_ROBOTS_BYTES)
    robots = RobotFileParser()
    text = answer.body.decode("utf-8", "replace") if answer.status < _REFUSES else ""
    robots.parse(text.splitlines())
    return robots


def _check(link: WaitingLink, fetcher: Fetcher, now: datetime) -> CheckedLink:
    try:
        answer = fetcher.ask(link.url)
        if answer.status >= _REFUSES:  # many servers answer a HEAD otherwise than a visit
            answer = fetcher.ask(link.url, method="GET")
    except FetchError as error:
        return _failed(link, error, now)
    return _judged(link, answer, now)


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
