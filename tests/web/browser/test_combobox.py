"""Suggestions under a field, as the combobox pattern asks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def test_the_number_of_suggestions_is_announced(open_page: OpenPage) -> None:
    page = open_page()

    page.locator("#place").press_sequentially("fougeres")

    place = page.get_by_role("combobox", name=re.compile("Où habite"))
    expect(place).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#place ~ [role=status]")).to_have_text(re.compile(r"^(Une|\d+) suggestions?$"))


def test_arrows_go_round_and_escape_closes_without_losing_what_was_typed(open_page: OpenPage) -> None:
    page = open_page()
    place = page.locator("#place")
    place.press_sequentially("saint")
    options = page.get_by_role("listbox").first.get_by_role("option")
    expect(options.nth(2)).to_be_visible()

    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(place).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    page.keyboard.press("Escape")

    expect(place).to_have_attribute("aria-expanded", "false")
    expect(place).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(place).to_have_value("saint")


def test_enter_takes_the_suggestion_and_does_not_send_the_form(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Tout afficher sur une page").click()
    page.locator("#occupations-1").press_sequentially("cuisin")
    expect(page.locator("#occupations-1 ~ [role=listbox] [role=option]").first).to_be_visible()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator("#occupations-1")).to_have_value(re.compile(r".+ \([A-N]\d{4}\)$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Entretien de situation")


def test_a_suggestion_can_be_clicked(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#place").press_sequentially("fougeres")

    page.get_by_role("option", name=re.compile("Fougères")).first.click()

    expect(page.locator("#place")).to_have_value(re.compile("Fougères"))
    expect(page.locator("input[name=place_code]")).to_have_value("35115")


def test_typing_again_forgets_the_place_that_was_chosen(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#place").press_sequentially("fougeres")
    page.get_by_role("option", name=re.compile("Fougères")).first.click()

    page.locator("#place").press_sequentially("x")

    expect(page.locator("input[name=place_code]")).to_have_value("")


def test_the_field_still_works_when_suggestions_do_not_answer(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/lieux", Route.abort)

    page.locator("#place").press_sequentially("35300 Fougères")
    page.fill("#age", "18")
    page.get_by_role("button", name="Voir les propositions").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
