"""How soon the widget shows its first results in the page of another site, on a cold cache: real Chromium, production server.

    python -m bench.widget FOLDER [--data DATA] [--visits N]

FOLDER is what the shared ``corpus.py`` wrote; its files are imported first, unless DATA already holds them. Each visit is of a
browser context of its own, so that nothing is cached. Needs Chromium (Debian's package). The clock is the host page's own, from
the start of its navigation to the widget's event that says that answers are shown.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.api import running
from bench.pages import imported_directory
from bench.search import percentiles
from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.services import Services
from tests.serving import free_port, serving

TARGET = "target: first results within 300 ms on a cold cache, on loopback"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
_PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Site invité</title>
<script>document.addEventListener("relais-pret", () => {{ window.ready ??= performance.now(); }})</script>
<script type="module" src="{home}/widget/v1.js"></script></head>
<body><h1>Site invité</h1><relais-recherche {attributes}></relais-recherche></body></html>"""
_WIDGETS = {
    "a département": 'departement="35" kinds="partner,event"',
    "around a place": 'lieu="35300 Fougères" rayon="20"',
    "words and a place": 'q="mission locale" lieu="Rennes"',
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--data", type=Path, help="a directory that already holds the corpus")
    parser.add_argument("--visits", type=int, default=20)
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium on this machine (apt-get install chromium): nothing measured")
        return
    home = f"http://127.0.0.1:{free_port()}"
    with imported_directory(given.corpus, given.data) as services, _foreign_site(home) as site, sync_playwright() as driver:
        services.repository.keep_keys(new=make_key("Banc", [ApiScope.WIDGET], services.clock(), origins=[site]).key)
        environ = {"RELAIS_DATA": str(services.settings.data), "RELAIS_PORT": home.rpartition(":")[2], "RELAIS_WORKERS": "2"}
        with running([sys.executable, "-m", "relais", "serve"], environ, f"{home}/sante"):
            browser = driver.chromium.launch(executable_path=chromium, args=_FLAGS)
            _print_table(browser, site, services, given.visits)
            browser.close()


def _print_table(browser: Browser, site: str, services: Services, visits: int) -> None:
    print(f"{sum(services.repository.count_listings().values()):,} listings; {TARGET}")
    print(f"{'widget':<22} {'visits':>6}   clock ms: p50 p95 p99")
    for rank, name in enumerate(_WIDGETS):
        _visit(browser, f"{site}/{rank}")  # the server's own first time
        times = [_visit(browser, f"{site}/{rank}") for _ in range(visits)]
        print(f"{name:<22} {len(times):>6}   {percentiles(times)}", flush=True)


def _visit(browser: Browser, address: str) -> float:
    """Milliseconds until the first results, in a context that has nothing in its cache."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.ready")
        return float(page.evaluate("window.ready"))
    finally:
        context.close()


@contextmanager
def _foreign_site(home: str) -> Iterator[str]:
    """A site that is not ours, for a browser, with a page for each widget: its origin."""
    pages = [_PAGE.format(home=home, attributes=attributes).encode() for attributes in _WIDGETS.values()]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            rank = self.path.strip("/")
            self.send_response(200 if rank.isdecimal() else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if rank.isdecimal():
                self.wfile.write(pages[int(rank)])

        def log_message(self, *_: object) -> None:
            pass

    with serving(Site) as address:
        yield address.replace("127.0.0.1", "localhost")  # another host, for the browser


if __name__ == "__main__":
    main()
