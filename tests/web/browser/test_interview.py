"""The interview in steps: in the order of the situation, each step skipped or not, back and forth, or whole."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
PASS = re.compile("Suivant|Passer cette étape")


def title(page: Page) -> str:
    return page.locator("[data-step]:not([hidden]) h2").inner_text().replace("\u00a0", " ").replace("\n", " ")


@pytest.mark.parametrize(
    ("situation", "second"),
    [("situation-1", "Sa formation"), ("situation-2", "Ce qu’il ou elle souhaite"), ("situation-3", "Sa formation")],
)
def test_the_situation_decides_what_is_asked_next(open_page: OpenPage, situation: str, second: str) -> None:
    page = open_page()

    page.check(f"#{situation}", force=True)
    page.get_by_role("button", name=PASS).click()

    assert title(page) == f"Étape 2 sur 5 {second}"
    expect(page.locator("[data-step]:not([hidden]) h2")).to_be_focused()


def test_every_step_can_be_passed_and_what_was_typed_is_sent(open_page: OpenPage) -> None:
    page = open_page()
    page.fill("#place", "35300 Fougères")
    page.fill("#age", "17")
    page.keyboard.press("Escape")

    for _ in range(4):
        page.get_by_role("button", name=PASS).click()
    expect(page.get_by_role("button", name=PASS)).to_be_hidden()
    page.get_by_role("button", name="Voir les propositions").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    expect(page.locator("#profil")).to_have_text("Fougères (35300), 17 ans")


def test_the_back_button_goes_a_step_back_and_loses_nothing(open_page: OpenPage) -> None:
    page = open_page()
    page.fill("#place", "35300 Fougères")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=PASS).click()
    page.get_by_role("button", name=PASS).click()

    page.go_back()
    assert title(page).startswith("Étape 2 sur 5")
    page.go_back()

    assert title(page).startswith("Étape 1 sur 5")
    expect(page.locator("#place")).to_have_value("35300 Fougères")
    assert "Foug" not in page.url


def test_the_whole_form_is_one_click_away(open_page: OpenPage) -> None:
    page = open_page()

    page.get_by_role("button", name="Tout afficher sur une page").click()

    assert page.locator("[data-step]:visible").count() == 5
    expect(page.get_by_role("button", name=PASS)).to_be_hidden()


def test_a_form_that_comes_back_is_whole(open_page: OpenPage) -> None:
    page = open_page()

    page.get_by_role("button", name="Voir les propositions").click()

    expect(page.get_by_role("alert")).to_contain_text("2 réponses sont à revoir")
    assert page.locator("[data-step]:visible").count() == 5


def test_without_javascript_it_is_one_long_form(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)

    assert page.locator("[data-step]:visible").count() == 5
    expect(page.get_by_role("button", name=PASS)).to_be_hidden()
