"""The widget in the pages of other sites, served from another origin, with strict content policies: real Chromium."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, Request, expect

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.services import Services
from tests.web.browser.conftest import PATIENCE_MS
from tests.web.browser.foreign_pages import BARE, BLOG, STRICT, STYLES, TOWN

PAGES = {
    "/ville": (TOWN, {"Content-Security-Policy": STRICT}),
    "/blog": (
        BLOG,
        {
            "Content-Security-Policy": STRICT,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Referrer-Policy": "no-referrer",
        },
    ),
    "/association": (BARE, {"Content-Security-Policy": "default-src 'none'; script-src 'none'; frame-src {home}"}),
}


@dataclass(frozen=True)
class Foreign:
    """A site that is not ours, and the address of ours."""

    origin: str
    home: str


def serve(home: str) -> ThreadingHTTPServer:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in STYLES:
                kind = "text/css" if self.path.endswith("css") else "text/javascript"
                body, headers = STYLES[self.path], {"Content-Type": kind}
            else:
                body, headers = PAGES.get(self.path, ("", {}))
                headers = {"Content-Type": "text/html; charset=utf-8", **headers}
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value.replace("{home}", home))
            self.end_headers()
            self.wfile.write(body.replace("{home}", home).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def foreign(address: Callable[[str], str], services: Services) -> Iterator[Foreign]:
    """A site with a key. « localhost » is another site than 127.0.0.1 for a browser."""
    home = address("neutre")
    server = serve(home)
    origin = f"http://localhost:{server.server_port}"
    services.repository.keep_keys(new=make_key("Ville", [ApiScope.WIDGET], services.clock(), origins=[origin]).key)
    yield Foreign(origin, home)
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., tuple[Page, list[Request]]]]:
    """Opens a page of a foreign site; the requests that it makes are written down."""
    contexts: list[BrowserContext] = []

    def opened(url: str, **options: Any) -> tuple[Page, list[Request]]:
        context = browser.new_context(locale="fr-FR", **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - the driver marks what it is given
        page.goto(url)
        return page, asked

    yield opened
    for context in contexts:
        assert context.cookies() == []
        context.close()


def framed(page: Page, host: str = "un") -> Frame:
    """The frame of a widget, once its answers are there."""
    found = page.locator(f"#{host} iframe").element_handle().content_frame()
    assert found is not None
    found.wait_for_selector("#resultats")
    return found


def until(page: Page | Frame, holds: str) -> None:
    """Wait for an expression to hold. The driver's own way evaluates text in the page, which its policy forbids."""
    for _ in range(1200):
        with suppress(Error):  # it was left for another page in that instant
            if page.evaluate(holds):
                return
        time.sleep(0.1)
    pytest.fail(f"never held: {holds}")


