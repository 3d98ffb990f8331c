"""A company's file in a browser: filled in by keyboard alone; axe-core finds nothing, wide or narrow; paper holds no button."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.models.accounts import Role
from directory.services import Services
from directory.settings import Theme
from tests.web.accounts import add_account
from tests.web.browser.conftest import serve, sign_in, violations

pytestmark = pytest.mark.browser
LIST = "/bureau/entreprises"
RESTO = f"{LIST}/demonstration--resto"
TOO_WIDE = """document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll('main *')].filter((each) => each.getBoundingClientRect().right > window.innerWidth)
  .map((each) => each.outerHTML.slice(0, 80))"""
ADDING = ("/bureau/ajouter/entreprise?nom=restaurant", "/bureau/ajouter/evenement")
LOOKED_AT = (RESTO, LIST, f"{LIST}?vue=annuaire&formation=cuisine", f"{LIST}?formation=zzqqxx", *ADDING)


def open_details(page: Page, summary: str) -> None:
    """Open a folded form by keyboard."""
    page.locator("summary", has_text=summary).focus()
    page.keyboard.press("Enter")


def host_and_review(page: Page) -> None:
    """Note a class that was hosted, then how it went."""
    open_details(page, "Noter un accueil")
    for name, text in (("classe", "T CAP"), ("accueil-du", "2026-11-02"), ("accueil-au", "2026-11-20")):
        page.locator(f"#{name}").fill(text)
    page.locator("#accueil-voie").select_option("internship")
    page.locator("#accueil-nombre").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("L’accueil est noté")
    page.get_by_label("Avis").select_option("bien")
    page.get_by_role("button", name="Noter l’avis").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("L’avis est noté")


def note_a_person(page: Page) -> None:
    """Note whom one speaks to."""
    open_details(page, "Noter une personne")
    for name, text in (("nom", "Dominique Essai"), ("telephone", "01 99 00 01 77"), ("origine", "salon")):
        page.locator(f"#{name}").fill(text)
    page.locator("#but").select_option("accueil")
    page.get_by_role("button", name="Noter la personne").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("La personne est notée")


@pytest.mark.parametrize(("theme", "width"), [("dsfr", 1280), ("neutre", 360)])
def test_a_file_is_filled_in_by_keyboard_and_read_by_everyone(
    browser: Browser, people: Services, axe: str, theme: Theme, width: int
) -> None:
    account = add_account(people, Role.BUREAU)
    themed = replace(people, settings=replace(people.settings, theme=theme))
    with serve(themed) as address:
        context = browser.new_context(base_url=address, locale="fr-FR", viewport={"width": width, "height": 800}, bypass_csp=True)
        page = sign_in(context.new_page(), account.email)
        found = {}

        page.goto(RESTO)
        found["blank"] = violations(page, axe)
        page.locator("#pas-avant").fill("2026-12-05")
        page.get_by_label("Raison").focus()
        page.keyboard.type("clôture")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("C’est noté")
        page.locator("#places-du").fill("2026-11-16")
        page.locator("#places-au").fill("2026-12-18")
        page.locator("#places-voie").select_option("internship")
        page.locator("#places-nombre").fill("zéro")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("un nombre, de 1 à 1000")
        found["refused"] = violations(page, axe)
        page.locator("#places-nombre").fill("4")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Les places sont notées")
        host_and_review(page)
        note_a_person(page)
        for path in LOOKED_AT:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            found[path] = violations(page, axe)
            found[f"wide {path}"] = page.evaluate(TOO_WIDE)
        page.emulate_media(media="print")
        page.goto(RESTO)
        on_paper = page.locator("main button:visible, main input:visible, main summary:visible").count()
        context.close()

    assert {name: each for name, each in found.items() if each} == {}
    assert on_paper == 0
