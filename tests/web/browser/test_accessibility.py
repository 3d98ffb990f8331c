"""axe-core finds nothing on any page, in either theme."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import violations

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
PATHS = (
    "/",
    "/?efface=1",
    "/cohorte",
    "/mon-lycee",
    "/mon-lycee?lycee=0350011X",
    "/mon-lycee?lycee=lycee+jean",
    "/recherche",
    "/recherche?q=suicide&lieu=Saint-Denis",
    "/recherche?q=mission",
    "/recherche?q=zzqqxxyy",
    "/recherche?q=foug%C3%A8res&categorie=cio&genre=partner",
    "/recherche?categorie=dragon",
    "/fiches/demonstration--ml",
    "/fiches/demonstration--ml?signale=1",
    "/fiches/demonstration--dating",
    "/fiches/demonstration--ml/signaler",
    "/a-propos",
    "/accessibilite",
    "/donnees-personnelles",
    "/widget?departement=35",
    "/widget?nombre=99",
    "/suivre?lieu=35300+Foug%C3%A8res&departement=35",
    "/suivre?lieu=Saint-Denis",
    "/connexion",
    "/mot-de-passe-oublie",
    "/rien",
)


def unfold(page: Page) -> None:
    """Open whatever is folded, also within what was."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")


@pytest.mark.parametrize("theme", ["dsfr", "neutre"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_any_page(open_page: OpenPage, axe: str, theme: str, width: int) -> None:
    page = open_page(theme=theme, viewport={"width": width, "height": 800}, bypass_csp=True)
    found = {}

    for path in PATHS:
        page.goto(path)
        found[path] = violations(page, axe)

    assert {path: each for path, each in found.items() if each} == {}


@pytest.mark.parametrize(("theme", "width"), [("dsfr", 1280), ("neutre", 1280), ("dsfr", 375)])
def test_axe_finds_nothing_along_the_main_path(open_page: OpenPage, axe: str, theme: str, width: int) -> None:
    page = open_page(theme=theme, viewport={"width": width, "height": 800}, bypass_csp=True)
    found = {}

    for step in range(2, 6):
        page.get_by_role("button", name=re.compile("Suivant|Passer")).click()
        found[f"step {step}"] = violations(page, axe)
    page.get_by_role("button", name="Tout afficher").click()
    found["whole"] = violations(page, axe)
    page.locator("#place").press_sequentially("saint denis")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    found["suggestions"] = violations(page, axe)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Voir les propositions").click()
    found["refused"] = violations(page, axe)
    page.fill("#place", "35300 Fougères")
    page.fill("#age", "16")
    page.check("#needs-7", force=True)
    page.get_by_role("button", name="Voir les propositions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    found["folded"] = violations(page, axe)
    unfold(page)
    found["answer"] = violations(page, axe)
    for name in ("Mission locale de Fougères", "CIO de Fougères"):
        page.get_by_role("button", name=f"Garder : {name}", exact=True).click()
        page.get_by_label(f"Comparer : {name}").or_(page.get_by_label(f"Note : {name}")).first.wait_for(state="attached")
    page.get_by_role("button", name=re.compile("^Écarter")).last.click()
    expect(page.locator(".relais-dropped")).to_be_visible()
    for box in page.get_by_label(re.compile("^Comparer")).all():
        box.check(force=True)
    page.get_by_role("button", name="Comparer les deux cochées").click()
    expect(page.locator(".relais-compare")).to_be_visible()
    found["selection"] = violations(page, axe)
    page.get_by_role("button", name="La fiche de l’élève").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")
    found["sheet"] = violations(page, axe)
    page.get_by_role("button", name="La fiche de suivi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fiche de suivi du parcours")
    found["follow-up"] = violations(page, axe)

    assert {step: each for step, each in found.items() if each} == {}


@pytest.mark.parametrize(("theme", "width"), [("dsfr", 1280), ("neutre", 375)])
def test_axe_finds_nothing_in_any_state_of_the_search_page(open_page: OpenPage, axe: str, theme: str, width: int) -> None:
    page = open_page(
        "/recherche?lieu=Foug%C3%A8res",
        theme=theme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    found = {}

    page.get_by_role("button", name="Afficher la carte").click()
    page.get_by_role("button", name=re.compile("Mission locale de Fougères")).click()
    expect(page.locator(".leaflet-popup a").first).to_be_visible()
    found["map"] = violations(page, axe)
    page.keyboard.press("Escape")
    page.locator("#q").press_sequentially("mission")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    found["suggestions"] = violations(page, axe)
    page.keyboard.press("Escape")
    if width < 500:
        page.locator(".relais-filters__summary").click()
    page.locator("label[for=f-genre-partner]").click()
    expect(page.get_by_role("status").filter(has_text="résultats")).to_have_count(1)
    found["filtered"] = violations(page, axe)

    assert {step: each for step, each in found.items() if each} == {}
