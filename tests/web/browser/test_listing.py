"""A listing's page in a real browser: its map on demand, a report sent with the keyboard, printed, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
LISTING = "/fiches/demonstration--ml"


def tab_to(page: Page, text: str) -> None:
    """Press Tab until what holds this text, or bears this id, has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.id, document.activeElement.innerText]").count(text):
            return
    raise AssertionError(f"{text} is not reached by Tab")


def test_the_map_shows_the_listing_and_keeps_to_the_policy(open_page: OpenPage) -> None:
    page = open_page(LISTING)
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    tab_to(page, "Voir sur la carte")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Carte").get_by_role("button", name=re.compile("Mission locale"))).to_be_visible()
    page.get_by_role("button", name="Masquer la carte").click()
    expect(page.get_by_role("region", name="Carte")).to_be_hidden()
    assert told == []


@pytest.mark.parametrize("javascript", [True, False])
def test_an_error_is_reported_with_the_keyboard_only(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(LISTING, java_script_enabled=javascript)
    page.get_by_role("link", name="Signaler une erreur").focus()

    page.keyboard.press("Enter")
    page.get_by_label("Ce qui serait juste").focus()
    page.keyboard.type("Le standard a changé.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez ce qui ne va pas")
    expect(page.get_by_label("Ce qui serait juste")).to_have_value("Le standard a changé.")
    page.get_by_label("Le téléphone, le courriel ou le site ne répond pas").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Envoyer").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status").filter(has_text="signalement est arrivé")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mission locale de Fougères")


def test_without_javascript_no_button_is_offered_that_does_nothing(open_page: OpenPage) -> None:
    page = open_page(LISTING, java_script_enabled=False)

    expect(page.get_by_role("link", name="Appeler")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    page.get_by_text("Chaque information, et d’où elle vient").click()
    expect(page.get_by_text("Territoire de démonstration (inventé), enregistrement ml").first).to_be_hidden()
    page.get_by_text("D’où cela vient : « Nom »").click()
    expect(page.get_by_text("Territoire de démonstration (inventé), enregistrement ml").filter(visible=True)).to_have_count(1)


def test_the_page_prints_what_one_calls_with_and_nothing_to_press(open_page: OpenPage) -> None:
    page = open_page(LISTING)

    page.emulate_media(media="print")

    expect(page.get_by_role("link", name="01 99 00 01 23")).to_be_visible()
    expect(page.get_by_text("Vérifié le 2 novembre 2026 par")).to_be_visible()
    for hidden in ("Appeler", "Signaler une erreur"):
        expect(page.get_by_role("link", name=hidden)).to_be_hidden()
    expect(page.get_by_role("button", name="Imprimer")).to_be_hidden()


@pytest.mark.parametrize("path", [LISTING, f"{LISTING}/signaler"])
def test_nothing_overflows_on_a_small_screen_nor_moves_while_it_loads(open_page: OpenPage, path: str) -> None:
    page = open_page(path, viewport={"width": 320, "height": 640})
    moved = page.evaluate(
        """() => new Promise((done) => {
          let total = 0;
          new PerformanceObserver((list) => list.getEntries().forEach((entry) => { total += entry.value; }))
            .observe({ type: "layout-shift", buffered: true });
          setTimeout(() => done(total), 400);
        })"""
    )

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert moved < 0.02
