"""Every source that reads tables or lists, held to the same promises on its invented sample."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.models.doubt import DoubtLevel
from directory.vocabulary import Kind
from importers.errors import ExpectationMissed, StructureChanged
from importers.source import get_source

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"
TABLES = ("psad", "clee", "bassins", "entreprises", "tableur")
SAMPLES = [(name, f"sample.{form}") for name in TABLES for form in ("xlsx", "csv")]
PRINTED = ("psad", "clee", "bassins")
SAMPLES += [(name, "sample.pdf") for name in PRINTED]
SAMPLES += [("missions_locales", "sample_milo.json"), ("missions_locales", "sample_annuaire.json")]
REQUIRED = [(name, column.name) for name in TABLES for column in get_source(name).columns.values() if column.required]
KEYS = [("sample_milo.json", "nom_agence"), ("sample_milo.json", "code_departement"), ("sample_milo.json", "id")]
KEYS += [("sample_annuaire.json", key) for key in ("id", "nom", "adresse", "pivot", "telephone", "plage_ouverture")]


def rows_of(source: str) -> list[list[str]]:
    with (SOURCES / source / "sample.csv").open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def header_of(source: str, rows: list[list[str]]) -> int:
    """The rank of the header's row: titles stand above it in some samples."""
    first = [column for column in get_source(source).columns.values() if column.required][0]  # noqa: RUF015
    wanted = {header.casefold() for header in first.headers}
    return next(rank for rank, row in enumerate(rows) if wanted & {cell.casefold() for cell in row})


def place_of(source: str, column: str, header: list[str]) -> int:
    wanted = {name.casefold() for name in get_source(source).columns[column].headers}
    return next(rank for rank, cell in enumerate(header) if cell.casefold() in wanted)


def written(folder: Path, rows: list[list[str]]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


@pytest.mark.parametrize(("source", "sample"), SAMPLES)
def test_a_sample_is_published_and_a_second_import_changes_nothing(source: str, sample: str, directory: Directory) -> None:
    first = directory.load(source, SOURCES / source / sample)
    state = directory.state()
    second = directory.load(source, SOURCES / source / sample)

    assert first.added > 0
    assert (second.added, second.changed, second.removed, second.unchanged) == (0, 0, 0, first.added)
    assert directory.state() == state


@pytest.mark.parametrize(("source", "sample"), SAMPLES)
def test_a_dry_run_says_what_it_would_do_and_writes_nothing(source: str, sample: str, directory: Directory) -> None:
    state = directory.state()

    dry = directory.load(source, SOURCES / source / sample, dry_run=True)

    assert dry.run is None
    assert directory.state() == state
    assert directory.repository.list_runs() == []
    assert dry.added == directory.load(source, SOURCES / source / sample).added


@pytest.mark.parametrize("source", TABLES)
def test_both_forms_of_a_sample_say_the_same(source: str, read: Callable[..., Any]) -> None:
    as_workbook, _ = read(source, SOURCES / source / "sample.xlsx")
    as_text, _ = read(source, SOURCES / source / "sample.csv")

    assert [getattr(record, "record", record) for record in as_workbook] == [
        getattr(record, "record", record) for record in as_text
    ]


@pytest.mark.parametrize("source", PRINTED)
def test_a_table_printed_as_pdf_says_the_same(source: str, read: Callable[..., Any]) -> None:
    as_pdf, run = read(source, SOURCES / source / "sample.pdf")
    as_text, other = read(source, SOURCES / source / "sample.csv")

    assert [getattr(record, "record", record) for record in as_pdf] == [getattr(record, "record", record) for record in as_text]
    assert [(doubt.field, doubt.message) for doubt in run.doubts] == [(doubt.field, doubt.message) for doubt in other.doubts]


@pytest.mark.parametrize("source", TABLES)
def test_every_name_and_phone_of_a_sample_is_invented(source: str, read: Callable[..., Any]) -> None:
    found, _ = read(source, SOURCES / source / "sample.csv")
    records = [entry.record for entry in found if hasattr(entry, "record")]
    phones = {contact.phone for record in records for contact in record.contacts if contact.phone}

    assert phones <= {phone for phone in phones if phone.startswith(("+3326191", "+3363998"))}
    assert "invent" in "".join(cell for row in rows_of(source) for cell in row).casefold()


@pytest.mark.parametrize(("source", "column"), REQUIRED)
def test_a_removed_column_stops_and_leaves_the_directory_as_it_was(
    source: str, column: str, directory: Directory, tmp_path: Path
) -> None:
    directory.load(source, SOURCES / source / "sample.csv")
    state = directory.state()
    rows = rows_of(source)
    top = header_of(source, rows)
    place = place_of(source, column, rows[top])
    cut = [row[:place] + row[place + 1 :] if rank >= top else row for rank, row in enumerate(rows)]

    with pytest.raises(StructureChanged) as stopped:
        directory.load(source, written(tmp_path, cut))

    assert f"« {column} »" in stopped.value.public
    assert directory.state() == state
    assert directory.repository.list_runs()[0].status == "failed"
    assert directory.repository.list_runs()[0].message == stopped.value.public


@pytest.mark.parametrize("source", TABLES)
def test_an_added_column_is_noted_once(source: str, directory: Directory, tmp_path: Path) -> None:
    rows = rows_of(source)
    top = header_of(source, rows)
    longer = [[*row, "Couleur" if rank == top else "vert"] if rank >= top else row for rank, row in enumerate(rows)]

    report = directory.load(source, written(tmp_path, longer))

    noted = [doubt for doubt in report.doubts if doubt.field == "Couleur"]
    assert [(doubt.value, doubt.level) for doubt in noted] == [("vert", DoubtLevel.NOTED)]
    assert report.added > 0


@pytest.mark.parametrize(("sample", "key"), KEYS)
def test_a_removed_key_stops(sample: str, key: str, directory: Directory, tmp_path: Path) -> None:
    text = (SOURCES / "missions_locales" / sample).read_text(encoding="utf-8")
    items = json.loads(text)
    for item in items if isinstance(items, list) else items["results"]:
        del item[key]
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps(items), encoding="utf-8")

    with pytest.raises(StructureChanged) as stopped:
        directory.load("missions_locales", cut)

    assert key in stopped.value.public
    assert directory.state() == (0, dict.fromkeys(directory.repository.count_listings(), 0))


