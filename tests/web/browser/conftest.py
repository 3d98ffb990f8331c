"""A real browser on a real server: Chromium driven by Playwright, the pages served by werkzeug on a free loopback port."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from directory.services import Services
from tests.serving import PATIENCE_S
from tests.web.accounts import PASSWORD
from web import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_MS = PATIENCE_S * 1000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Where Chromium is; the test is passed over when it is nowhere."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("Chromium absent de cette machine (apt-get install chromium)")
    return found


def closing(app: WSGIApplication) -> WSGIApplication:
    """The application, each answer read and closed before it is sent.

    The server of werkzeug leaves a static file open when the browser hangs up: it reads on before it closes the answer.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        parts = app(environ, start_response)
        try:
            return list(parts)
        finally:
            getattr(parts, "close", lambda: None)()

    return answer


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    opened = playwright_driver.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield opened
    opened.close()


@contextmanager
def serve(services: Services) -> Iterator[str]:
    """The pages on a free loopback port: their address."""
    server = make_server("127.0.0.1", 0, closing(create_app(services)), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def violations(page: Page, axe: str) -> list[str]:
    """What axe-core finds on the page as it is shown."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


def sign_in(page: Page, email: str) -> Page:
    """Sign in by the keyboard, as whoever has the tests' password."""
    page.goto("/connexion")
    page.fill("#email", email)
    page.fill("#secret", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes connecté")
    return page


@pytest.fixture(scope="session")
def address(services: Services) -> Iterator[Callable[[str], str]]:
    """The address of the pages in a theme; each theme has its server."""
    servers: dict[str, str] = {}
    with ExitStack() as running:

        def of(theme: str) -> str:
            if theme not in servers:
                settings = replace(services.settings, theme=theme)  # type: ignore[arg-type]
                servers[theme] = running.enter_context(serve(replace(services, settings=settings)))
            return servers[theme]

        yield of


@pytest.fixture
def open_page(browser: Browser, address: Callable[[str], str]) -> Iterator[Callable[..., Page]]:
    """Opens a page of its own context; options are the context's (viewport, java_script_enabled …)."""
    contexts: list[BrowserContext] = []

    def opened(path: str = "/", *, theme: str = "dsfr", **options: object) -> Page:
        context = browser.new_context(base_url=address(theme), locale="fr-FR", **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    source = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        pytest.skip("axe-core absent (make install)")
    return source.read_text(encoding="utf-8")
