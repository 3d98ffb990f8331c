"""Numbers that name the very thing join the lists of all sources, and only there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from directory.vocabulary import Kind
from importers.identities import number_identities

SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"


@pytest.mark.parametrize(
    ("kind", "category", "numbers", "expected"),
    [
        (Kind.COMPANY, "entreprise", {"siret": "1", "uai": "A"}, ("company:siret:1",)),
        (Kind.PARTNER, "greta", {"siret": "1", "uai": "A"}, ("formation:siret:1",)),
        (Kind.PARTNER, "cfa", {"uai": "A"}, ()),
        (Kind.PARTNER, "lycee", {"siret": "1", "uai": "A"}, ("lycee:uai:A",)),
        (Kind.PARTNER, "bureau_des_entreprises", {"uai": "A"}, ("bureau_des_entreprises:uai:A",)),
        (Kind.PARTNER, "psad", {"uai": "A"}, ()),
        (Kind.PARTNER, "ccas", {"siret": "1"}, ()),
        (Kind.PARTNER, "association", {"siret": "1"}, ()),
    ],
)
def test_a_number_joins_only_where_it_names_the_very_thing(
    kind: Kind, category: str, numbers: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert number_identities(kind, category, **numbers) == expected


def test_a_lycee_of_the_register_and_of_a_referents_table_are_one_listing(directory: Any, tmp_path: Path) -> None:
    directory.load("education", SOURCES / "education/sample.csv")
    table = tmp_path / "lycees.csv"
    text = "Structure;UAI;Catégorie;Ville;CP;Horaires\nLP de l'Exemple;0359001U;Lycée;Fougères;35300;lun-ven 9h-17h\n"
    table.write_text(text, encoding="utf-8")

    report = directory.load("tableur", table)

    (lycee,) = [found for found in directory.listings().values() if found.record.uai == "0359001U"]
    assert (report.added, report.merged) == (1, 1)
    assert lycee.id == "education--0359001U"
    assert lycee.record.opening_hours
