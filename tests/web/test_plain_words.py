"""The student's sheet in plain French (level A2): short sentences, and no word of the field left unexplained."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.vocabulary import categories
from web.plain_words import _MEANINGS, explain
from web.sayings import _BY_CATEGORY, _BY_KIND, _RETAKING

LONGEST = 14
"""Words of a sentence that someone at level A2 reads in one go."""


def sentences(text: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.?!:])\s+", text) if each]


@pytest.mark.parametrize("text", [*_BY_CATEGORY.values(), *_BY_KIND.values(), *_RETAKING.values(), *_MEANINGS.values()])
def test_each_sentence_for_the_student_is_short(text: str) -> None:
    assert [each for each in sentences(text) if len(each.split()) > LONGEST] == []


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
