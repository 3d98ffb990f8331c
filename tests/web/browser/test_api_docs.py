"""The API's documentation in a real browser: shown whole under the strict content policy, asking nothing of a third party."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_documentation_is_shown_under_the_content_policy_and_asks_no_third_party(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto("/api/docs")
    page.wait_for_selector(".opblock-summary-path")
    page.locator(".opblock-summary", has_text="/api/v1/recherche").click()
    page.wait_for_selector(".opblock-body .parameters")
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table")

    origin = page.evaluate("location.origin")
    assert page.locator(".opblock").count() >= 15
    assert "200" in page.locator(".live-responses-table tbody .response-col_status").first.inner_text()
    assert not [url for url in asked if not url.startswith((origin, "data:", "blob:"))]
    assert said == []


def test_without_javascript_the_documentation_gives_the_description_and_the_codes(open_page: Callable[..., Page]) -> None:
    page = open_page("/api/docs", java_script_enabled=False)

    assert page.get_by_role("link", name="/api/v1/openapi.json").is_visible()
    assert page.get_by_role("link", name="cette page").is_visible()
