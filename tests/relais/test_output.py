"""What a command prints."""

from __future__ import annotations

from collections import Counter

import pytest

from directory.exports.exporting import ExportReport
from relais.commands.export import print_export
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


def test_an_export_tells_how_many_values_the_schema_refused(capsys: pytest.CaptureFixture[str]) -> None:
    print_export(ExportReport(structures=1, services=2, replaced=Counter(["nom"])))

    told = capsys.readouterr().out
    assert told.startswith("1 structure et 2 services écrits :")
    assert "« nom » refusé par le schéma, écrit autrement ou laissé vide : 1" in told
