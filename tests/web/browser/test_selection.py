"""The answer in the hand: kept, noted, put in order, compared and printed, by mouse, by keyboard and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def answer(open_page: OpenPage, **options: object) -> Page:
    page = open_page(**options)
    page.fill("#place", "35300 Fougères")
    page.fill("#age", "18")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Voir les propositions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    return page


def keep(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Garder : {name}", exact=True).click()
    expect(page.locator(".relais-kept__item", has_text=name)).to_be_visible()


def test_keeping_says_so_keeps_the_focus_and_does_not_move_the_page(open_page: OpenPage) -> None:
    page = answer(open_page)
    button = page.get_by_role("button", name="Garder : CIO de Fougères", exact=True)
    button.scroll_into_view_if_needed()
    before = button.bounding_box()

    button.press("Enter")

    pressed = page.get_by_role("button", name="Retirer de la sélection : CIO de Fougères")
    expect(pressed).to_be_focused()
    expect(page.locator("body > [role=status]")).to_have_text(re.compile(r"«\s*CIO de Fougères\s*» est dans la sélection"))
    after = pressed.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2


@pytest.mark.parametrize("javascript", [True, False])
def test_the_selection_is_noted_ordered_compared_and_becomes_a_sheet(open_page: OpenPage, javascript: bool) -> None:
    page = answer(open_page, java_script_enabled=javascript)
    keep(page, "Mission locale de Fougères")
    keep(page, "CIO de Fougères")

    page.get_by_label("Note : CIO de Fougères").fill("apporter le CV")
    page.get_by_label("Rendez-vous : CIO de Fougères").fill("2026-12-01T14:30")
    page.get_by_role("button", name="Monter : CIO de Fougères").click()
    expect(page.locator(".relais-kept__item").first).to_contain_text("CIO de Fougères")
    expect(page.get_by_label("Note : CIO de Fougères")).to_have_value("apporter le CV")
    page.get_by_label("Comparer : CIO de Fougères").check(force=True)
    page.get_by_label("Comparer : Mission locale de Fougères").check(force=True)
    page.get_by_role("button", name="Comparer les deux cochées").click()
    expect(page.locator(".relais-compare")).to_contain_text("/ 100")
    page.get_by_role("button", name="La fiche de l’élève").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")
    expect(page.locator(".relais-call-card").first).to_contain_text("CIO de Fougères")
    expect(page.locator(".relais-call-card").first).to_contain_text("apporter le CV")
    expect(page.locator(".relais-call-card").first).to_contain_text("Mardi 1er décembre 2026")
    page.get_by_role("button", name="Revenir aux propositions").click()
    expect(page.get_by_label("Note : CIO de Fougères")).to_have_value("apporter le CV")
    page.get_by_role("button", name="La fiche de suivi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fiche de suivi du parcours")


def test_a_request_that_fails_sends_the_page_instead_and_loses_nothing(open_page: OpenPage) -> None:
    page = answer(open_page)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('down')); }")

    keep(page, "CIO de Fougères")

    assert page.evaluate("String(window.fetch)").startswith("function fetch()")  # the page came anew


def test_a_link_of_the_plan_unfolds_the_result_that_it_leads_to(open_page: OpenPage) -> None:
    page = answer(open_page)
    folded = page.locator("details.relais-more .relais-result").first
    key = folded.get_attribute("id")

    page.evaluate("key => { location.hash = key }", key)

    expect(folded).to_be_in_viewport()


def test_everything_folded_is_printed_but_the_points(open_page: OpenPage) -> None:
    page = answer(open_page)

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")

    expect(page.locator("details.relais-more .relais-result").first).to_be_visible()
    expect(page.locator(".relais-points").first).to_be_hidden()


def test_the_lists_are_printed_in_two_columns_and_numbered_through(open_page: OpenPage) -> None:
    page = answer(open_page)
    page.emulate_media(media="print")

    first, rest = page.locator(".relais-results").first, page.locator(".relais-more .relais-results").first

    expect(first).to_have_css("column-count", "2")
    expect(first).to_have_css("counter-reset", "rank 0")
    expect(rest).to_have_css("counter-reset", "none")


@pytest.mark.parametrize("theme", ["dsfr", "neutre"])
def test_the_plan_and_the_first_calls_are_seen_at_once_on_a_phone(open_page: OpenPage, theme: str) -> None:
    page = answer(open_page, theme=theme, viewport={"width": 375, "height": 812})

    first_call = page.locator(".relais-plan a.relais-phone").first.bounding_box()

    assert first_call
    assert first_call["y"] < 812
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_clearing_from_a_page_that_was_redrawn_still_clears(open_page: OpenPage) -> None:
    page = answer(open_page)
    keep(page, "CIO de Fougères")

    page.get_by_role("link", name="Effacer").click()
    page.go_back()

    expect(page.locator("#place")).to_have_value("")


def test_the_selection_is_shown_on_a_map_and_stays_there_when_it_changes(open_page: OpenPage) -> None:
    page = answer(open_page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    keep(page, "Mission locale de Fougères")
    page.get_by_role("button", name="Afficher la carte").click()
    expect(page.locator(".relais-pin")).to_have_count(1)

    keep(page, "Résidence des Remparts")

    expect(page.locator(".relais-pin span")).to_have_text("1 +1")  # the same point, one pin
    expect(page.get_by_role("button", name="Masquer la carte")).to_be_visible()
    home = page.url.split("/propositions")[0]
    assert not [url for url in asked if not url.startswith((home, "data:"))]


PHONE = {"width": 375, "height": 667}


def test_on_a_phone_the_plan_comes_first_and_each_list_is_folded_with_its_count(open_page: OpenPage) -> None:
    page = answer(open_page, viewport=PHONE)
    result = page.locator("#r-demonstration--cio")

    expect(page.locator(".relais-fold").first).to_be_visible()
    expect(result).to_be_hidden()
    expect(page.locator("#liste-partner > summary")).to_contain_text(re.compile(r"Voir les \d+ : Partenaires"))
    page.locator(".relais-jump").get_by_role("link", name=re.compile("^Partenaires")).click()

    expect(result).to_be_visible()
    keep(page, "CIO de Fougères")
    expect(result).to_be_visible()  # what was unfolded stays so
    page.locator("#liste-partner > summary").click()
    expect(result).to_be_hidden()
    page.locator(".relais-jump").get_by_role("link", name=re.compile("^Partenaires")).click()
    expect(result).to_be_visible()  # the same link again


def test_on_a_phone_a_link_of_the_plan_unfolds_the_list_that_holds_it(open_page: OpenPage) -> None:
    page = answer(open_page, viewport=PHONE)

    page.locator(".relais-plan a[href^='#r-']").first.click()

    expect(page.locator(":target")).to_be_in_viewport()


@pytest.mark.parametrize("javascript", [True, False])
def test_where_there_is_room_and_on_paper_nothing_of_the_lists_is_folded(open_page: OpenPage, javascript: bool) -> None:
    page = answer(open_page, java_script_enabled=javascript)
    result, summary = page.locator("#r-demonstration--cio"), page.locator("#liste-partner > summary")

    expect(result).to_be_visible()
    expect(summary).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(result).to_be_hidden()
    page.emulate_media(media="print")

    expect(result).to_be_visible()
    expect(summary).to_be_hidden()


def hold(page: Page, seconds: float) -> None:
    """Make each answer of the server come later."""
    page.evaluate(
        "wait => { const asked = window.fetch; window.fetch = async (...all) =>"
        " { await new Promise((done) => setTimeout(done, wait)); return asked(...all); }; }",
        1000 * seconds,
    )


def test_two_pressed_one_after_the_other_are_both_kept_and_a_double_click_keeps_once(open_page: OpenPage) -> None:
    page = answer(open_page)
    hold(page, 0.4)

    for name in ("CIO de Fougères", "Mission locale de Fougères", "Mission locale de Fougères"):
        page.get_by_role("button", name=f"Garder : {name}", exact=True).click()

    expect(page.locator(".relais-kept__item")).to_have_count(2)
    expect(page.locator("[data-answer]")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".relais-kept__item")).to_have_count(2)


def test_what_is_typed_while_an_answer_is_on_its_way_is_not_lost(open_page: OpenPage) -> None:
    page = answer(open_page)
    keep(page, "CIO de Fougères")
    hold(page, 0.8)
    note = page.get_by_label("Note : CIO de Fougères")

    page.get_by_role("button", name="Garder : Mission locale de Fougères", exact=True).click()
    note.press_sequentially("venir à 14 h")
    expect(page.locator(".relais-kept__item")).to_have_count(2)

    expect(note).to_have_value("venir à 14 h")
    expect(note).to_be_focused()
    page.keyboard.type(" 30")
    expect(note).to_have_value("venir à 14 h 30")


def test_the_selection_is_ordered_compared_mapped_and_printed_by_keyboard_alone(open_page: OpenPage) -> None:
    page = answer(open_page)
    for name in ("Mission locale de Fougères", "CIO de Fougères"):
        page.get_by_role("button", name=f"Garder : {name}", exact=True).press("Enter")
        expect(page.locator(".relais-kept__item", has_text=name)).to_be_visible()

    tab_to(page, "Monter : CIO de Fougères", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(".relais-kept__item").first).to_contain_text("CIO de Fougères")
    assert page.evaluate("document.activeElement !== document.body")
    for name in ("CIO de Fougères", "Mission locale de Fougères"):
        tab_to(page, f"Comparer : {name}", back=name.startswith("CIO"))
        page.keyboard.press("Space")
    tab_to(page, "Comparer les deux cochées")
    page.keyboard.press("Enter")
    expect(page.locator("#comparaison")).to_be_focused()
    tab_to(page, "Afficher la carte", back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Masquer la carte")).to_be_focused()
    tab_to(page, "1. CIO de Fougères")
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup a[href^='#r-']").first).to_be_focused()
    page.keyboard.press("Escape")
    tab_to(page, "La fiche de l’élève", back=True)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")
    tab_to(page, "PDF")
    with page.expect_download() as coming:
        page.keyboard.press("Enter")
    assert coming.value.suggested_filename == "fiche-eleve.pdf"
    tab_to(page, "Revenir aux propositions", back=True)
    page.keyboard.press("Enter")
    expect(page.locator(".relais-kept__item").first).to_contain_text("CIO de Fougères")


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab, or Maj+Tab, until what bears this name has the focus; it can be seen that it has."""
    for _ in range(200):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = page.evaluate(
            "() => { const at = document.activeElement; return [at.getAttribute('aria-label') ?? "
            "(at.labels?.[0] ?? at).textContent.replace(/\\s+/g, ' ').trim(), getComputedStyle(at).outlineStyle,"
            " at.labels?.[0] ? getComputedStyle(at.labels[0], '::before').outlineStyle : '']; }"
        )
        if here[0].replace("\u00a0", " ").startswith(name):
            assert {"solid", "auto"} & set(here[1:]), f"{name}: the focus is not seen: {here}"
            return
    raise AssertionError(f"{name} is not reached")


