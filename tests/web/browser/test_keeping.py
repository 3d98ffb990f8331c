"""What keeps the directory true beside the desk, in a real browser: axe, the keyboard, a phone and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from directory.models.accounts import Role
from directory.models.links import CheckedLink, LinkState
from directory.services import Services
from tests.factories import sourced
from tests.web.accounts import PASSWORD, add_account
from tests.web.browser.conftest import serve
from tests.web.browser.test_accessibility import violations
from tests.web.conftest import NOW
from tests.web.test_desk import EDUCATION, SHEET, publish

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(browser: Browser, own: Services) -> Iterator[SignedIn]:
    """A page of a bureau that is signed in; a pair is to be judged, a link is dead."""
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    for link in own.repository.links.list_waiting(NOW):
        dead = CheckedLink(url=link.url, state=LinkState.DEAD, status=404, reason="Absente.", checked_at=NOW, failing_since=NOW)
        own.repository.links.keep([(dead, link.listing_pks)])
    account = add_account(own, Role.BUREAU)
    with serve(own) as address:
        contexts = []

        def opened(**options: object) -> Page:
            context = browser.new_context(base_url=address, locale="fr-FR", **options)  # type: ignore[arg-type]
            context.set_default_timeout(10_000)
            contexts.append(context)
            page = context.new_page()
            page.goto("/connexion")
            page.fill("#email", account.email)
            page.fill("#secret", PASSWORD)
            page.click("main button[type=submit]")
            return page

        yield opened
        for context in contexts:
            context.close()


HEALTH = ("/etat-annuaire", "/etat-annuaire?territoire=france:", "/etat-annuaire?territoire=academie:Rennes")


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_overflows(signed_in: SignedIn, axe: str, width: int) -> None:
    page = signed_in(viewport={"width": width, "height": 800}, bypass_csp=True)
    found = {}

    for path in HEALTH:
        page.goto(path)
        found[path] = violations(page, axe)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("wider than the window")

    assert {path: each for path, each in found.items() if each} == {}


def test_the_health_page_is_used_by_keyboard_alone(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/etat-annuaire")

    page.locator("#territoire").focus()
    page.keyboard.type("Finis")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**territoire=departement*29")

    assert "Finistère" in page.locator("h1").inner_text()


def test_the_health_page_prints_its_charts_and_tables_without_its_form(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/etat-annuaire")

    page.emulate_media(media="print")

    assert page.locator(".relais-chart__bar").first.is_visible()
    assert page.locator("#ages").is_visible()
    assert not page.locator("#territoire").is_visible()
