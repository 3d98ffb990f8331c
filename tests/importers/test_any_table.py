"""Any table of partners or companies: the mapping, and what people's own lists hold."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.vocabulary import Pathway, Precision, Visibility
from importers.errors import StructureChanged
from importers.source import get_source
from importers.sources.tableur.mapping import MappingRefused, parse_mapping

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

MAPPING = """
nom_source = "partenaires-lycee"
kind = "partner"
complete = true
facultatives = ["contact"]
[colonnes]
nom = "Qui"
categorie = "Quoi"
telephone = ["Standard", "Tel"]
commune = "Où"
contact = "Avec qui"
[categories]
"Point jeunes" = "information_jeunesse"
[constantes]
departement = "35"
thematiques = ["sante--acces-aux-soins"]
"""
TABLE = "Qui;Quoi;Tel;Où;Avec qui\nLe Bij inventé;Point jeunes;02 61 91 50 01;st malo;Sacha Fictive\n"


def mapping(text: str = MAPPING) -> dict[str, Any]:
    return tomllib.loads(text)


def table(folder: Path, text: str = TABLE) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_by_its_mapping(read: Callable[..., Any], tmp_path: Path) -> None:
    found, run = read("tableur", table(tmp_path), mapping=mapping())

    record = found[0].record
    assert found[0].record_id == "partenaires-lycee-le-bij-invente-st-malo"
    assert (record.category, record.code_commune, record.precision) == ("information_jeunesse", "35288", Precision.COMMUNE)
    assert record.thematiques == ("sante--acces-aux-soins",)
    assert [(contact.phone, contact.name, contact.visibility) for contact in record.contacts] == [
        ("+33261915001", "", Visibility.PUBLIC),
        ("", "Sacha Fictive", Visibility.BASSIN),
    ]
    assert run.doubts == []


def test_a_mapped_column_that_is_gone_stops_unless_it_is_optional(read: Callable[..., Any], tmp_path: Path) -> None:
    found, _ = read("tableur", table(tmp_path, TABLE.replace("Avec qui", "Autre")), mapping=mapping())
    with pytest.raises(StructureChanged) as stopped:
        read("tableur", table(tmp_path, TABLE.replace("Où", "Lieu")), mapping=mapping())

    assert len(found) == 1
    assert "« commune »" in stopped.value.public


def test_a_category_that_the_mapping_does_not_know_sets_the_row_aside(read: Callable[..., Any], tmp_path: Path) -> None:
    found, run = read("tableur", table(tmp_path, TABLE + "Autre;Ovni;;;\n"), mapping=mapping())

    assert len(found) == 1
    assert [(doubt.line, doubt.field, doubt.value) for doubt in run.doubts] == [(3, "Quoi", "Ovni")]


def test_two_tables_live_side_by_side_and_each_loses_only_its_own(directory: Directory, tmp_path: Path) -> None:
    longer = TABLE + "".join(f"Exemple {word};Point jeunes;;Redon;\n" for word in ("un", "deux", "trois"))
    directory.load("tableur", table(tmp_path, longer), mapping=mapping())
    directory.load("tableur", table(tmp_path), mapping=mapping(MAPPING.replace("partenaires-lycee", "autre")))

    report = directory.load(
        "tableur", table(tmp_path, longer.removesuffix("Exemple trois;Point jeunes;;Redon;\n")), mapping=mapping()
    )

    assert (report.missed, report.unchanged) == (1, 3)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('nom_source = "partenaires-lycee"', "", "nom_source"),
        ('nom_source = "partenaires-lycee"', 'nom_source = "../x"', "nom_source"),
        ('kind = "partner"', 'kind = "planet"', "kind"),
        ("complete = true", 'complete = "oui"', "complete"),
        ("complete = true", "couleur = 1", "couleur"),
        ("complete = true", 'category = "mission"', "category"),
        ('nom = "Qui"', "", "colonnes.nom"),
        ('nom = "Qui"', 'nom = "Qui"\nfax = "Fax"', "colonnes.fax"),
        ('nom = "Qui"', "nom = 3", "colonnes.nom"),
        ('facultatives = ["contact"]', 'facultatives = ["site"]', "facultatives"),
        ('"information_jeunesse"', '"bij"', "categories.Point jeunes"),
        ('departement = "35"', 'departement = "99"', "constantes.departement"),
        ('"sante--acces-aux-soins"', '"sante"', "constantes.thematiques"),
    ],
)
def test_a_fault_of_a_mapping_is_named_by_its_key(before: str, after: str, key: str) -> None:
    assert before in MAPPING

    with pytest.raises(MappingRefused) as refused:
        parse_mapping(mapping(MAPPING.replace(before, after)), get_source("tableur"))

    assert f"clé « {key} »" in refused.value.public


def test_a_company_keeps_its_point_when_it_is_plausible(read: Callable[..., Any], tmp_path: Path) -> None:
    head = "id;siret;nom;code_insee;latitude;longitude;propose"
    rows = ["1;;Près;35236;47.66;-2.09;stage, visite", "2;;Loin;35236;48.66;-2.09;", "3;;Sans;35236;;;"]

    found, run = read("entreprises", table(tmp_path, "\n".join([head, *rows]) + "\n"))

    assert [entry.record.precision for entry in found] == [Precision.POINT, Precision.COMMUNE, Precision.COMMUNE]
    assert found[0].record.pathways == (Pathway.INTERNSHIP, Pathway.VISIT)
    assert [(doubt.line, doubt.field) for doubt in run.doubts] == [(3, "latitude")]
    assert "Redon" in run.doubts[0].message


def test_the_published_list_of_companies_is_read(published: Path, directory: Directory) -> None:
    report = directory.load("entreprises", published / "companies/liste_handi_engages.csv")

    assert (report.read, report.added, report.refused) == (7832, 7529, 303)
    placed = sum(1 for listing in directory.repository.iterate_listings() if listing.record.code_commune)
    assert placed > 6500


def test_ages_that_only_the_column_of_publics_says_are_read(read: Callable[..., Any], tmp_path: Path) -> None:
    head = "Structure;CP;Ville;Public accueilli"
    rows = ["Mission locale inventée;35300;Fougères;16 à 25 ans, RQTH moins de 30 ans", "CIDFF inventé;35300;Fougères;Femmes"]

    (mission, cidff), _ = read("tableur", table(tmp_path, "\n".join([head, *rows]) + "\n"))

    assert (mission.record.age_min, mission.record.age_max) == (16, 25)
    assert mission.record.conditions == "16 à 25 ans, RQTH moins de 30 ans"
    assert mission.origins["age_min"] == ("Public accueilli",)
    assert (cidff.record.age_min, cidff.record.conditions) == (None, "Femmes")
