"""Pages about the service, and what every page has in common."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient

from matching.criteria import CRITERIA

PATHS = (
    "/",
    "/recherche",
    "/recherche?q=cio",
    "/fiches/demonstration--ml",
    "/a-propos",
    "/accessibilite",
    "/donnees-personnelles",
    "/rien",
)
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """What a page is made of: headings, ids, references to ids, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [given["id"] or ""] if "id" in given else []
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.references += (given.get(name) or "").split()
        if (given.get("href") or "").startswith("#"):
            self.references.append((given["href"] or "")[1:])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def pages(client: FlaskClient, profile: dict[str, Any]) -> dict[str, str]:
    shown = {path: client.get(path).text for path in PATHS}
    shown["answer"] = client.post("/propositions", data=profile).text
    shown["why"] = client.post("/propositions/pourquoi", data=profile | {"fiche": "mission locale"}).text
    shown["refused"] = client.post("/propositions", data={**profile, "place": "Saint-Denis", "age": ""}).text
    return shown


def test_every_page_is_well_formed_and_each_reference_leads_somewhere(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        outline = Outline(page)
        assert outline.open == [], path
        assert len(outline.ids) == len(set(outline.ids)), path
        assert set(outline.references) <= set(outline.ids), path


def test_every_page_has_one_first_heading_and_skips_no_level(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        headings = Outline(page).headings
        assert headings.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(headings)), path


def test_every_page_says_what_it_is_in_its_title(pages: dict[str, str]) -> None:
    titles = {path: re.search(r"<title>(.+?)</title>", page) for path, page in pages.items()}

    assert all(titles.values())
    assert all(title and title.group(1).endswith("– Relais") for title in titles.values())


def test_french_typography_is_kept_on_every_page(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        text = unescape(re.sub(r"<[^>]+>", "", page[page.index("<main") :]))
        assert re.findall(r".{20} [:;?!»].{10}", text) == [], path
        assert re.findall(r"« .{10}", text) == [], path
        assert re.findall(r"\w'\w", text) == [], path


def test_the_ranking_is_explained_with_every_criterion_and_its_weight(client: FlaskClient) -> None:
    page = client.get("/a-propos").text

    assert all(criterion.label in unescape(page) for criterion in CRITERIA.values())


def test_the_data_page_says_that_nothing_is_kept(client: FlaskClient) -> None:
    assert "Rien de ce qui est saisi sur un élève n’est enregistré par la recherche" in client.get("/donnees-personnelles").text


def test_the_accessibility_page_claims_no_audit(client: FlaskClient) -> None:
    page = client.get("/accessibilite").text

    assert "non conforme" in page
    assert "aucun audit" in page
