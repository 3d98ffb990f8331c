"""Dossiers in a real browser: axe-core finds nothing on any page of an account, in either theme; all works without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from directory.accounts import LINKS, make_link
from directory.models.accounts import Account, Role
from directory.services import Services
from directory.settings import Theme
from tests.web.accounts import add_account
from tests.web.browser.conftest import serve, sign_in, violations

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]


@pytest.fixture
def referents(people: Services) -> list[Account]:
    return [add_account(people, Role.REFERENT), add_account(people, Role.REFERENT, "collegue@essai.example")]


@pytest.fixture
def signed_in(people: Services, browser: Browser, referents: list[Account]) -> Iterator[SignedIn]:
    """Opens the pages in a theme, signed in as the référent."""
    with ExitStack() as opened:

        def open_signed_in(theme: Theme, **options: object) -> Page:
            address = opened.enter_context(serve(replace(people, settings=replace(people.settings, theme=theme))))
            context = browser.new_context(base_url=address, locale="fr-FR", **options)  # type: ignore[arg-type]
            opened.callback(context.close)
            return sign_in(context.new_page(), referents[0].email)

        yield open_signed_in


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["dsfr", "neutre"])
def test_axe_finds_nothing_on_any_page_of_an_account(
    signed_in: SignedIn, people: Services, referents: list[Account], axe: str, theme: Theme, width: int
) -> None:
    page = signed_in(theme, viewport={"width": width, "height": 800}, bypass_csp=True)
    found = {"account": violations(page, axe)}
    page.goto("/dossiers")
    found["none"] = violations(page, axe)
    page.goto("/dossiers/nouveau")
    page.get_by_label("Mois de naissance").fill("12/05/2009")
    page.locator("#note").fill("Vu avec Kevin")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    found["refused"] = violations(page, axe)
    page.get_by_label("Mois de naissance").fill("05/2009")
    page.locator("#note").fill("Rappeler lundi")
    page.locator("label[for=relu]").click()
    page.get_by_role("button", name="Ouvrir le dossier").click()
    expect(page.get_by_role("status")).to_contain_text("Le dossier est ouvert")
    found["opened"] = violations(page, axe)
    code = page.url.split("/")[-1].partition("?")[0]
    page.goto("/proposer/demonstration--resto")
    found["choose"] = violations(page, axe)
    page.get_by_label("Code de l’élève").select_option(code)
    page.get_by_role("button", name="Proposer").click()
    page.get_by_label("Ce qu’a donné").select_option("accepte")
    page.get_by_role("button", name="Noter").click()
    expect(page.locator(".relais-stepped")).to_contain_text("A accepté, le")
    found["step"] = violations(page, axe)
    link = make_link(people.repository.signing_key(LINKS), referents[1], people.clock())
    for path in (
        "/dossiers",
        f"/dossiers/{code}/liaison",
        f"/dossiers/{code}/effacer",
        "/effectifs",
        "/notice-parcours",
        "/fiches/demonstration--resto",
        f"/mot-de-passe/{link}",
        "/mot-de-passe",
        "/dossiers/ABSENT22",
    ):
        page.goto(path)
        found[path] = violations(page, axe)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    # a second tab signs out; what the first one typed stays
    page.goto(f"/dossiers/{code}")
    page.locator("#note").fill("dix minutes de saisie")
    page.context.clear_cookies()
    page.get_by_role("button", name="Enregistrer").click()
    found["lost"] = violations(page, axe)
    expect(page.get_by_role("main")).to_contain_text("dix minutes de saisie")

    assert {name: each for name, each in found.items() if each} == {}


def test_what_is_typed_in_one_form_is_not_lost_without_a_word_by_sending_another(signed_in: SignedIn) -> None:
    page = signed_in("neutre")
    page.goto("/dossiers/nouveau")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("#note").fill("dix minutes de saisie")
    page.get_by_label("Un organisme qui").fill("Boulangerie")
    page.get_by_role("button", name="Ajouter la démarche").click()
    expect(page.locator("#note")).to_have_value("dix minutes de saisie")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("Le dossier est enregistré")
    page.get_by_label("Un organisme qui").fill("Boulangerie")
    page.get_by_role("button", name="Ajouter la démarche").click()
    expect(page.get_by_role("status")).to_contain_text("La démarche est notée")

    assert asked == ["beforeunload"]
    expect(page.locator("#note")).to_have_value("dix minutes de saisie")


def test_a_dossier_left_on_a_shared_screen_goes_away_and_what_is_being_typed_stays(signed_in: SignedIn) -> None:
    page = signed_in("neutre")
    page.clock.install()
    page.goto("/dossiers/nouveau")
    page.get_by_role("button", name="Ouvrir le dossier").click()
    address = page.url.partition("?")[0]
    code = address.rpartition("/")[2]

    page.locator("#note").fill("dix minutes de saisie")
    page.clock.fast_forward("45:00")
    expect(page.locator("#note")).to_have_value("dix minutes de saisie")
    page.get_by_role("button", name="Enregistrer").click()
    page.goto(address)
    page.clock.fast_forward("31:00")

    expect(page.get_by_text(code)).to_have_count(0)
    assert page.url.endswith(f"/connexion?suite=/dossiers/{code}")


def test_a_dossier_is_opened_followed_and_erased_without_script(signed_in: SignedIn) -> None:
    page = signed_in("neutre", java_script_enabled=False)

    page.get_by_role("link", name="Mes élèves").click()
    page.get_by_role("link", name="Ouvrir un dossier").click()
    page.get_by_label("Mois de naissance").fill("05/2009")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Le dossier est ouvert")
    page.get_by_label("Où en est l’élève").select_option("entretien")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".relais-result__facts")).to_contain_text("Entretien fait")
    page.get_by_label("Transmettre à un autre").select_option(label="collegue@essai.example")
    page.get_by_role("button", name="Transmettre").click()
    expect(page.locator(".relais-result__facts")).to_contain_text("Suivi par collegue@essai.example")
    page.get_by_role("link", name="Effacer le dossier").click()
    page.get_by_role("button", name="Effacer").click()
    expect(page.get_by_role("status")).to_contain_text("Le dossier est effacé")
    expect(page.get_by_role("main")).to_contain_text("Aucun dossier n’est ouvert")