def test_back_from_a_sheet_gives_the_answer_as_it_was(open_page: OpenPage) -> None:
    page = answer(open_page)
    keep(page, "CIO de Fougères")
    page.get_by_label("Note : CIO de Fougères").fill("apporter le CV")

    page.get_by_role("button", name="La fiche de l’élève").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")
    expect(page).to_have_title(re.compile("^Fiche de l’élève"))
    expect(page.locator(".relais-call-card").first).to_contain_text("apporter le CV")
    page.evaluate("history.back()")

    expect(page.get_by_role("heading", level=1)).to_have_text("Propositions pour l’élève")
    expect(page.get_by_label("Note : CIO de Fougères")).to_have_value("apporter le CV")
    keep(page, "Mission locale de Fougères")
    page.locator(".relais-jump a").last.click()
    expect(page.locator(":target")).to_be_in_viewport()  # a link within the answer still goes where it leads
    page.evaluate("history.back()")
    page.evaluate("history.forward()")
    page.evaluate("history.back()")
    page.get_by_role("button", name="La fiche de l’élève").first.dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()


def test_clearing_from_a_sheet_leaves_nothing_behind_it(open_page: OpenPage) -> None:
    page = answer(open_page)
    page.get_by_role("button", name="La fiche de l’élève").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ma fiche")

    page.get_by_role("link", name="Effacer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entretien de situation")

    expect(page.locator("#place")).to_have_value("")
    for move in ("history.forward()", "history.back()", "history.back()"):
        page.evaluate(move)
        page.wait_for_timeout(500)
        expect(page.get_by_role("heading", level=1)).to_have_text("Entretien de situation")
        expect(page.locator("#place")).to_have_value("")
