"""Addresses written in one string."""

from __future__ import annotations

import pytest

from importers.addresses import departement_of_postal, place_address, split_address


class FewCommunes:
    """A gazetteer of a few communes, which answers when name and postal code (or département) agree."""

    COMMUNES = (
        ("rennes", "35000", "35", "35238"),
        ("lorient", "56100", "56", "56121"),
        ("vire normandie", "14500", "14", "14762"),
        ("saint denis", "93200", "93", "93066"),
        ("saint denis", "97400", "974", "97411"),
    )

    def find_commune(self, name: str, code_postal: str = "", departement: str = "") -> str | None:
        found = [
            code
            for known, postal, number, code in self.COMMUNES
            if known == name.lower() and code_postal in {"", postal} and departement in {"", number}
        ]
        return found[0] if len(found) == 1 else None


@pytest.mark.parametrize(
    ("text", "street", "code_postal", "commune"),
    [
        ("7 RUE VILLENEUVE 01000 BOURG-EN-BRESSE", "7 RUE VILLENEUVE", "01000", "BOURG-EN-BRESSE"),
        ("16 Rue de l'Artisanat 14500 Vire Normandie", "16 Rue de l'Artisanat", "14500", "Vire Normandie"),
        ("5 rue Watt, 75013 Paris, France", "5 rue Watt", "75013", "Paris"),
        ("1 rue X 93290 TREMBLAY-EN-FRANCE", "1 rue X", "93290", "TREMBLAY-EN-FRANCE"),
        ("1 rue X 93290 Tremblay en France", "1 rue X", "93290", "Tremblay en France"),
        ("2 RUE DE TORCY 75018 PARIS 18", "2 RUE DE TORCY", "75018", "PARIS 18"),
        ("9 quai Neuf 56100 Lorient", "9 quai Neuf", "56100", "Lorient"),
        ("9 quai Neuf F-56100 Lorient", "9 quai Neuf", "56100", "Lorient"),
        ("LD LA FILOLIE 24800 THIVIERS", "LD LA FILOLIE", "24800", "THIVIERS"),
        ("BP 92116 56321 LORIENT CEDEX 2", "BP 92116", "56321", "LORIENT"),
        ("CAMPUS\nRUE LE COAT\nBP 92116\n56321 LORIENT CEDEX\nFRANCE", "CAMPUS, RUE LE COAT, BP 92116", "56321", "LORIENT"),
        ("03470 SALIGNY-SUR-ROUDON", "", "03470", "SALIGNY-SUR-ROUDON"),
        ("35000 Rennes - Salle 3", "Salle 3", "35000", "Rennes"),
        ("12 rue de la Paix 35000", "12 rue de la Paix", "35000", ""),
        ("Rue du Port, BP 12345", "Rue du Port, BP 12345", "", ""),
        ("Halle de la Gare", "Halle de la Gare", "", ""),
        ("1 rue X 99999 NULLE PART", "1 rue X 99999 NULLE PART", "", ""),
        ("", "", "", ""),
    ],
)
def test_an_address_is_taken_apart(text: str, street: str, code_postal: str, commune: str) -> None:
    address = split_address(text)

    assert (address.street, address.code_postal, address.commune) == (street, code_postal, commune)


@pytest.mark.parametrize(
    ("text", "hints", "code"),
    [
        ("1 rue X 35000 RENNES", {}, "35238"),
        ("BP 1 56321 LORIENT CEDEX", {}, "56121"),
        ("1 rue X, Rennes", {}, "35238"),
        ("Rennes", {}, "35238"),
        ("1 rue X", {"commune": "Rennes", "departement": "35"}, "35238"),
        ("1 rue X 35000", {"commune": "Rennes"}, "35238"),
        ("1 rue X 99100 RENNES", {}, ""),
        ("1 rue X 44000 RENNES", {}, ""),
        ("Saint Denis", {}, ""),
        ("Saint Denis", {"departement": "974"}, "97411"),
        ("Halle de la Gare", {}, ""),
    ],
)
def test_a_commune_is_named_only_when_it_is_certain(text: str, hints: dict[str, str], code: str) -> None:
    assert place_address(text, FewCommunes(), **hints).code_commune == code


def test_the_commune_of_an_address_without_postal_code_leaves_the_street() -> None:
    address = place_address("1 rue X, Rennes", FewCommunes())

    assert (address.street, address.commune) == ("1 rue X", "Rennes")


@pytest.mark.parametrize("text", ["1" * 100_000, "12345 " * 50_000, "35000 " + "a" * 100_000, "\x00\n," * 30_000, "(" * 50_000])
def test_a_monstrous_address_is_cut_and_read_at_once(text: str) -> None:
    assert len(split_address(text).street) <= 1000


@pytest.mark.parametrize(
    ("code_postal", "departement"), [("35000", "35"), ("20137", "2A"), ("20200", "2B"), ("97400", "974"), ("01000", "01")]
)
def test_a_postal_code_tells_its_departement(code_postal: str, departement: str) -> None:
    assert departement_of_postal(code_postal) == departement
