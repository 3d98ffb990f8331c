"""Classes told from pupils' names."""

from __future__ import annotations

import pytest

from directory.class_names import names_class


@pytest.mark.parametrize(
    "text",
    ["T CAP cuisine", "TCAP CUIS", "2nde MRC", "1ère bac pro MELEC", "Terminale ASSP A", "TCAP Pâtisserie Boulangerie", "2de 3",
     "1re MRC, apprentis", "3e prépa-métiers", "T bac pro accompagnement, soins et services à la personne", "MELEC 1", "1BPMEL"],
)  # fmt: skip
def test_a_class_is_known_as_lycees_write_it(text: str) -> None:
    assert names_class(text)


@pytest.mark.parametrize(
    "text",
    ["", "Camille Durand", "camille durand", "DURAND Camille", "MARTIN", "Kévin", "Léa, TMELEC", "Mohamed B.", "1 Léa",
     "T Bac Pro Dupont", "3 élèves : Léo, Sam", "T CAP cuisine Camille", "t camille durand"],
)  # fmt: skip
def test_a_pupils_name_is_no_class(text: str) -> None:
    assert not names_class(text)
