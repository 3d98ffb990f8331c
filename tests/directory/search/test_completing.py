"""What completes a text being typed: places, occupations, names of listings, on each engine."""

from __future__ import annotations

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.search.completing import LISTING, OCCUPATION, PLACE, complete
from directory.search.types import SearchIndex


@pytest.mark.parametrize(
    ("text", "what", "completed", "code"),
    [
        ("bond", PLACE, "Bondy (93140)", "93010"),
        ("saint-den", PLACE, "Saint-Denis (93200)", "93066"),
        ("cuisin", OCCUPATION, "Cuisinier / Cuisinière", "G1602"),
        ("mission loc", LISTING, "Mission locale de Fougères", ""),
        ("stage cuisine bond", PLACE, "stage cuisine Bondy (93140)", "93010"),
        ("stage cuis", OCCUPATION, "stage cuisinier", "G1609"),
        ("apprentissage boul", OCCUPATION, "apprentissage boulanger", "D1102"),
        ("foyer", LISTING, "Foyer de jeunes travailleurs", ""),
    ],
)
def test_a_text_is_completed_by_what_it_begins(
    index: SearchIndex, gazetteer: Gazetteer, text: str, what: str, completed: str, code: str
) -> None:
    found = complete(index, text, gazetteer.suggest)

    assert (what, completed) in {(each.what, each.text) for each in found}
    assert code in {each.code for each in found if each.text == completed or what == OCCUPATION}


def test_each_sort_has_its_share_and_the_limit_holds(index: SearchIndex, gazetteer: Gazetteer) -> None:
    found = complete(index, "re", gazetteer.suggest, limit=6)

    assert len(found) == 6
    assert {each.what for each in found} == {PLACE, OCCUPATION, LISTING}


@pytest.mark.parametrize(("text", "first"), [("mission loc", LISTING), ("stage cuis", OCCUPATION), ("stage cuisine bond", PLACE)])
def test_what_completes_the_whole_text_comes_before_a_place_that_completes_its_end(
    index: SearchIndex, gazetteer: Gazetteer, text: str, first: str
) -> None:
    found = complete(index, text, gazetteer.suggest)

    assert found[0].what == first


def test_an_occupation_that_answers_half_the_words_is_not_proposed(index: SearchIndex, gazetteer: Gazetteer) -> None:
    found = complete(index, "saint-den", gazetteer.suggest)

    assert not [each for each in found if each.what == OCCUPATION]


@pytest.mark.parametrize("text", ["", " ", "a", "\x00\x00", "\ud800\ud800", "🙂🙂", "'; drop table", '"*:^', "é" * 5000, "عيادة"])
def test_any_text_gets_an_answer(index: SearchIndex, gazetteer: Gazetteer, text: str) -> None:
    found = complete(index, text, gazetteer.suggest)

    assert len(found) <= 8
    assert complete(index, text, gazetteer.suggest, limit=0) == ()
