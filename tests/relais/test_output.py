"""What a command prints."""

from __future__ import annotations

import pytest

from relais.output import counted


@pytest.mark.parametrize(
    ("count", "words", "told"),
    [
        (0, "doutes", "0 doute"),
        (1, "autres doutes", "1 autre doute"),
        (2, "autres doutes", "2 autres doutes"),
        (1, "doublons à examiner", "1 doublon à examiner"),
        (1, "événements gardés", "1 événement gardé"),
        (1200, "fiches comparées", "1\u202f200 fiches comparées"),
    ],
)
def test_what_is_counted_agrees_with_its_number(count: int, words: str, told: str) -> None:
    assert counted(count, words) == told
