"""Enlarged, at rest, in the dark, while it loads: nothing is cut off, nothing moves, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
PATHS = (
    "/recherche",
    "/recherche?q=foug%C3%A8res&vue=carte",
    "/recherche?q=zzqqxxyy",
    "/mon-lycee?lycee=0350011X",
    "/fiches/demonstration--ml",
    "/fiches/demonstration--ml/signaler",
    "/cohorte",
    "/a-propos",
)
MODES: Mapping[str, dict[str, Any]] = {
    "a window enlarged to 200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "a window enlarged to 400 %": {
        "viewport": {"width": 320, "height": 256},
        "device_scale_factor": 4,
        "reduced_motion": "reduce",
    },
    "a wide screen in the dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
WATCH = """
  self.moved = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => { if (!each.hadRecentInput) self.moved += each.value; }))
    .observe({ type: "layout-shift", buffered: true });
"""
# what is wider than the box that hides the rest of it: words that nobody can read
CUT = """() => [...document.querySelectorAll("main *, header *")].filter((each) => each.scrollWidth > each.clientWidth + 2
  && each.clientWidth > 1 && !each.closest(".relais-map") && ["hidden", "clip"].includes(getComputedStyle(each).overflowX))
  .map((each) => each.className)"""
LARGE_TEXT = (
    "document.head.append(Object.assign(document.createElement('style'), {textContent: 'html { font-size: 200% !important }'}))"
)


def at_fault(page: Page, *, moving: bool = True) -> list[str]:
    """What is wrong with the page as it is shown."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    moved = page.evaluate("self.moved") if moving else 0
    return [
        *([f"{wide} px too wide"] if wide > 0 else []),
        *([f"moves by {moved:.3f}"] if moved > 0.02 else []),
        *(f"cut off: {each}" for each in page.evaluate(CUT)),
    ]


def walk_to_the_sheets(page: Page, found: dict[str, list[str]], *, moving: bool = True) -> None:
    page.fill("#place", "35300 Fougères")
    page.keyboard.press("Escape")
    page.fill("#age", "16")
    page.get_by_role("button", name="Voir les propositions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    found["answer"] = at_fault(page, moving=moving)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    for name in ("Mission locale de Fougères", "CIO de Fougères"):
        page.get_by_role("button", name=f"Garder : {name}", exact=True).click()
        expect(page.locator(".relais-kept__item", has_text=name)).to_be_visible()
    for box in page.locator("input[name=compare]").all():
        box.check(force=True)
    page.get_by_role("button", name="Comparer les deux cochées").click()
    expect(page.locator(".relais-compare")).to_be_visible()
    found["compared"] = at_fault(page, moving=False)
    page.get_by_role("button", name="La fiche de l’élève").first.click()
    found["sheet"] = at_fault(page, moving=moving)
    page.get_by_role("button", name="La fiche de suivi").click()
    found["follow-up"] = at_fault(page, moving=moving)


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_cut_off_and_nothing_moves(open_page: OpenPage, mode: str) -> None:
    page = open_page("about:blank", **MODES[mode])
    page.add_init_script(WATCH)
    found = {}

    for path in PATHS:
        page.goto(path)
        found[path] = at_fault(page)
    page.goto("/")
    found["form"] = at_fault(page)
    page.get_by_role("button", name="Tout afficher").click()
    walk_to_the_sheets(page, found)

    assert {where: each for where, each in found.items() if each} == {}


def test_letters_twice_as_large_fit(open_page: OpenPage) -> None:
    page = open_page("about:blank", viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {LARGE_TEXT})")
    found = {}

    for path in PATHS:
        page.goto(path)
        found[path] = at_fault(page, moving=False)
    page.goto("/")
    page.get_by_role("button", name="Tout afficher").click()
    found["form"] = at_fault(page, moving=False)
    walk_to_the_sheets(page, found, moving=False)

    assert {where: each for where, each in found.items() if each} == {}


def test_nothing_is_animated_for_who_asked_for_rest(open_page: OpenPage) -> None:
    page = open_page("/recherche?lieu=Foug%C3%A8res&vue=carte", reduced_motion="reduce")
    expect(page.locator(".relais-pin").first).to_be_visible()

    page.get_by_role("button", name="Agrandir").click()

    moving = "[...document.querySelectorAll('*')].filter((each) => parseFloat(getComputedStyle(each).transitionDuration) > 0)"
    assert page.evaluate(f"document.getAnimations().length + {moving}.length") == 0
