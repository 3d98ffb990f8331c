"""The search page in a real browser: suggestions, filters that answer at once, the map in step with the list, « back »."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
SHIFTS = """() => new Promise((done) => {
  let total = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { total += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(total), 600);
})"""


def test_the_box_completes_and_searches_with_the_keyboard_only(open_page: OpenPage) -> None:
    page = open_page("/recherche")

    page.locator("#q").press_sequentially("mission locale fouger")
    box = page.get_by_role("combobox", name=re.compile("Que cherchez-vous"))
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("option").first).to_contain_text("Mission locale de Fougères")  # before communes that end the text
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"q=mission\+locale\+Foug"))
    expect(page.locator("#resultats")).to_contain_text("autour de Fougères")
    assert page.url.count("=") == 1  # no field that is empty


def test_a_filter_answers_at_once_is_announced_and_keeps_the_focus(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=foug%C3%A8res")
    page.locator("#f-categorie-cio").focus()

    page.keyboard.press("Space")

    expect(page.get_by_role("status").filter(has_text="1 résultat")).to_contain_text("Partenaires")
    expect(page.locator("#f-categorie-cio")).to_be_focused()
    expect(page.locator("#f-categorie-cio")).to_be_checked()
    expect(page).to_have_url(re.compile("categorie=cio$"))
    expect(page).to_have_title(re.compile("^1 résultat"))


def test_back_gives_the_results_as_they_were(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=foug%C3%A8res")
    before = page.locator("#resultats").inner_text()
    page.locator("label[for=f-categorie-cio]").click()
    expect(page).to_have_url(re.compile("categorie=cio"))
    page.get_by_role("link", name="CIO de Fougères").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("CIO de Fougères")

    page.go_back()
    expect(page.locator("#f-categorie-cio")).to_be_checked()
    expect(page.locator("#resultats")).to_contain_text("1 résultat")
    page.go_back()

    expect(page.locator("#resultats")).to_have_text(before)
    expect(page.locator("#f-categorie-cio")).not_to_be_checked()


def test_the_filters_work_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=foug%C3%A8res", java_script_enabled=False, viewport={"width": 375, "height": 800})

    page.get_by_text("Filtrer", exact=True).first.click()
    page.locator("label[for=f-categorie-cio]").click()
    page.get_by_role("button", name="Appliquer les filtres").click()

    expect(page.locator("#resultats")).to_contain_text("1 résultat")
    page.get_by_role("link", name="Enlever le filtre « CIO").click()
    expect(page.locator("#resultats")).not_to_contain_text("1 résultat ")
    expect(page.get_by_role("button", name="Afficher la carte")).to_be_hidden()


def test_the_map_opens_beside_the_list_from_this_site_alone(open_page: OpenPage) -> None:
    page = open_page("/recherche?lieu=Foug%C3%A8res")
    asked: list[Request] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright marks the function that it is given
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))

    page.get_by_role("button", name="Afficher la carte").click()
    pin = page.get_by_role("button", name=re.compile("Mission locale de Fougères"))
    expect(pin).to_be_visible()
    page.locator("#r1").hover()

    expect(page.locator(".relais-pin--lit")).to_have_count(1)
    expect(page.locator(".relais-map__name span").first).to_be_visible()
    assert {urlsplit(request.url).netloc for request in asked if not request.url.startswith("data:")} == {
        urlsplit(page.url).netloc
    }
    assert any("leaflet" in request.url for request in asked)
    assert told == []
    page.reload()
    expect(page.get_by_role("button", name="Masquer la carte")).to_be_visible()  # the address keeps it


def test_the_map_is_used_with_the_keyboard(open_page: OpenPage) -> None:
    page = open_page("/recherche?lieu=Foug%C3%A8res&genre=partner&vue=carte")
    pin = page.get_by_role("button", name=re.compile("Mission locale de Fougères"))
    pin.focus()

    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a[href*=fiches]").first
    expect(link).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(pin).to_be_focused()


@pytest.mark.parametrize(
    ("path", "width"), [("/recherche?q=foug%C3%A8res", 375), ("/recherche?lieu=Foug%C3%A8res&vue=carte", 1280)]
)
def test_nothing_moves_while_the_page_loads(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 800})

    assert page.evaluate(SHIFTS) < 0.02


def test_everything_is_there_at_200_percent(open_page: OpenPage) -> None:
    page = open_page("/recherche?q=foug%C3%A8res&vue=carte", viewport={"width": 640, "height": 400}, device_scale_factor=2)

    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    expect(page.get_by_role("link", name="Mission locale de Fougères").last).to_be_visible()
