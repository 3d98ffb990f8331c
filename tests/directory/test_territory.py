"""Territories: tokens from the finest to France, académies, bassins."""

from __future__ import annotations

import pytest

from directory.models.published import BassinRecord
from directory.territory import Bassins, academie_of, city_of, departements, territories_of

BASSINS = Bassins(
    [
        BassinRecord(code="R1", label="Bassin de Rennes", communes=("35238", "35051"), establishments=("0350001A",)),
        BassinRecord(code="R2", label="Bassin d’éducation et de formation de Vitré", communes=("35360", "35051")),
        BassinRecord(code="P1", label="Paris Sud", communes=("75056",)),
        BassinRecord(code="P2", label="District 13", communes=("75113",)),
    ]
)


def test_tokens_go_from_the_finest_to_france() -> None:
    tokens = territories_of("35238", epci="243500139", departement="35", academie="Rennes", region="53")

    assert tokens == ("commune:35238", "epci:243500139", "departement:35", "academie:Rennes", "region:53", "france")


def test_what_is_not_known_has_no_token() -> None:
    assert territories_of(departement="975") == ("departement:975", "france")


@pytest.mark.parametrize(
    ("code", "city"),
    [("75101", "75056"), ("75120", "75056"), ("69389", "69123"), ("13216", "13055"), ("75056", ""), ("35238", "")],
)
def test_an_arrondissement_belongs_to_its_city(code: str, city: str) -> None:
    assert city_of(code) == city


def test_a_city_does_not_carry_its_arrondissements() -> None:
    assert territories_of("75056") == ("commune:75056", "france")


@pytest.mark.parametrize(
    ("departement", "academie"),
    [("35", "Rennes"), ("93", "Créteil"), ("2A", "Corse"), ("974", "La Réunion"), ("987", ""), ("??", "")],
)
def test_a_departement_has_its_academie(departement: str, academie: str) -> None:
    assert academie_of(departement) == academie


def test_a_collectivite_is_in_no_region() -> None:
    assert departements()["987"].region == ""
    assert departements()["974"].region == "04"


def test_a_commune_may_be_in_two_bassins() -> None:
    assert BASSINS.of_commune("35051") == ("R1", "R2")


def test_an_arrondissement_takes_the_bassin_of_its_city_unless_it_has_its_own() -> None:
    assert BASSINS.of_commune("75101") == ("P1",)
    assert BASSINS.of_commune("75113") == ("P2",)


def test_an_establishment_has_its_bassin() -> None:
    assert BASSINS.of_uai("0350001A") == ("R1",)
    assert BASSINS.of_uai("0000000A") == ()


@pytest.mark.parametrize(
    "text", ["Bassin de Rennes", "bassin de RENNES", "Rennes", "Bassin d'éducation de Rennes", "BEF de Rennes"]
)
def test_a_bassin_is_found_by_its_label_however_it_is_introduced(text: str) -> None:
    assert BASSINS.find_label(text) == ("R1",)


@pytest.mark.parametrize("text", ["", "bassin", "Brest", "Bassin de Rennes Sud"])
def test_another_label_is_no_bassin(text: str) -> None:
    assert BASSINS.find_label(text) == ()


def test_two_bassins_of_one_label_are_both_given() -> None:
    homonyms = Bassins([BassinRecord(code="A", label="Centre"), BassinRecord(code="B", label="centre")])

    assert homonyms.find_label("Centre") == ("A", "B")


def test_an_unknown_code_is_its_own_label() -> None:
    assert BASSINS.label("R1") == "Bassin de Rennes"
    assert BASSINS.label("X9") == "X9"


def test_no_table_is_no_bassin() -> None:
    assert len(Bassins()) == 0
    assert Bassins().of_commune("35238") == ()