def test_an_added_key_is_noted(directory: Directory, tmp_path: Path) -> None:
    items = json.loads((SOURCES / "missions_locales/sample_milo.json").read_text(encoding="utf-8"))
    longer = tmp_path / "longer.json"
    longer.write_text(json.dumps([item | {"couleur": "vert"} for item in items]), encoding="utf-8")

    report = directory.load("missions_locales", longer)

    assert [doubt.level for doubt in report.doubts if doubt.field == "couleur"] == [DoubtLevel.NOTED]


# source, column, what is written in the cell, what the doubt shows of it, what is done
BAD_CELLS = [
    ("psad", "telephone", "à demander", "à demander", DoubtLevel.DOUBTED),
    ("psad", "courriel", "voir le site", "voir le site", DoubtLevel.DOUBTED),
    ("psad", "bassin", "", "", DoubtLevel.REFUSED),
    ("psad", "commune", "Nulle-Part-en-Exemple", "Nulle-Part-en-Exemple", DoubtLevel.DOUBTED),
    ("psad", "departement", "Bretagne-Nord", "Bretagne-Nord", DoubtLevel.DOUBTED),
    ("clee", "etablissements", "0350042F;0350042A", "0350042A", DoubtLevel.DOUBTED),
    ("clee", "responsable_ecole", "", "", DoubtLevel.DOUBTED),
    ("bassins", "communes", "35288;99999", "99999", DoubtLevel.DOUBTED),
    ("bassins", "label", "", "", DoubtLevel.REFUSED),
    ("entreprises", "siret", "2,12101E+13", "2,12101E+13", DoubtLevel.DOUBTED),
    ("entreprises", "siret", "10000000900018", "10000000900018", DoubtLevel.DOUBTED),
    ("entreprises", "nom", "", "", DoubtLevel.REFUSED),
    ("entreprises", "code_naf", "boulangerie", "boulangerie", DoubtLevel.DOUBTED),
    ("entreprises", "latitude", "43.3", "43.3 ; -2.084", DoubtLevel.DOUBTED),
    ("entreprises", "propose", "stage;voyage", "voyage", DoubtLevel.DOUBTED),
    ("entreprises", "places", "beaucoup", "beaucoup", DoubtLevel.DOUBTED),
    ("tableur", "nom", "", "", DoubtLevel.REFUSED),
    ("tableur", "ages", "les grands", "les grands", DoubtLevel.DOUBTED),
]


@pytest.mark.parametrize(("source", "column", "cell", "shown", "level"), BAD_CELLS)
def test_a_bad_cell_is_a_doubt_that_names_line_field_and_value(
    source: str, column: str, cell: str, shown: str, level: DoubtLevel, tmp_path: Path, read: Callable[..., Any]
) -> None:
    rows = rows_of(source)
    top = header_of(source, rows)
    place = place_of(source, column, rows[top])
    rows[top + 1][place] = cell

    _, run = read(source, written(tmp_path, rows))

    doubts = [(doubt.line, doubt.field, doubt.value, doubt.level) for doubt in run.doubts]
    assert (top + 2, rows[top][place], shown, level) in doubts
    assert all(doubt.message[0].isupper() or doubt.message.startswith("«") for doubt in run.doubts)


def test_a_structure_met_first_without_its_address_gets_it_from_a_later_row(directory: Directory) -> None:
    directory.load("psad", SOURCES / "psad" / "sample.csv")

    entry_point = directory.listings()["Mission locale d’exemple (inventée)"].record

    assert (entry_point.code_commune, entry_point.address) == ("35236", "2 place de l’Invention")


def test_a_file_far_longer_than_such_a_list_stops_the_run(directory: Directory, tmp_path: Path) -> None:
    row = "Rennes;35;Exemple-Nord (inventé);PSAD;CIO {};;;;;;;;;\n"
    header = (SOURCES / "psad" / "sample.csv").read_text(encoding="cp1252").splitlines()[2]
    path = tmp_path / "endless.csv"
    path.write_text(header + "\n" + "".join(row.format(n) for n in range(50_001)), encoding="cp1252")

    with pytest.raises(ExpectationMissed) as missed:
        directory.load("psad", path)

    assert "plus de 50000 lignes" in missed.value.public
    assert directory.state() == (0, dict.fromkeys(Kind, 0))
