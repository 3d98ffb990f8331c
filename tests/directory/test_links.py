"""Links checked against real servers on the loopback, and kept in real databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest

from directory.http import Fetcher, is_public_or_loopback
from directory.link_checking import Manners, NetworkDown, check_links
from directory.models.links import CheckedLink, LinkState, WaitingLink
from directory.repository import Repository
from directory.vocabulary import Visibility
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced
from tests.serving import PATIENCE_S, free_port, serving

DAY = timedelta(days=1)
ROBOTS = b"User-agent: *\nDisallow: /prive\nCrawl-delay: 3\n"


class _Site(BaseHTTPRequestHandler):
    """Plays a partner's site."""

    asked: ClassVar[list[tuple[str, str]]] = []
    robots: ClassVar[tuple[int, bytes]] = (200, ROBOTS)
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self) -> None:
        with self.lock:
            self.asked.append((self.command, self.path))
        name = self.path.strip("/")
        if name == "robots.txt":
            self._send(*self.robots)
        elif name == "sans-head":
            self._send(405 if self.command == "HEAD" else 200)
        elif name == "head-muet" and self.command == "HEAD":
            self.close_connection = True
        elif name == "parti":
            self._send(302, location="/")
        elif name == "dedans":
            self._send(302, location="http://169.254.169.254/latest")
        elif name == "nulle-part":
            self._send(302, location="http://[::pas-une-adresse")
        elif name == "boucle":
            self._send(302, location="/boucle")
        else:
            self._send(int(name) if name.isdecimal() else 200)

    def _send(self, status: int, body: bytes = b"", location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def site() -> Iterator[str]:
    _Site.asked.clear()
    _Site.robots = (200, ROBOTS)
    with serving(_Site) as address:
        yield address


def look(
    *urls: str, last: CheckedLink | None = None, pauses: list[float] | None = None, **manners: int
) -> dict[str, CheckedLink]:
    """What a check finds, by address, without waiting."""
    fetcher = Fetcher(timeout=PATIENCE_S, deadline=PATIENCE_S, attempts=1, allowed=is_public_or_loopback)
    waiting = [WaitingLink(url=url, listing_pks=(1,), last=last) for url in urls]
    wanted = Manners(sleep=(pauses if pauses is not None else []).append, **manners)
    return {check.url: check for done in check_links(waiting, fetcher, NOW, wanted) for check, _ in done}


@pytest.mark.parametrize(
    ("path", "state", "said"),
    [
        ("/", LinkState.ALIVE, ""),
        ("/sans-head", LinkState.ALIVE, ""),
        ("/head-muet", LinkState.ALIVE, ""),
        ("/parti", LinkState.ALIVE, ""),
        ("/404", LinkState.DEAD, "n’existe plus"),
        ("/410", LinkState.DEAD, "n’existe plus"),
        ("/403", LinkState.CLOSED, "refuse"),
        ("/429", LinkState.CLOSED, "refuse"),
        ("/503", LinkState.FAILING, "panne"),
        ("/boucle", LinkState.FAILING, "sans fin"),
        ("/nulle-part", LinkState.FAILING, "http"),
        ("/dedans", LinkState.CLOSED, "adresse publique"),
        ("/prive/page", LinkState.CLOSED, "demande de ne pas visiter"),
    ],
)
def test_an_address_is_judged_by_what_its_site_answers(site: str, path: str, state: LinkState, said: str) -> None:
    found = look(site + path)[site + path]

    assert found.state is state
    assert said in found.reason
    assert bool(said) == bool(found.reason)


def test_a_page_that_robots_txt_closes_is_not_asked_and_its_pause_is_kept(site: str) -> None:
    pauses: list[float] = []

    look(site + "/un", site + "/deux", site + "/prive", pauses=pauses)

    assert [path for _, path in _Site.asked] == ["/robots.txt", "/un", "/deux"]
    assert pauses == [3.0, 3.0]


def test_each_question_to_a_site_waits_whatever_its_names_schemes_and_answers(site: str) -> None:
    pauses: list[float] = []
    other = site.replace("127.0.0.1", "quelqu-un@127.0.0.1")

    look(site + "/sans-head", other + "/un", pauses=pauses, at_once=1)

    assert [how for how, path in _Site.asked if path != "/robots.txt"] == ["HEAD", "GET", "HEAD"]
    assert pauses == [3.0, 3.0, 3.0]


def test_a_site_that_asks_to_wait_is_asked_nothing_more(site: str) -> None:
    found = look(*(f"{site}/{'0' * rank}429" for rank in range(4)))

    assert (len(found), len(_Site.asked)) == (1, 2)


@pytest.mark.parametrize(
    ("robots", "state"),
    [
        ((404, b""), LinkState.ALIVE),
        ((200, b"\xff\x00<html>"), LinkState.ALIVE),
        ((200, "User-agent: *\nCrawl-delay: ²\nRequest-rate: ²/0".encode()), LinkState.ALIVE),
        ((200, b"User-agent: *\nCrawl-delay: " + b"9" * 5000), LinkState.ALIVE),
        ((200, b"User-agent: *\nDisallow: /\nAllow: /prive$"), LinkState.ALIVE),
        ((200, b"User-agent: *\nDisallow: /*ive"), LinkState.CLOSED),
        ((503, b""), LinkState.CLOSED),
    ],
)
def test_robots_txt_is_obeyed_as_its_standard_says_whatever_it_holds(
    site: str, robots: tuple[int, bytes], state: LinkState
) -> None:
    _Site.robots = robots

    assert look(site + "/prive")[site + "/prive"].state is state


def test_an_address_that_is_none_stops_no_other(site: str) -> None:
    found = look("http://[pas-une-adresse", "http://a.example:99999/", site + "/")

    assert [check.state for check in found.values()].count(LinkState.FAILING) == 2
    assert found[site + "/"].state is LinkState.ALIVE


def test_a_site_is_asked_for_so_many_pages_and_no_more(site: str) -> None:
    assert len(look(*(f"{site}/{name}" for name in "abcdef"), per_site=2)) == 2


@pytest.mark.parametrize(
    ("since", "state"), [(timedelta(hours=2), LinkState.FAILING), (DAY, LinkState.DEAD), (9 * DAY, LinkState.DEAD)]
)
def test_a_site_that_does_not_answer_is_dead_at_the_second_time_a_day_later(since: timedelta, state: LinkState) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    last = CheckedLink(
        url=url, state=LinkState.FAILING, status=None, reason="x", checked_at=NOW - since, failing_since=NOW - since
    )

    found = look(url, last=last)[url]

    assert (found.state, found.failing_since) == (state, NOW - since)


def test_nothing_is_noted_when_no_site_answers_at_all() -> None:
    with pytest.raises(NetworkDown):
        look(*(f"http://127.0.0.{rank}:{free_port()}/" for rank in range(1, 7)))


def test_what_a_check_finds_waits_thirty_days_and_one_without_answer_a_day(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", contacts=({"url": "https://un.example/"},)), sourced("2", contacts=({"url": "https://un.example/"},)))
    [first] = repository.links.list_waiting(NOW)
    kept = {"url": first.url, "status": None, "reason": ""}

    repository.links.keep([(CheckedLink(state=LinkState.ALIVE, checked_at=NOW, **kept), first.listing_pks)])
    alive = [len(repository.links.list_waiting(NOW + days)) for days in (DAY, 29 * DAY, 30 * DAY)]
    repository.links.keep([(CheckedLink(state=LinkState.FAILING, checked_at=NOW, failing_since=NOW, **kept), first.listing_pks)])
    failing = [len(repository.links.list_waiting(NOW + days)) for days in (DAY / 2, DAY)]

    assert len(first.listing_pks) == 2
    assert (alive, failing) == ([0, 0, 1], [0, 1])
    assert repository.links.list_waiting(NOW + DAY)[0].last is not None


def test_only_public_links_of_open_listings_are_checked_and_of_the_departement_asked(
    repository: Repository, publish: Publish
) -> None:
    publish(
        sourced("1", contacts=({"url": "https://a.example/"}, {"url": "https://non.example/", "visibility": "bassin"})),
        sourced("2", contacts=({"url": "https://b.example/"},), visibility="private"),
        sourced("3", contacts=(), registration_url="https://c.example/", code_commune="29019"),
    )

    everywhere, here = (sorted(each.url for each in repository.links.list_waiting(NOW, code)) for code in ("", "35"))

    assert everywhere == ["https://a.example/", "https://c.example/"]
    assert here == ["https://a.example/"]


def test_a_dead_link_is_told_with_its_listing_until_that_gives_another(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", contacts=({"url": "https://mort.example/"},)))
    [waiting] = repository.links.list_waiting(NOW)
    dead = CheckedLink(url=waiting.url, state=LinkState.DEAD, status=404, reason="absente", checked_at=NOW, failing_since=NOW)
    repository.links.keep([(dead, (*waiting.listing_pks, 999_999))])

    before = repository.links.list_dead(Visibility.PUBLIC)
    publish(sourced("1", contacts=({"url": "https://vif.example/"},)))
    after = repository.links.list_dead(Visibility.PUBLIC)

    assert [(each.listing_id, each.url, each.since) for each in before] == [("missions_locales--1", "https://mort.example/", NOW)]
    assert after == []
    assert repository.links.count_states()[LinkState.DEAD] == 1
