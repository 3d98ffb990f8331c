"""The académies' own tables: PSAD, CLEE, bassins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.territory import Bassins
from directory.vocabulary import Visibility
from importers.structures import guess_category

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"
PSAD, CLEE, BASSINS = (SOURCES / name / "sample.csv" for name in ("psad", "clee", "bassins"))


@pytest.fixture
def bassins(read: Callable[..., Any]) -> Bassins:
    return Bassins(read("bassins", BASSINS)[0])


def by_name(found: list[Any]) -> dict[str, Any]:
    return {entry.record.name: entry.record for entry in found}


def tokens(record: Any) -> list[str]:
    return [coverage.token for coverage in record.coverage]


def table(folder: Path, *rows: str) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_psad_row_gives_a_platform_an_entry_point_a_coordination_and_its_partners(
    read: Callable[..., Any], bassins: Bassins
) -> None:
    found = by_name(read("psad", PSAD, bassins=bassins)[0])

    assert {name: record.category for name, record in found.items()} == {
        "PSAD Exemple-Nord (inventée)": "psad",
        "CIO d’exemple de Saint-Malo (inventé)": "cio",
        "MLDS – Exemple-Nord (inventé)": "mlds",
        "Mission locale d’exemple (inventée)": "mission_locale",
        "E2C d’exemple (inventée)": "e2c",
        "L’Étape inventée": "association",
        "PSAD Exemple-Sud (inventée)": "psad",
        "Apprentis d’Auteuil": "association",
        "PSAD – Exemple-Est (inventé)": "psad",
        "MLDS – Exemple-Est (inventé)": "mlds",
    }
    assert tokens(found["PSAD Exemple-Nord (inventée)"]) == ["bassin:rennes-ex1"]


def test_a_structure_named_by_several_rows_serves_all_their_bassins(read: Callable[..., Any], bassins: Bassins) -> None:
    found = by_name(read("psad", PSAD, bassins=bassins)[0])

    assert tokens(found["CIO d’exemple de Saint-Malo (inventé)"]) == ["bassin:rennes-ex1", "bassin:rennes-ex2"]
    assert tokens(found["Apprentis d’Auteuil"]) == ["bassin:rennes-ex2"]


def test_a_named_coordinator_is_never_public(directory: Directory) -> None:
    directory.load("bassins", BASSINS)
    directory.load("psad", PSAD)
    listing = directory.listings()["MLDS – Exemple-Nord (inventé)"]

    public = directory.repository.get_listing(listing.id, Visibility.PUBLIC)
    inside = directory.repository.get_listing(listing.id, Visibility.BASSIN)

    assert public.record.contacts == ()
    assert [contact.name for contact in inside.record.contacts] == ["Camille Exemple"]


def test_a_bassin_without_its_table_is_kept_by_its_name_and_doubted(read: Callable[..., Any]) -> None:
    found, run = read("psad", PSAD)

    record = by_name(found)["PSAD Exemple-Sud (inventée)"]
    assert (record.bassin_label, record.coverage) == ("Exemple-Sud (inventé)", ())
    assert [doubt.value for doubt in run.doubts if doubt.field == "Bassin d’éducation"] == [
        "Exemple-Nord (inventé)",
        "Exemple-Sud (inventé)",
        "Exemple-Est (inventé)",
    ]


def test_one_phone_for_several_districts_is_no_doubt(read: Callable[..., Any], bassins: Bassins) -> None:
    found, run = read("psad", PSAD, bassins=bassins)

    phones = [contact.phone for record in by_name(found).values() for contact in record.contacts if record.category == "psad"]
    assert phones.count("+33261911002") == 2
    assert not [doubt for doubt in run.doubts if doubt.field == "Téléphone"]


def test_the_table_of_one_academie_makes_nothing_of_another_vanish(directory: Directory, tmp_path: Path) -> None:
    directory.load("psad", PSAD)
    other = table(tmp_path, "Académie;Bassin;Point d'entrée;Téléphone", "Nantes;Exemple (inventé);CIO d'exemple;02 53 00 00 01")

    report = directory.load("psad", other)

    assert (report.added, report.removed) == (2, 0)


def test_a_clee_has_two_leaders_for_its_bassin_alone_and_its_lycees(read: Callable[..., Any], bassins: Bassins) -> None:
    found, run = read("clee", CLEE, bassins=bassins)

    record = by_name(found)["CLEE Exemple-Nord (inventé)"]
    assert [(contact.label, contact.name, contact.visibility) for contact in record.contacts] == [
        ("Responsable école", "Andrée Exemple", Visibility.BASSIN),
        ("Responsable entreprise", "Claude Modèle", Visibility.BASSIN),
    ]
    assert tokens(record) == ["bassin:rennes-ex1", "establishment:0350042F", "establishment:0350009V"]
    assert record.code_commune is None
    assert run.doubts == []


def test_a_clee_told_in_one_row_for_each_lycee_is_one_listing(read: Callable[..., Any], tmp_path: Path) -> None:
    head = "Département;BEF;CLEE;Pilote école;Pilote entreprise;Lycées"
    rows = [f"35;Exemple;CLEE Exemple;Andrée Exemple;Claude Modèle;Lycée ({uai})" for uai in ("0350042F", "0350022J")]

    found, _ = read("clee", table(tmp_path, head, *rows))

    assert len(found) == 1
    assert tokens(found[0].record) == ["establishment:0350042F", "establishment:0350022J"]
    assert len(found[0].record.contacts) == 2


def test_a_bassin_is_read_from_one_row_for_each_commune_by_code_or_by_name(read: Callable[..., Any], tmp_path: Path) -> None:
    rows = ["Département;District;Commune", "35;Exemple;35288", "35;Exemple;Cancale", "35;Exemple;35288", "01;Autre;1004"]

    found, run = read("bassins", table(tmp_path, *rows))

    assert [(bassin.code, bassin.academie, bassin.communes) for bassin in found] == [
        ("rennes-exemple", "Rennes", ("35288", "35049")),
        ("lyon-autre", "Lyon", ("01004",)),
    ]
    assert run.doubts == []


def test_a_bassin_map_replaces_its_academie_only(directory: Directory, tmp_path: Path) -> None:
    directory.load("bassins", BASSINS)
    report = directory.load("bassins", table(tmp_path, "Académie;Bassin;Communes", "Nantes;Exemple;44109"))

    known = directory.repository.load_bassins()
    assert (report.added, report.removed) == (1, 0)
    assert known.of_commune("35288") == ("rennes-ex1",)
    assert known.of_commune("44109") == ("nantes-exemple",)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("CIO de Fougères, lycée Jean-Guéhenno", "cio"),
        ("Lycée professionnel d’Exemple", "lycee"),
        ("Micro-lycée d’Exemple", "micro_lycee"),
        ("École de la 2e chance", "e2c"),
        ("Mission Locale", "mission_locale"),
        ("Pôle emploi", "france_travail"),
        ("Les Cafés d’Exemple", None),
    ],
)
def test_a_structure_is_what_its_name_says(name: str, category: str | None) -> None:
    assert guess_category(name) == category
