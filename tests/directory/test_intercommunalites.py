"""Groups of communes as people name them."""

from __future__ import annotations

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.types import AmbiguousPlace, Place


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rennes Métropole", "243500139"),
        ("Saint-Malo Agglomération", "243500782"),
        ("Pays de Saint-Malo", "243500782"),
        ("Pays de Vitré", "200039022"),
        ("Redon Agglo", "243500741"),
        ("rennes metropole", "243500139"),
        ("CC du Pays Fouesnantais", "242900660"),
        ("communauté de communes du Pays Fouesnantais", "242900660"),
        ("Pays Fouesnantais", "242900660"),
        ("Fougères Agglomération", "200072452"),
        ("Grand Lyon", "200046977"),
        ("Cergy Pontoise", "249500109"),
        ("Grand Paris Sud", "200059228"),
        ("Pays de Retz", "200067346"),
    ],
)
def test_an_intercommunalite_is_a_place_covered_whole(text: str, code: str, gazetteer: Gazetteer) -> None:
    place = gazetteer.find(text)

    assert isinstance(place, Place)
    assert (place.level, place.code, place.code_commune) == ("epci", code, "")
    assert f"epci:{code}" in place.territories


def test_a_country_that_several_intercommunalites_share_is_asked(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Pays d’Auge")

    assert isinstance(found, AmbiguousPlace)
    assert {place.code for place in found.candidates} == {"200069532", "200065563", "200066017", "241400878"}


@pytest.mark.parametrize(
    ("text", "level"), [("Rennes", "commune"), ("Lyon", "commune"), ("Bretagne", "region"), ("Paris", "commune")]
)
def test_an_intercommunalite_takes_the_name_of_no_other_place(text: str, level: str, gazetteer: Gazetteer) -> None:
    place = gazetteer.find(text)

    assert isinstance(place, Place)
    assert place.level == level


def test_a_file_s_commune_is_never_an_intercommunalite(gazetteer: Gazetteer) -> None:
    assert gazetteer.find_commune("Rennes Métropole") is None
    assert gazetteer.find_commune("Grand Paris", departement="75") is None


def test_intercommunalites_are_proposed_while_typing_after_the_communes(gazetteer: Gazetteer) -> None:
    found = [place.label for place in gazetteer.suggest("rennes", 8)]

    assert found[0] == "Rennes (35000)"
    assert "Rennes Métropole (intercommunalité, 35)" in found
