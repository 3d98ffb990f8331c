"""Communes and lycées as files write them: a code when it is certain, nothing otherwise."""

from __future__ import annotations

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.store import _rows, packaged

CERTAIN = [
    ("RENNES", "35000", "", "35238"),
    ("STRASBOURG CEDEX", "67068", "", "67482"),
    ("67068 STRASBOURG CEDEX", "", "", "67482"),
    ("PARIS CEDEX 13", "75647", "", "75113"),
    ("PARIS", "75013", "", "75113"),
    ("LYON CEDEX 07", "69362", "", "69387"),
    ("St Denis", "97400", "", "97411"),
    ("st-denis", "", "93", "93066"),
    ("SAINT OUEN", "93400", "", "93070"),
    ("ANCENIS CEDEX", "44153", "", "44003"),
    ("Caen", "14000.0", "", "14118"),
    ("AMBERIEU EN BUGEY", "1500", "", "01004"),
    ("Azé", "53200", "", "53062"),
    ("Villejean", "35000", "", "35238"),
    ("Luitre Dompiere", "35133", "", "35163"),
    ("Rennes", "", "", "35238"),
    ("Mayenne", "", "53", "53147"),
    ("", "35000", "", "35238"),
]

UNCERTAIN = [
    ("Saint-Denis", "", ""),
    ("Saint-Denis", "", "35"),
    ("Saint-Denis", "75001", ""),
    ("Château-Chinon", "58120", ""),
    ("", "35133", ""),
    ("lieu-dit Le Bourg", "35133", ""),
    ("Rennes", "", "29"),
    ("Bretagne", "", ""),
    ("", "", ""),
    ("N/A", "0", ""),
]


@pytest.mark.parametrize(("name", "postcode", "departement", "code"), CERTAIN)
def test_a_commune_is_told_when_name_and_code_leave_no_doubt(
    gazetteer: Gazetteer, name: str, postcode: str, departement: str, code: str
) -> None:
    assert gazetteer.find_commune(name, postcode, departement) == code


@pytest.mark.parametrize(("name", "postcode", "departement"), UNCERTAIN)
def test_a_commune_is_not_told_when_there_is_a_doubt(gazetteer: Gazetteer, name: str, postcode: str, departement: str) -> None:
    assert gazetteer.find_commune(name, postcode, departement) is None


def test_every_commune_is_found_by_its_name_and_any_of_its_postal_codes(gazetteer: Gazetteer) -> None:
    rows = list(_rows(packaged(), "communes.csv"))[::17]

    asked = [(row["code_insee"], row["nom"].upper(), code) for row in rows for code in row["codes_postaux"].split(";")]
    lost = [
        row for row in asked if gazetteer.find_commune(row[1], row[2]) != row[0] and row[0] not in {"75056", "13055", "69123"}
    ]

    assert len(asked) > 2000
    assert lost == []


def test_a_lycee_is_found_with_its_commune_through_a_cedex_code(gazetteer: Gazetteer) -> None:
    found = gazetteer.find_lycee("0010013j")

    assert found is not None
    assert (found.uai, found.name, found.code_commune, found.code_departement) == ("0010013J", "LYCÉE LALANDE", "01053", "01")


def test_a_lycee_of_a_collectivite_has_no_commune_here(gazetteer: Gazetteer) -> None:
    found = gazetteer.find_lycee("9750001C")

    assert found is not None
    assert found.code_commune == ""
    assert found.code_departement == "975"


def test_an_unknown_uai_is_no_lycee(gazetteer: Gazetteer) -> None:
    assert gazetteer.find_lycee("0000000A") is None


def test_nearly_every_lycee_has_its_commune_and_none_that_of_another_departement(gazetteer: Gazetteer) -> None:
    rows = {row["uai"]: row["departement"] for row in _rows(packaged(), "lycees.csv")}
    entries = {uai: entry for uai in rows if (entry := gazetteer.find_lycee(uai))}

    located = {uai: entry for uai, entry in entries.items() if entry.code_commune}
    elsewhere = [entry for uai, entry in located.items() if rows[uai] != entry.code_departement]

    assert len(entries) == 5144
    assert len(located) >= 5030
    assert elsewhere == []


def test_the_code_of_yesterday_gives_the_commune_of_today(gazetteer: Gazetteer) -> None:
    found = gazetteer.get_commune("93059")

    assert found is not None
    assert found.code_commune == "93066"
    assert gazetteer.commune_name("93059") == "Saint-Denis"
