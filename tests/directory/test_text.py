"""Folded texts compare as people read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.text import fold, fold_place


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("l'hay les roses", "l hay les roses"),
        ("Sœur & Bœuf", "soeur et boeuf"),
        ("ÎLE D’YEU", "ile d yeu"),
        ("  plusieurs   espaces\t", "plusieurs espaces"),
        ("Straße", "strasse"),
        ("e\u0301cole", "ecole"),
        ("", ""),
        ("😀", ""),
    ],
)
def test_case_accents_and_punctuation_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("St-Denis", "saint denis"),
        ("STE ANNE", "sainte anne"),
        ("Les Stes-Maries", "les saintes maries"),
        ("Brest", "brest"),
        ("RENNES CEDEX 7", "rennes"),
        ("Strasbourg Cedex", "strasbourg"),
        ("Paris 13", "paris"),
        ("Chalon s/ Saône", "chalon sur saone"),
        ("Le Mans", "le mans"),
    ],
)
def test_a_place_name_is_the_same_however_it_is_shortened(text: str, folded: str) -> None:
    assert fold_place(text) == folded


@given(st.text())
def test_a_folded_text_holds_words_only_and_folds_to_itself(text: str) -> None:
    folded = fold(text)

    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", folded)
    assert fold(folded) == folded


@given(st.text())
def test_a_folded_place_folds_to_itself(text: str) -> None:
    assert fold_place(fold_place(text)) == fold_place(text)
