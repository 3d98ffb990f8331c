"""Places proposed while one types."""

from __future__ import annotations

import pytest

from directory.geocoding.gazetteer import Gazetteer


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("renn", "35238"),
        ("REN", "35238"),
        ("bord", "33063"),
        ("saint d", "97411"),
        ("st-de", "97411"),
        ("hay", "94038"),
        ("l'h", "94038"),
        ("evr", "91228"),
        ("9314", "93010"),
        ("35", "35"),
        ("ille", "35"),
        ("breta", "53"),
        ("ville", "67507"),
    ],
)
def test_a_beginning_suggests_the_exact_name_then_the_most_populous_place(gazetteer: Gazetteer, text: str, first: str) -> None:
    suggested = gazetteer.suggest(text)

    assert suggested[0].code == first, [place.label for place in suggested]


def test_suggestions_are_distinct_and_as_many_as_asked(gazetteer: Gazetteer) -> None:
    suggested = gazetteer.suggest("sa", limit=12)

    assert len(suggested) == len({(place.level, place.code) for place in suggested}) == 12
    assert gazetteer.suggest("sa", limit=0) == ()
