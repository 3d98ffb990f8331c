"""What keeps the directory true beside the desk, in a real browser: axe, the keyboard, a phone and paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.campaigns import KEY, LASTS, digest_of, make_link, make_stop
from directory.models.accounts import Role
from directory.models.campaigns import Aim, CampaignState, LetterState
from directory.models.curation import Curation, Topic, Wish
from directory.models.links import CheckedLink, LinkState
from directory.services import Services
from directory.vocabulary import Kind
from tests.factories import sourced
from tests.web.accounts import add_account
from tests.web.browser.conftest import PATIENCE_MS, serve, sign_in, violations
from tests.web.browser.test_accessibility import unfold
from tests.web.conftest import NOW
from tests.web.test_desk import EDUCATION, SHEET, publish

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]


@pytest.fixture
def signed_in(browser: Browser, own: Services) -> Iterator[SignedIn]:
    """A page of a bureau that is signed in; a pair is to be judged, a link is dead, partners have answered."""
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "ajouts", *(sourced(str(rank), "ajouts", name=f"Partenaire {rank}", contacts=CONTACTS) for rank in range(3)))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    for link in own.repository.links.list_waiting(NOW):
        dead = CheckedLink(url=link.url, state=LinkState.DEAD, status=404, reason="Absente.", checked_at=NOW, failing_since=NOW)
        own.repository.links.keep([(dead, link.listing_pks)])
    account = add_account(own, Role.BUREAU)
    launch(own, account.email)
    with serve(own) as address:
        contexts = []

        def opened(**options: object) -> Page:
            context = browser.new_context(base_url=address, locale="fr-FR", **options)  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE_MS)
            contexts.append(context)
            return sign_in(context.new_page(), account.email)

        yield opened
        for context in contexts:
            context.close()


def launch(own: Services, reply_to: str) -> None:
    """A campaign about three listings: one is confirmed, one corrected, the third to be opened."""
    kept, digest = own.repository.campaigns, digest_of(own.repository.signing_key(KEY))
    reach = kept.reach(Aim(departement="35", kinds=(Kind.PARTNER,), days=90), digest, NOW)
    said = {"message": "Merci !", "author": "Une curatrice", "reply_to": reply_to, "signed": "Le bureau"}
    number = kept.prepare(Aim(departement="35", kinds=(Kind.PARTNER,), days=90), reach.recipients, said, digest, NOW)
    kept.set_state(number, CampaignState.OPEN, NOW + LASTS)
    letter = kept.claim(NOW, timedelta(0))
    assert letter is not None
    kept.note(
        letter.number, LetterState.REFUSED, NOW, "Le serveur de courrier refuse cette lettre ou cette adresse (réponse 550)."
    )
    for author in ("Une curatrice", "Un collègue"):  # a life to read, by two persons
        wish = Wish(listing_id="demonstration--cio", topic=Topic.NAME, values={"name": f"CIO, dit par {author}"})
        own.repository.curation.curate([wish], Curation(author=author, reason="", now=NOW, nonce=author, trust=own.trust))
    for rank, content in ((1, {}), (2, {"nom": {"name": "Nom corrigé"}})):
        invitation = own.repository.answers.find_invitation(rank)
        assert invitation is not None
        own.repository.answers.keep_answer(invitation, content, "", NOW)


def partner_page(own: Services) -> str:
    """The path of the page of the partner that has not answered."""
    return f"/partenaire/{make_link(own.repository.signing_key(KEY), 3, NOW + LASTS)}"


CONTACTS = ({"label": "Accueil", "email": "accueil@un.example", "url": "https://un.example/"},)
CAMPAIGNS = ("/bureau/campagnes", "/bureau/campagnes/nouvelle", "/bureau/campagnes/1", "/bureau/reponses", "/partenaire/merci")
HISTORY = ("/bureau/journal", "/bureau/fiches/demonstration--cio/histoire")
HEALTH = ("/etat-annuaire", "/etat-annuaire?territoire=france:", "/etat-annuaire?territoire=academie:Rennes")


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_overflows(signed_in: SignedIn, own: Services, axe: str, width: int) -> None:
    page = signed_in(viewport={"width": width, "height": 800}, bypass_csp=True)
    found = {}

    stop = f"/partenaire/stop/{make_stop(own.repository.signing_key(KEY), 'x')}"
    for path in (*HEALTH, *HISTORY, *CAMPAIGNS, partner_page(own), stop, "/partenaire/coupé"):
        page.goto(path)
        unfold(page)
        found[path] = violations(page, axe)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("wider than the window")

    assert {path: each for path, each in found.items() if each} == {}


def test_the_health_page_is_used_by_keyboard_alone(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/etat-annuaire")

    page.locator("#territoire").focus()
    page.keyboard.type("Finis")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**territoire=departement*29")

    assert "Finistère" in page.locator("h1").inner_text()


def test_the_health_page_prints_its_charts_and_tables_without_its_form(signed_in: SignedIn) -> None:
    page = signed_in()
    page.goto("/etat-annuaire")

    page.emulate_media(media="print")

    assert page.locator(".relais-chart__bar").first.is_visible()
    assert page.locator("#ages").is_visible()
    assert not page.locator("#territoire").is_visible()


def test_a_campaign_is_previewed_and_prepared_by_keyboard(signed_in: SignedIn, own: Services) -> None:
    page = signed_in()
    page.goto("/bureau/campagnes/nouvelle")

    page.locator("#message").focus()
    page.keyboard.type("Merci.")
    page.get_by_role("button", name="Voir ce que cela ferait").press("Enter")

    expect(page.get_by_text("1 lettre partirait")).to_be_visible()  # the one that their server refused: they were not written to
    assert page.locator("#message").input_value() == "Merci."


def test_a_partner_corrects_its_listing_on_a_phone_without_script(browser: Browser, signed_in: SignedIn, own: Services) -> None:
    address = signed_in().url.partition("/connexion")[0]
    context = browser.new_context(base_url=address, java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(partner_page(own))

    page.get_by_text("Corriger ma fiche").click()
    page.locator("[id='nom.valeur']").fill("Nom juste")
    page.get_by_role("button", name="Envoyer mes corrections").click()

    assert "Vos corrections sont parties" in page.locator("main").inner_text()
    assert context.cookies() == []
    assert [each.content["nom"]["name"] for each in own.repository.answers.list_answers() if each.content][-1] == "Nom juste"
    context.close()