def test_it_answers_in_a_page_with_a_strict_policy_and_hostile_styles(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, asked = visit(f"{foreign.origin}/ville")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    first, second = framed(page, "un"), framed(page, "deux")

    assert first.locator("li h4").count() == 3
    assert second.locator("h2").inner_text() == "Les salons d’ici"
    assert second.locator("h2").evaluate("node => getComputedStyle(node).letterSpacing") == "normal"
    assert page.locator("#un iframe").is_visible()
    assert {request.url.split("/")[2] for request in asked} == {foreign.origin.split("/")[2], foreign.home.split("/")[2]}
    assert complaints == []
    assert page.evaluate("trustedTypes !== undefined")


def test_each_widget_is_as_tall_as_its_own_answers(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")

    for host in ("un", "deux"):
        frame = framed(page, host)
        until(page, f"document.querySelector('#{host}').shadowRoot.querySelector('iframe').style.height.endsWith('px')")
        wanted = frame.evaluate("document.documentElement.getBoundingClientRect().height")
        assert abs(page.locator(f"#{host} iframe").bounding_box()["height"] - wanted) <= 1
        assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_host_hears_what_was_found_and_opened_and_never_what_was_typed(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    frame = framed(page)
    until(page, "window.said.some(([name, id]) => name === 'resultats' && id === 'un')")
    frame.fill("#q", "secret de polichinelle")
    frame.press("#q", "Enter")
    until(page, "window.said.filter(([name, id]) => name === 'resultats' && id === 'un').length >= 2")
    frame.evaluate("document.querySelector('[data-listing]')?.removeAttribute('target')")
    frame.fill("#q", "cio")
    frame.press("#q", "Enter")
    until(page, "window.said.filter(([name, id]) => name === 'resultats' && id === 'un').length >= 3")
    with page.context.expect_page() as popup:
        frame.click("[data-listing]")
    until(page, "window.said.some(([name]) => name === 'ouverture')")

    said = page.evaluate("JSON.stringify(window.said)")
    assert '["pret","un",{}]' in said
    assert "polichinelle" not in said
    assert "/fiches/demonstration--" in popup.value.url


def test_messages_of_anyone_else_change_nothing(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    framed(page, "un")
    other = framed(page, "deux")
    height = page.locator("#un iframe").bounding_box()["height"]
    before = page.evaluate("window.said.length")

    page.evaluate("window.postMessage({ relais: 1, type: 'hauteur', hauteur: 5 }, '*')")
    page.evaluate(
        """home => window.dispatchEvent(new MessageEvent('message',
        { origin: home, data: { relais: 1, type: 'hauteur', hauteur: 7 } }))""",
        foreign.home,
    )
    for hostile in ("{ relais: 1, type: 'hauteur', hauteur: NaN }", "{ relais: 1, type: 'hauteur', hauteur: '9px;x' }", "null",
                    "'hauteur'", "{ relais: 1, type: 'erreur' }", "{ relais: 2, type: 'hauteur', hauteur: 1 }"):  # fmt: skip
        other.evaluate(f"parent.postMessage({hostile}, '*')")
    other.evaluate("parent.postMessage({ relais: 1, type: 'hauteur', hauteur: 1e9 }, '*')")
    until(page, "document.querySelector('#deux').shadowRoot.querySelector('iframe').style.height === '20000px'")

    assert page.locator("#un iframe").bounding_box()["height"] == height
    assert page.evaluate("window.said.length") == before


def test_the_keyboard_goes_in_asks_and_comes_out(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/blog")
    page.locator("#un").scroll_into_view_if_needed()
    frame = framed(page)

    page.focus("body")
    page.keyboard.press("Tab")
    assert (
        page.evaluate("document.activeElement.shadowRoot.activeElement.textContent")
        == "Passer : Recherche de partenaires, par Relais"
    )
    page.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Control+A")
    page.keyboard.type("cio")
    page.keyboard.press("Enter")
    until(frame, "document.activeElement.id === 'resultats'")

    assert "CIO de Fougères" in frame.locator("li").first.inner_text()
    page.keyboard.press("Tab")
    assert frame.evaluate("document.activeElement.dataset.listing") == "demonstration--cio"


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_hidden_button_makes_no_page_scroll_sideways(visit: Callable[..., Any], foreign: Foreign, direction: str) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    framed(page)

    page.evaluate("direction => { document.documentElement.dir = direction }", direction)

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_skip_button_leaves_the_frame_behind(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/blog")
    page.locator("#un").scroll_into_view_if_needed()
    framed(page)

    page.focus("body")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.shadowRoot.activeElement.localName") == "span"


def test_a_page_that_opens_keeps_its_focus(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    framed(page, "un")
    framed(page, "deux")

    assert page.evaluate("document.activeElement === document.body")


def test_a_widget_far_below_is_not_asked_until_it_comes_near(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, asked = visit(f"{foreign.origin}/blog")
    until(page, "customElements.get('relais-recherche') !== undefined")
    page.wait_for_load_state("networkidle")
    before = [request for request in asked if "/widget/recherche" in request.url]

    page.locator("#un").scroll_into_view_if_needed()
    framed(page)

    assert before == []
    assert [request for request in asked if "/widget/recherche" in request.url]
    assert page.evaluate("crossOriginIsolated")


def test_dates_are_told_in_the_language_asked(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")

    moment = framed(page, "deux").locator("[data-start]").first

    expect(moment).to_contain_text("November 30, 2026")
    assert moment.get_attribute("lang") == "en"


def test_changed_attributes_ask_again(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    framed(page)

    page.evaluate("document.querySelector('#un').setAttribute('titre', 'Autre titre')")

    expect(page.frame_locator("#un iframe").locator("h2")).to_have_text("Autre titre")
    assert page.locator("#un iframe").get_attribute("title") == "Autre titre"


def test_no_two_widgets_of_a_page_have_the_same_name(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    framed(page)

    page.evaluate(
        """() => {
        document.querySelector('#deux').removeAttribute('titre');
        for (const attributes of [{ q: 'cio' }, { q: 'psad' }, { q: 'cio', lieu: '35300 Fougères' }]) {
          const more = document.createElement('relais-recherche');
          for (const name in attributes) more.setAttribute(name, attributes[name]);
          document.body.append(more);
        }
        document.querySelector('relais-recherche:nth-last-of-type(3)').remove();
        }"""
    )

    names = "[...document.querySelectorAll('relais-recherche')].map(each => each.shadowRoot.querySelector('iframe').title)"
    until(page, f"{names}.every(Boolean)")
    assert page.evaluate(names) == [
        "Recherche de partenaires, par Relais",
        "Recherche de partenaires autour de 35300 Fougères, par Relais",
        "Recherche de partenaires, par Relais (2)",
        "Recherche de partenaires autour de 35300 Fougères, par Relais (2)",
    ]
    assert page.evaluate("document.querySelector('#un').shadowRoot.querySelector('button').textContent") == (
        "Passer : Recherche de partenaires, par Relais"
    )


def test_without_a_script_the_link_and_the_plain_frame_serve(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/association")

    expect(page.get_by_role("link", name="Rechercher sur Relais")).to_be_visible()
    expect(page.frame_locator("iframe").locator("li h4").first).to_be_visible()


def test_a_site_without_a_key_shows_the_link_and_hears_of_it(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin.replace('localhost', '127.0.0.1')}/ville")

    until(page, "window.said.filter(([name]) => name === 'erreur').length === 2")

    assert not page.locator("#un iframe").is_visible()
    expect(page.get_by_role("link", name="Lien")).to_be_visible()
    expect(page.get_by_role("link", name="Rechercher un partenaire sur Relais")).to_be_visible()


def test_it_prints_without_its_form(visit: Callable[..., Any], foreign: Foreign) -> None:
    page, _ = visit(f"{foreign.origin}/ville")
    frame = framed(page)

    page.emulate_media(media="print")

    assert not frame.locator("form").is_visible()
    assert frame.locator("li h4").first.is_visible()
    assert page.pdf()[:4] == b"%PDF"


@pytest.mark.parametrize("host", ["un", "deux"])
def test_its_frame_has_no_fault_of_accessibility(visit: Callable[..., Any], foreign: Foreign, axe: str, host: str) -> None:
    page, _ = visit(f"{foreign.origin}/ville", bypass_csp=True)
    frame = framed(page, host)

    frame.evaluate(axe)
    faults = frame.evaluate(
        "axe.run(document, { rules: { 'page-has-heading-one': { enabled: false } } }).then(r => r.violations)"
    )

    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == []


def test_the_configurator_shows_at_once_what_is_chosen(open_page: Callable[..., Page]) -> None:
    page = open_page("/widget?departement=35")
    expect(page.frame_locator(".relais-preview iframe").locator("li h4").first).to_be_visible()

    page.locator("label[for=genre-event]").click()
    page.get_by_label("Titre").fill("Nos salons")

    expect(page.frame_locator(".relais-preview iframe").locator("h2")).to_have_text("Nos salons")
    expect(page.frame_locator(".relais-preview iframe").locator("li h4")).to_have_count(1)
    expect(page.locator("#code-element")).to_contain_text('kinds="event" titre="Nos salons"')
    assert "titre=Nos+salons" in page.url


def test_the_configurator_works_without_a_script(open_page: Callable[..., Page]) -> None:
    page = open_page("/widget", java_script_enabled=False)

    page.locator("label[for=genre-event]").click()
    page.get_by_role("button", name="Voir le résultat").click()

    expect(page.locator("#code-element")).to_contain_text('kinds="event"')
    expect(page.get_by_role("link", name="Rechercher un partenaire sur Relais")).to_be_visible()
