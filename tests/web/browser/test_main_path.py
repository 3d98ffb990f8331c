"""The main path in a real browser: by keyboard, without JavaScript, narrow, printed, left alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
NARROW = {"width": 320, "height": 640}


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field or button of this name or id has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.id, document.activeElement.innerText]").count(name):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def unfold(page: Page) -> None:
    """Open whatever is folded, also within what was."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")


def fill(page: Page) -> None:
    page.fill("#place", "35300 Fougères")
    page.fill("#age", "18")
    page.keyboard.press("Escape")


def test_the_main_path_is_walked_with_the_keyboard_only(open_page: OpenPage) -> None:
    page = open_page()

    tab_to(page, "place")
    page.keyboard.type("fougeres")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    tab_to(page, "age")
    page.keyboard.type("18")
    for _ in range(3):
        tab_to(page, "Suivant") if page.get_by_role("button", name="Suivant").is_visible() else tab_to(page, "Passer cette étape")
        page.keyboard.press("Enter")
    tab_to(page, "needs-7")
    page.keyboard.press("Space")
    tab_to(page, "Voir les propositions")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    expect(page.get_by_role("link", name="Mission locale de Fougères").last).to_be_visible()
    summary = page.locator("details.relais-reasons > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.relais-reasons").first).to_have_attribute("open", "")


def test_the_first_tab_offers_to_skip_to_the_content(open_page: OpenPage) -> None:
    page = open_page()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#contenu")).to_be_focused()


def test_the_main_path_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)

    page.fill("#place", "Saint-Denis")
    page.fill("#age", "18")
    page.get_by_role("button", name="Voir les propositions").click()
    page.get_by_label(re.compile(r"^Saint-Denis \(974")).check(force=True)
    page.get_by_role("button", name="Voir les propositions").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    expect(page.locator("dl.relais-summary")).to_contain_text("Saint-Denis (974")
    page.get_by_role("button", name="Modifier le profil").click()
    expect(page.locator("#age")).to_have_value("18")
    page.get_by_role("link", name="Effacer").click()
    expect(page.locator("#age")).to_have_value("")


@pytest.mark.parametrize("theme", ["dsfr", "neutre"])
def test_nothing_overflows_on_a_screen_of_320_pixels(open_page: OpenPage, theme: str) -> None:
    page = open_page(theme=theme, viewport=NARROW)
    widths = {}

    for path in (
        "/",
        "/recherche?q=cio&lieu=Saint-Denis",
        "/recherche?q=cio",
        "/fiches/demonstration--ml",
        "/a-propos",
        "/accessibilite",
    ):
        page.goto(path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    page.goto("/")
    page.get_by_role("button", name="Voir les propositions").click()
    widths["refused"] = page.evaluate("document.documentElement.scrollWidth")
    fill(page)
    page.get_by_role("button", name="Voir les propositions").click()
    unfold(page)
    widths["answer"] = page.evaluate("document.documentElement.scrollWidth")
    for button, heading in (("La fiche de l’élève", "Ma fiche"), ("La fiche de suivi", "Fiche de suivi du parcours")):
        page.get_by_role("button", name=button).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        widths[heading] = page.evaluate("document.documentElement.scrollWidth")

    assert {path: width for path, width in widths.items() if width > 320} == {}


def test_errors_are_announced_and_lead_to_their_fields(open_page: OpenPage) -> None:
    page = open_page()

    page.get_by_role("button", name="Voir les propositions").click()

    expect(page.get_by_role("alert")).to_contain_text("2 réponses sont à revoir")
    page.get_by_role("alert").get_by_role("link", name="Âge").click()
    expect(page.locator("#age")).to_be_focused()
    expect(page.locator("#age")).to_have_accessible_description(re.compile("Indiquez l’âge"))


def test_no_request_leaves_the_site(open_page: OpenPage) -> None:
    page = open_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks the function that it is given

    page.reload()
    page.locator("#place").press_sequentially("foug")
    expect(page.get_by_role("option").first).to_be_visible()
    fill(page)
    page.get_by_role("button", name="Voir les propositions").click()
    page.get_by_role("link", name="Mission locale de Fougères").last.click()
    page.goto("/recherche?q=cio")

    home = urlsplit(page.url).netloc
    assert len(asked) > 8
    assert {urlsplit(request.url).netloc for request in asked if not request.url.startswith("data:")} == {home}
    assert not [request.url for request in asked if "foug" in request.url.lower()]
    assert page.context.cookies() == []


def test_the_page_obeys_its_own_policy(open_page: OpenPage) -> None:
    page = open_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    page.reload()
    fill(page)
    page.get_by_role("button", name="Voir les propositions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")

    assert told == []


def test_the_answer_prints_with_contacts_and_reasons_and_without_buttons(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    fill(page)
    page.get_by_role("button", name="Voir les propositions").click()
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Modifier le profil")).to_be_hidden()
    expect(page.locator("header.fr-header")).to_be_hidden()
    expect(page.get_by_role("link", name="01 99 00 01 23").first).to_be_visible()
    expect(page.locator(".relais-print-only").first).to_contain_text("Pourquoi")
    expect(page.locator(".relais-points").first).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_page_left_alone_warns_then_clears_itself(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 1280, "height": 1600})  # the field is in sight: nothing scrolls, which is a sign of life
    page.clock.install()
    page.reload()
    page.fill("#place", "35300 Fougères")

    page.clock.fast_forward("28:30")
    expect(page.get_by_role("alert")).to_contain_text("effacée dans deux minutes")
    page.get_by_role("button", name="Garder la page").click()
    page.clock.fast_forward("20:00")
    expect(page.locator("#place")).to_have_value("35300 Fougères")
    page.clock.fast_forward("10:30")

    expect(page.get_by_role("status").first).to_contain_text("La page a été effacée")
    expect(page.locator("#place")).to_have_value("")


def test_after_clearing_the_back_button_shows_no_profile(open_page: OpenPage) -> None:
    page = open_page()
    fill(page)
    page.get_by_role("button", name="Voir les propositions").click()

    page.get_by_role("link", name="Effacer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entretien de situation")
    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_have_text("Entretien de situation")
    expect(page.locator("#place")).to_have_value("")
