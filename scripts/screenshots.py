"""The pictures of the guides (``docs/images``): the demonstration's pages, seen by Chromium as a référent sees them.

Usage: ``make images``. The pages are served by this very code on a free port of the loopback, from a folder of their own; what is
drawn follows the day, as the demonstration does. ``--check`` draws into a folder that is thrown away: whether every page still
answers and every step still works.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from directory.accounts import digest_password
from directory.models.accounts import Area, Role
from directory.settings import read_settings
from relais.demonstration import load_demonstration
from relais.services import build_services
from web import create_app

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDE = {"width": 1180, "height": 860}
PHONE = {"width": 390, "height": 780}
LYCEE = "0350761M"
BUREAU, PASSWORD = "bureau@exemple.example", "les huîtres de Cancale"
"""An invented account, of the folder that is thrown away."""
Draw = Callable[[Page, str], None]


def main() -> int:
    """Draw every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="draw into a folder that is thrown away")
    parser.add_argument("names", nargs="*", help="only these pictures")
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("Chromium est absent de cette machine : aucune image n’est faite.", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="relais-images-") as folder,
        _served(Path(folder)) as address,
        sync_playwright() as driver,
    ):
        images = Path(folder) / "images" if given.check else IMAGES
        images.mkdir(parents=True, exist_ok=True)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (size, draw) in PICTURES.items():
            if given.names and name not in given.names:
                continue
            page = browser.new_page(viewport=size, locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce")  # type: ignore[arg-type]
            draw(page, address)
            page.screenshot(path=images / f"{name}.png")
            print(name)
            page.close()
        browser.close()
    return 0


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    # the State's design system is not ours to print in a repository
    os.environ.update(RELAIS_DATA=str(folder / "data"), RELAIS_THEME="neutre")
    services = build_services(read_settings())
    load_demonstration(services)
    made = services.repository.accounts.add(BUREAU, Role.BUREAU, (Area.LYCEE, LYCEE), services.clock())
    services.repository.accounts.change(made, password=digest_password(PASSWORD))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _search(page: Page, address: str) -> None:
    page.goto(f"{address}/recherche?q=logement+Fougères")
    page.wait_for_load_state("networkidle")


def _listing(page: Page, address: str) -> None:
    page.goto(f"{address}/fiches/demonstration--mission-locale-fougeres")
    page.wait_for_load_state("networkidle")


def _interview(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.check("#situation-3", force=True)
    page.fill("#place", "35300 Fougères")
    page.fill("#age", "18")
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")


def _answered(page: Page, address: str) -> None:
    _interview(page, address)
    following = page.get_by_role("button", name=re.compile("Suivant|Passer cette étape"))
    while following.is_visible():
        housing = page.get_by_role("checkbox", name="Logement")
        if housing.is_visible():
            housing.check(force=True)
        following.click()
    page.get_by_role("button", name="Voir les propositions").click()
    page.get_by_role("heading", level=1, name="Propositions pour l’élève").wait_for()
    page.wait_for_load_state("networkidle")


def _sheet(page: Page, address: str) -> None:
    _answered(page, address)
    page.get_by_role("button", name="La fiche de l’élève").first.click()
    page.wait_for_load_state("networkidle")


def _lycee(page: Page, address: str) -> None:
    page.goto(f"{address}/mon-lycee?lycee={LYCEE}")
    page.wait_for_load_state("networkidle")


def _at_the_desk(path: str) -> Draw:
    def draw(page: Page, address: str) -> None:
        page.goto(f"{address}/connexion")
        page.get_by_label("Adresse électronique").fill(BUREAU)
        page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        page.goto(f"{address}{path}")
        page.wait_for_load_state("networkidle")

    return draw


PICTURES: dict[str, tuple[dict[str, int], Draw]] = {
    "recherche": (WIDE, _search),
    "fiche": (WIDE, _listing),
    "entretien": (WIDE, _interview),
    "propositions": (WIDE, _answered),
    "propositions-telephone": (PHONE, _answered),
    "fiche-eleve": (WIDE, _sheet),
    "mon-lycee": (WIDE, _lycee),
    "bureau": (WIDE, _at_the_desk("/bureau")),
    "bureau-fiche": (WIDE, _at_the_desk("/bureau/fiches/demonstration--mission-locale-fougeres")),
}


if __name__ == "__main__":
    sys.exit(main())
