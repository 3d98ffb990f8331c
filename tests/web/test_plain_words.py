"""The student's sheet and notice in plain French (level A2): easy by a measure and by rules, the field's words explained."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.vocabulary import categories
from tests.web.plain_french import EASY, ease, faults
from web.plain_words import _MEANINGS, explain
from web.sayings import _BY_CATEGORY, _BY_KIND, _RETAKING
from web.sheets import EMERGENCY

SAYINGS = [*EMERGENCY.values(), *_BY_CATEGORY.values(), *_BY_KIND.values(), *_RETAKING.values()]


@pytest.mark.parametrize("text", [*SAYINGS, *_MEANINGS.values()])
def test_nothing_that_the_student_reads_or_says_is_hard(text: str) -> None:
    assert faults(text, _MEANINGS) == []


def test_what_the_student_reads_and_says_is_easy_as_a_whole() -> None:
    assert ease(" ".join(SAYINGS)) > EASY
    assert ease(" ".join(_MEANINGS.values())) > EASY


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Le projet personnalisé fait l’objet d’une contractualisation tripartite.", ["heavy: contractualisation"]),
        ("Un rendez-vous est fixé. La feuille sera remplie par toi.", ["passive: est fixé", "passive: sera remplie"]),
        ("Tu vas à la MLDS et au CFA.", ["abbreviation: MLDS"]),
        ("Tu viens ici le lundi matin avec ton sac et tes amis et puis tu repars chez toi.", ["18 words"]),
        ("Viens ; apporte un papier (le tien).", ["two ideas"]),
        ("Le papier dont tu parles.", ["heavy: dont"]),
    ],
)
def test_what_is_hard_would_be_seen(text: str, words: list[str]) -> None:
    found = faults(text, {"CFA"})

    assert [each for each in words if not any(fault.startswith(each) for fault in found)] == []


@pytest.mark.parametrize("text", ["Je cherche une chambre.", "Tu es venu. Le lycée est ouvert le samedi.", "J’ai 17 ans."])
def test_what_is_easy_is_found_so(text: str) -> None:
    assert faults(text) == []
    assert ease(text) > EASY


@pytest.mark.parametrize("situation", ["retake", "other_project", "graduate"])
def test_the_sheet_as_the_student_reads_it_is_easy(client: FlaskClient, profile: dict[str, Any], situation: str) -> None:
    kept = [f"demonstration--{key}" for key in ("ml", "cio", "fjt", "civique", "promo", "resto", "dating")]
    obtained = "oui" if situation == "graduate" else "non"
    described = {"situation": situation, "diploma_obtained": obtained, "parcours_start": "2026-11-02"}
    page = client.post("/fiche-eleve", data={**profile, **described, "keep": kept}).text

    told = text_of(page)

    meanings = set(re.findall(r"<dt>([^<]+)</dt>", page[page.index('id="mots"') :]))
    assert len(told) > 25
    assert [fault for text in told for fault in faults(text, meanings)] == []
    assert ease(". ".join(told)) > EASY


def text_of(page: str) -> list[str]:
    """What a page says: without the directory's labels, links and the titles of decrees, which are not sentences of ours."""
    body = page[page.index('class="relais-sheet') :]
    found = re.findall(
        r'<(p|li|h1|h2|dt|dd)(?: class="([^"]*)"| id="[^"]*")*>(.*?)</\1>', body[: body.index("</main>")], re.DOTALL
    )
    kept = [text for _, kind, text in found if not kind.endswith(("__what", "__source"))]
    own = [text for text in kept if "href" not in text and "relais-blank" not in text]
    return [unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ").strip() for text in own]


def test_the_notice_for_the_student_and_the_parents_is_easy(client: FlaskClient) -> None:
    told = text_of(client.get("/notice-parcours").text)

    assert len(told) > 12
    assert [fault for text in told for fault in faults(text, {"CNIL"})] == []
    assert ease(". ".join(told)) > EASY


@pytest.mark.parametrize("label", [each.label for each in categories().values()])
def test_an_acronym_of_a_category_is_explained(label: str) -> None:
    told = explain([label])

    unexplained = [word for word in re.findall(r"\b[A-Z]{2}[A-Z0-9]+\b", label) if word not in told]
    assert [word for word in unexplained if word not in {"CCI", "CMA"}] == []  # a list between brackets, of three sorts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Le bureau des entreprises ou le DDFPT du lycée", ["bureau des entreprises", "DDFPT"]),
        ("Mission locale du Pays de Vitré", ["mission locale"]),
        ("café des cafés, micro-bp", []),
        ("Le lycée s’occupe de la convention.", ["convention"]),
        ("", []),
    ],
)
def test_the_words_that_stand_in_a_text_are_told_in_their_order(text: str, words: list[str]) -> None:
    assert list(explain([text])) == words


def test_the_sheet_explains_the_words_that_it_holds_and_no_other(client: FlaskClient, profile: dict[str, Any]) -> None:
    sheet = client.post("/fiche-eleve", data={**profile, "keep": ["demonstration--cio"]}).text

    meanings = sheet[sheet.index('id="mots"') :]
    assert "un lieu gratuit pour choisir une formation" in meanings.lower()
    assert "Psy-EN" in meanings
    assert "MOREA" not in meanings
    assert "à vol d’oiseau" not in sheet
