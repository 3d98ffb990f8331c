"""The education directory: lycées, CIO, and where a student's lycée is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.vocabulary import Precision
from importers.errors import StructureChanged
from importers.source import get_source

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

CSV, JSON = (Path(__file__).resolve().parents[2] / f"importers/sources/education/sample.{form}" for form in ("csv", "json"))
LYCEE = "Lycée professionnel de l’Exemple inventé"
REQUIRED = [column for column in get_source("education").columns.values() if column.required]


def test_the_establishments_of_the_field_are_read_and_the_others_counted(read: Callable[..., Any]) -> None:
    found, run = read("education", CSV)

    assert Counter(record.record.category for record in found) == {"lycee": 6, "cio": 1, "mfr": 1, "greta": 1}
    assert [(doubt.value, doubt.message) for doubt in run.doubts] == [
        ("FERME", "L’annuaire de l’éducation dit cet établissement fermé (« FERME »)."),
        ("Collège (1), École élémentaire (1)", "Établissements hors du champ, non lus : 2."),
        ("999 NATURE INVENTEE", "Nature inconnue de la table du champ, non lue : 1 établissement(s)."),
    ]


def _establishments(read: Callable[..., Any]) -> list[Any]:
    return [record for record in read("education", CSV)[0] if record.record.category != "greta"]


def test_the_lycees_of_a_departement_that_are_members_of_a_greta_make_one_listing(directory: Directory, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = CSV.read_text(encoding="utf-8-sig").splitlines()
    other = lines[1].replace("0359001U", "0359012F").replace("Lycée professionnel", "Lycée des métiers")
    path.write_text("\n".join([*lines, other]) + "\n", encoding="utf-8")

    directory.load("education", path)

    (greta,) = [listing.record for listing in directory.listings().values() if listing.record.category == "greta"]
    assert (greta.name, greta.networks, greta.uai, greta.code_departement) == ("GRETA – Ille-et-Vilaine", ("greta",), None, "35")
    assert [entry.token for entry in greta.coverage] == ["departement:35"]
    assert "ne dit ni de quel GRETA" in greta.description
    assert "Lycées membres : Lycée des métiers de l’Exemple inventé (Fougères) ; Lycée professionnel" in greta.description
    assert [contact.label for contact in greta.contacts] == [
        "Lycée des métiers de l’Exemple inventé (Fougères)", f"{LYCEE} (Fougères)",
    ]  # fmt: skip


def test_a_greta_with_a_line_of_its_own_is_read_by_what_it_is_called(read: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = CSV.read_text(encoding="utf-8-sig").splitlines()
    path.write_text(
        "\n".join([lines[0], *(line.replace("999;NATURE INVENTEE", "999;GRETA INVENTE") for line in lines[1:])]) + "\n"
    )

    found, run = read("education", path)

    assert Counter(record.record.category for record in found)["greta"] == 2
    assert not [doubt for doubt in run.doubts if "Nature inconnue" in doubt.message]


def test_a_lycee_serves_its_own_pupils_and_a_section_those_of_its_lycee(read: Callable[..., Any]) -> None:
    found = _establishments(read)

    served = {record.record_id[:7]: [coverage.code for coverage in record.record.coverage] for record in found}
    lycee, section = found[0].record.uai, found[2].record.uai
    assert served[lycee[:7]] == [lycee]
    assert served[section[:7]] == [section, found[1].record.uai]


def test_the_file_does_not_say_whom_a_cio_serves(read: Callable[..., Any]) -> None:
    found, _ = read("education", CSV)

    cio = next(record.record for record in found if record.record.category == "cio")
    assert (cio.coverage, cio.bassin_label) == ((), "Bassin inventé")


def test_what_a_lycee_is_and_has_is_told(read: Callable[..., Any]) -> None:
    found, _ = read("education", CSV)

    record = found[0].record
    assert record.description == (
        "Lycée professionnel public. Voie professionnelle, apprentissage, lycée des métiers, membre d’un GRETA."
    )
    assert (record.address, record.code_commune, record.precision) == (
        "1 rue de l'Exemple, BP 90001", "35115", Precision.ADDRESS,
    )  # fmt: skip


def test_phones_of_every_shape_are_one(read: Callable[..., Any]) -> None:
    found = _establishments(read)

    phones = [contact.phone for record in found for contact in record.record.contacts if contact.phone]
    endings = ("03", "47", "18", "75", "31", "92", "26", "60", "14")
    assert phones == [f"+332619120{ending}" for ending in endings]


def test_the_csv_and_the_api_say_the_same(read: Callable[..., Any]) -> None:
    table, _ = read("education", CSV)
    api, _ = read("education", JSON)

    assert [(record.record_id, record.record) for record in api] == [(record.record_id, record.record) for record in table]


def test_two_lines_of_one_uai_are_two_sites_whatever_their_order(read: Callable[..., Any], tmp_path: Path) -> None:
    lines = CSV.read_text(encoding="utf-8-sig").splitlines()
    turned = tmp_path / "a.csv"
    turned.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")

    first, _ = read("education", CSV)
    second, run = read("education", turned)

    assert {record.record_id for record in first} == {record.record_id for record in second}
    assert sum(record.record_id.startswith("0359007") for record in second) == 2
    assert not [doubt for doubt in run.doubts if "déjà lu" in doubt.message]


def test_a_second_import_changes_nothing(directory: Directory) -> None:
    first = directory.load("education", CSV)

    again = directory.load("education", CSV)

    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, first.added)


def test_a_lycee_that_is_said_closed_closes_at_once(directory: Directory, tmp_path: Path) -> None:
    directory.load("education", CSV)
    path = tmp_path / "a.csv"
    lines = CSV.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace(";OUVERT;", ";FERME;"), *lines[2:]]) + "\n", encoding="utf-8")

    report = directory.load("education", path, allow_removals=True)  # a lycée and its GRETA are two of the sample's nine

    assert (report.removed, report.missed, report.refused) == (1, 1, 2)
    assert LYCEE not in directory.listings()
    directory.load("education", path, allow_removals=True)
    assert not [listing for listing in directory.listings().values() if listing.record.category == "greta"]


def test_a_file_of_one_departement_takes_nothing_away_from_another(directory: Directory, tmp_path: Path) -> None:
    directory.load("education", CSV)
    path = tmp_path / "22.csv"
    path.write_text(CSV.read_text(encoding="utf-8-sig").replace("0359001U", "0229001P"), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")

    report = directory.load("education", path)

    assert (report.added, report.removed) == (2, 0)


@pytest.mark.parametrize("column", REQUIRED, ids=lambda column: column.name)
def test_a_removed_column_stops(column: Any, directory: Directory, tmp_path: Path) -> None:
    text = CSV.read_text(encoding="utf-8-sig")
    header, _, rest = text.partition("\n")
    names = ["Autre" if name.casefold() in map(str.casefold, column.headers) else name for name in header.split(";")]
    path = tmp_path / "a.csv"
    path.write_text(";".join(names) + "\n" + rest, encoding="utf-8")

    with pytest.raises(StructureChanged, match=column.name):
        directory.load("education", path)


def test_an_added_column_is_noted(read: Callable[..., Any], tmp_path: Path) -> None:
    lines = CSV.read_text(encoding="utf-8-sig").splitlines()
    path = tmp_path / "a.csv"
    path.write_text("\n".join([f"{lines[0]};Nouveau", *(f"{line};x" for line in lines[1:])]) + "\n", encoding="utf-8")

    _, run = read("education", path)

    assert [doubt.field for doubt in run.doubts if "Colonne inconnue" in doubt.message] == ["Nouveau"]


def test_a_students_lycee_is_where_the_directory_says(directory: Directory) -> None:
    directory.load("education", CSV)
    uai = directory.listings()[LYCEE].record.uai or ""

    found = directory.repository.find_lycee(uai)

    assert directory.gazetteer.find_lycee(uai) is None
    assert found is not None
    assert (found.name, found.code_commune, found.code_departement) == (LYCEE, "35115", "35")
    assert directory.repository.find_lycee("0350001A") is None


def test_the_published_file_is_read_whole(published: Path, read: Callable[..., Any]) -> None:
    found, run = read("education", published / "education/fr-en-annuaire-education_35.csv")

    assert Counter(record.record.category for record in found) == {"lycee": 88, "mfr": 11, "cio": 5, "greta": 1}
    assert (run.read, len(run.doubts)) == (996, 2)
    assert all(
        (record.record.code_commune or record.record.category == "greta") and record.record.contacts[0].phone for record in found
    )
