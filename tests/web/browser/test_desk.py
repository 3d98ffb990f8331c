"""The desk in a real browser: a pair judged by one key, undone by the next page's button; nothing by key while one writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.models.accounts import Role
from directory.models.duplicates import PairState
from directory.models.report import Report, ReportReason
from directory.services import Services
from tests.factories import sourced
from tests.web.accounts import add_account
from tests.web.browser.conftest import PATIENCE_MS, serve, sign_in
from tests.web.conftest import NOW
from tests.web.test_desk import EDUCATION, SHEET, publish

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(browser: Browser, own: Services) -> Iterator[Page]:
    """A page of a bureau that is signed in, two listings to judge and one report."""
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    own.repository.keep_report(Report(listing_id="demonstration--ml", reason=ReportReason.CONTACT, text="", nonce="n"), NOW)
    account = add_account(own, Role.BUREAU)
    with serve(own) as address:
        context = browser.new_context(base_url=address, locale="fr-FR")
        context.set_default_timeout(PATIENCE_MS)
        yield sign_in(context.new_page(), account.email)
        context.close()


def test_one_key_judges_a_pair_and_the_next_page_takes_it_back(desk: Page, own: Services) -> None:
    desk.goto("/bureau/file/doublons")

    desk.keyboard.press("m")
    expect(desk.get_by_role("status")).to_contain_text("n’en font plus qu’une")
    merged = own.repository.list_pairs(PairState.PROPOSED)
    desk.get_by_role("button", name="Annuler").click()

    expect(desk.get_by_role("status")).to_contain_text("annulée")
    assert merged == []
    assert len(own.repository.list_pairs(PairState.PROPOSED)) == 1


def test_a_key_that_is_typed_in_a_note_decides_nothing(desk: Page, own: Services) -> None:
    desk.goto("/bureau/file/signalements")

    desk.get_by_label("Ce qui a été fait").press_sequentially("tpt")

    expect(desk.get_by_label("Ce qui a été fait")).to_have_value("tpt")
    assert own.repository.count_reports() == 1
