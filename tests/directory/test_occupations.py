"""Occupations found by what people type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.occupations import find_occupations, occupations_of_naf, title

FIRST = [
    ("cuisinier", "G1609"),
    ("Cuisinière", "G1609"),
    ("cuisine", "G1609"),
    ("CAP cuisine", "G1609"),
    ("cuisinnier", "G1609"),
    ("G1602", "G1602"),
    ("g 1602", "G1602"),
    ("méca auto", "I1604"),
    ("aide soignante", "J1501"),
    ("maçon", "F1703"),
    ("maçonnerie", "F1703"),
    ("plombier", "F1603"),
    ("coiffure", "D1202"),
    ("coifeuse", "D1202"),
    ("boulangerie", "D1102"),
    ("pâtisserie", "D1104"),
    ("menuiserie", "H2206"),
    ("électricité", "F1602"),
    ("vente", "D1106"),
    ("serveur", "G1803"),
    ("conducteur poids lourd", "N4101"),
    ("peintre bâtiment", "F1606"),
    ("préparateur de commandes", "N1103"),
    ("esthétique", "D1208"),
]


@pytest.mark.parametrize(("text", "code"), FIRST)
def test_the_occupation_that_is_meant_comes_first(text: str, code: str) -> None:
    found = find_occupations(text)

    assert found[0].code == code, [(each.code, each.title) for each in found]


def test_the_beginning_of_a_code_gives_its_codes() -> None:
    found = find_occupations("G16", limit=50)

    assert {"G1601", "G1602", "G1609"} <= {each.code for each in found}
    assert all(each.code.startswith("G16") for each in found)


@pytest.mark.parametrize("text", ["", "   ", "de la", "😀", "zzzzzz", "\x00", "Z1234"])
def test_what_names_no_occupation_gives_none(text: str) -> None:
    assert find_occupations(text) == ()


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_no_more_than_asked_are_given(limit: int) -> None:
    assert len(find_occupations("mécanicien", limit=limit)) == limit
    assert len(find_occupations("G", limit=limit)) <= limit


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered_in_order(text: str) -> None:
    found = find_occupations(text)

    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all(0 < each.score <= 100 and title(each.code) == each.title for each in found)


def test_a_code_has_its_title() -> None:
    assert title("G1609") == "Cuisinier / Cuisinière"
    assert title(" g1609 ") == "Cuisinier / Cuisinière"
    assert title("G9999") is None


@pytest.mark.parametrize("naf", ["56.10A", "5610A", "56"])
def test_a_restaurant_goes_with_cooks_whatever_the_form_of_its_naf(naf: str) -> None:
    assert "G1602" in occupations_of_naf(naf)


@pytest.mark.parametrize("naf", ["", "00.00Z", "restaurant", "5"])
def test_an_unknown_naf_goes_with_no_occupation(naf: str) -> None:
    assert occupations_of_naf(naf) == frozenset()
