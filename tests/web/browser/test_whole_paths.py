"""Three whole paths of a référent who was shown nothing, on the demonstration territory.

``pytest -s`` tells the clicks, keys and seconds of each. What each screen looked like is left in pytest's temporary folder: wide,
on a phone, printed, and the PDF.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pdfplumber
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from relais.demonstration import load_demonstration
from tests.web.browser.conftest import PATIENCE_MS, serve
from tests.web.conftest import services_on
from web.printing import can_print

pytestmark = pytest.mark.browser
SIZES = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 375, "height": 667}}
NEXT = re.compile("Suivant|Passer cette étape")


@pytest.fixture(scope="module")
def territory(new_data: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages of the demonstration territory."""
    built = services_on(new_data(tmp_path_factory.mktemp("territory")))
    load_demonstration(built)
    with serve(built) as address:
        yield address


class Walk:
    """Somebody at the pages: what they press is counted."""

    def __init__(self, page: Page, name: str, shots: Path) -> None:
        self.page, self.name, self.shots = page, name, shots
        self.clicks, self.keys, self.began = 0, 0, time.monotonic()

    def press(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def choose(self, label: str) -> None:
        self.press(self.page.locator("label:visible", has_text=re.compile(f"^{label}")).first)

    def type(self, selector: str, text: str, *, take_first: bool = False) -> None:
        self.press(self.page.locator(selector))
        self.page.locator(selector).press_sequentially(text)
        self.keys += len(text)
        if take_first:
            expect(self.page.get_by_role("option").first).to_be_visible()
            self.page.keyboard.press("ArrowDown")
            self.page.keyboard.press("Enter")
            self.keys += 2

    def see(self, name: str) -> None:
        """Keep what the screen looks like, and what the printer would give; nothing may be wider than the screen."""
        self.page.wait_for_load_state("networkidle")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        self.page.screenshot(path=self.shots / f"{self.name}-{name}.png", full_page=True)
        (self.shots / f"{self.name}-{name}-printed.pdf").write_bytes(self.page.pdf(format="A4"))

    def download(self, button: str) -> bytes:
        with self.page.expect_download() as coming:
            self.press(self.page.get_by_role("button", name=button, exact=True))
        path = self.shots / f"{self.name}-{coming.value.suggested_filename}"
        coming.value.save_as(path)
        return path.read_bytes()

    def tell(self) -> None:
        seconds = time.monotonic() - self.began
        print(f"\n{self.name}: {self.clicks} clicks, {self.keys} keys, {seconds:.1f} s of the machine; {self.shots}")


@pytest.fixture(params=list(SIZES))
def walk(request: pytest.FixtureRequest, browser: Browser, territory: str, tmp_path: Path) -> Iterator[Walk]:
    context = browser.new_context(base_url=territory, locale="fr-FR", viewport=SIZES[request.param])  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    walking = Walk(context.new_page(), f"{request.node.originalname}-{request.param}", tmp_path)
    yield walking
    walking.tell()
    context.close()


def pass_to(walk: Walk, heading: str) -> None:
    """Press the button that goes on until a step comes."""
    while walk.page.locator("[data-step]:not([hidden]) h2", has_text=heading).count() == 0:
        walk.press(walk.page.get_by_role("button", name=NEXT))


def answer(walk: Walk) -> None:
    walk.press(walk.page.get_by_role("button", name="Voir les propositions"))
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    walk.see("answer")


def texts_of(pdf: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        return [page.extract_text() for page in document.pages]


def test_a_minor_who_failed_and_wants_to_retake(walk: Walk) -> None:
    page = walk.page
    page.goto("/")

    walk.choose("Diplôme non obtenu\\s: veut repasser")
    walk.type("#place", "fouger", take_first=True)
    walk.type("#age", "17")
    walk.press(page.get_by_role("button", name=NEXT))
    page.select_option("#diploma_level", label="Baccalauréat professionnel")
    walk.clicks += 2
    pass_to(walk, "Ses déplacements")
    answer(walk)

    expect(page.get_by_role("alert").first).to_contain_text("obligation de formation")
    expect(page.locator(".relais-plan")).to_contain_text(re.compile("Redoublement|MOREA"))
    expect(page.locator(".relais-plan a.relais-phone").first).to_be_visible()
    walk.press(page.get_by_role("button", name="La fiche de l’élève").first)
    expect(page.locator(".relais-sheet")).to_contain_text("Je n’ai pas eu mon examen.")
    walk.see("sheet")
    assert walk.clicks <= 15
    if can_print():
        assert "Ma fiche" in texts_of(walk.download("PDF"))[0]


def test_a_graduate_who_wants_to_cook_in_a_suburb(walk: Walk) -> None:
    page = walk.page
    page.goto("/")

    walk.choose("Diplôme obtenu, sans solution")
    walk.type("#place", "saint-jacques-de-la-l", take_first=True)
    walk.type("#age", "18")
    pass_to(walk, "souhaite")
    walk.type("#occupations-1", "cuisin", take_first=True)
    walk.choose("Apprentissage")
    pass_to(walk, "Ses déplacements")
    answer(walk)
    if page.locator(".relais-fold").first.evaluate("details => !details.open && innerWidth < 768"):
        walk.press(page.locator("#liste-company > summary"))
    kept = page.get_by_role("button", name=re.compile("^Garder : ")).and_(page.locator("section[aria-labelledby=company] button"))
    for _ in range(2):
        walk.press(kept.first)
        expect(page.locator("[data-answer]")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".relais-kept__item")).to_have_count(2)
    second = page.locator(".relais-kept__item").last.locator("strong a").inner_text()
    walk.press(page.get_by_role("button", name=f"Monter : {second}"))
    expect(page.locator(".relais-kept__item").first).to_contain_text(second)
    walk.press(page.get_by_role("button", name="La fiche de l’élève").first)

    cards = page.locator(".relais-call-card")
    expect(cards.first).to_contain_text(second)
    expect(cards.first).to_contain_text("Je cherche un apprentissage")
    expect(cards.first.locator(".relais-call-card__phone").first).to_be_visible()
    walk.see("sheet")
    assert walk.clicks <= 20
    if can_print():
        assert second in texts_of(walk.download("PDF"))[0]
    assert walk.download("Agenda (.ics)").startswith(b"BEGIN:VCALENDAR")


def test_a_referent_who_asks_who_does_housing_around_here(walk: Walk) -> None:
    page = walk.page
    page.goto("/")

    walk.press(page.get_by_role("link", name=re.compile("^Recherche")))
    walk.type("#q", "logement vitré")
    page.keyboard.press("Enter")
    expect(page.locator("#resultats")).to_contain_text("autour de Vitré")
    walk.see("results")
    nearest = page.locator(".relais-results h3 a").first
    expect(nearest).to_have_text(re.compile("Résidence du Val de Vilaine"))  # the one of Vitré, not those that the need names too
    walk.press(nearest)

    expect(page.get_by_role("link", name=re.compile("^Appeler"))).to_be_visible()
    walk.see("listing")
    assert walk.clicks <= 4
