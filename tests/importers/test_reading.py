"""Tables whatever their encoding and form, and files that are not what they should be."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.errors import ImporterError, StructureChanged, UnreadableFile
from importers.reading import TableRow, read_table
from importers.source import Column

COLUMNS = {
    "nom": Column(name="nom", headers=("nom", "Intitulé"), required=True),
    "telephone": Column(name="telephone", headers=("telephone", "Tél."), required=False),
}
TEXT = "Intitulé;Tél.;Été\nL’Étape;02 61 91 00 01;oui\nÀ côté;;non\n"
MAX = 10_000_000


def read(path: Path, columns: dict[str, Column] = COLUMNS) -> list[TableRow]:
    return list(read_table(path, columns, MAX).rows)


def written(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, *sheets: list[list[object]], name: str = "table.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rank, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Feuille {rank}")
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "mac_roman"])
def test_a_table_is_read_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    rows = read(written(tmp_path, TEXT.encode(encoding)))

    assert [row.cells["Intitulé"] for row in rows] == ["L’Étape", "À côté"]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_list_of_few_accents_is_read_as_the_machine_that_wrote_it_did(encoding: str, tmp_path: Path) -> None:
    rows = read(written(tmp_path, "Intitulé;Tél.\nMenuiserie Été, Vitré;\n".encode(encoding)))

    assert [row.cells["Intitulé"] for row in rows] == ["Menuiserie Été, Vitré"]


def test_the_first_row_of_a_table_without_header_is_not_lost(tmp_path: Path) -> None:
    path = written(tmp_path, b"Atelier Un;02 61 91 00 01;Rennes\nAtelier Deux;02 61 91 00 02;Redon\nAtelier Trois;;Redon\n")
    columns = {"nom": Column(name="nom", headers=("Colonne 1",), required=True)}

    verbatim, mapped = read(path, {}), read(path, columns)

    assert [row.cells["Colonne 1"] for row in verbatim] == ["Atelier Un", "Atelier Deux", "Atelier Trois"]
    assert mapped == verbatim


def test_a_header_of_years_over_numbers_is_a_header(tmp_path: Path) -> None:
    rows = read(written(tmp_path, b"Lyc\xc3\xa9e;2024-2025;35000\nA;12;1\nB;14;2\n"), {})

    assert rows[0].cells == {"Lycée": "A", "2024-2025": "12", "35000": "1"}


def test_a_last_column_that_nobody_named_is_a_column(tmp_path: Path) -> None:
    path = written(tmp_path, b"Nom;Tel;\nA;1;a@exemple.fr\nB;2;b@exemple.fr\nC;3\n")

    assert [row.cells["Colonne 3"] for row in read(path)] == ["a@exemple.fr", "b@exemple.fr", ""]
    assert all(not row.beyond for row in read(path))


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_table_is_read_with_any_separator_even_among_decoys(separator: str, tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([["Intitulé", "Tél.", "Note"], ["A, B; C | D", "1", "x\ty"], ["E", "2", ""]])

    rows = read(written(tmp_path, text.getvalue().encode()))

    assert [row.cells["Intitulé"] for row in rows] == ["A, B; C | D", "E"]


def test_the_header_may_stand_under_titles_and_lines_are_counted_from_the_file(tmp_path: Path) -> None:
    rows = read(written(tmp_path, f"Annuaire 2026;;\nMis à jour en mai;;\n\n{TEXT}".encode()))

    assert [(row.line, row.cells["Tél."]) for row in rows] == [(5, "02 61 91 00 01"), (6, "")]


def test_a_header_is_known_without_case_accents_and_punctuation(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"INTITULE ;tel\nA;1\n"), COLUMNS, MAX)

    assert table.resolved == {"nom": "INTITULE", "telephone": "tel"}


def test_headers_that_repeat_or_lack_keep_their_columns_apart(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"nom;nom;;fin\nA;B;C;D\n"), COLUMNS, MAX)

    assert [row.cells for row in table.rows] == [{"nom": "A", "nom (2)": "B", "Colonne 3": "C", "fin": "D"}]


def test_short_rows_are_filled_long_rows_tell_what_is_beyond_and_empty_rows_are_skipped(tmp_path: Path) -> None:
    rows = read(written(tmp_path, b"nom;telephone\nA\n;\n\nB;1;2;3\n"))

    assert [(row.cells, row.beyond) for row in rows] == [
        ({"nom": "A", "telephone": ""}, ()),
        ({"nom": "B", "telephone": "1"}, ("2", "3")),
    ]


def test_nul_bytes_are_dropped_and_told_and_cells_hold_line_breaks(tmp_path: Path) -> None:
    path = written(tmp_path, b'nom;telephone\n"A\x00B\nC";1\n')

    table = read_table(path, {}, 1_000_000)

    assert next(iter(table.rows)).cells["nom"] == "AB\nC"
    assert table.notes == ["Le fichier contient des caractères nuls (il a pu être abîmé) : ils sont retirés."]


def test_a_missing_mandatory_column_stops_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(StructureChanged) as stopped:
        read(written(tmp_path, b"telephone;ville\n1;x\n"))

    assert "« nom »" in stopped.value.public
    assert "telephone, ville" in stopped.value.public


def test_the_sheet_is_the_one_that_holds_the_columns(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["Lisez-moi"], ["Ce classeur …"]], [["Titre"], [], ["Tél.", "Intitulé"], ["1", "A"]])

    rows = read(path)

    assert [(row.line, row.cells["Intitulé"]) for row in rows] == [(4, "A")]


def test_what_excel_made_of_numbers_and_days_is_undone(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ["nom", "cp", "siret", "jour", "heure", "oui"],
            ["A", 82000.0, 2.12101e13, datetime.fromisoformat("2026-09-01"), datetime.fromisoformat("2026-09-01T14:00"), True],
        ],
    )

    assert list(read(path)[0].cells.values()) == ["A", "82000", "21210100000000", "2026-09-01", "2026-09-01 14:00", "oui"]


def test_a_cell_merged_over_several_rows_stands_in_each(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["nom", "telephone"], ["A", "1"], ["", "2"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "table.xlsx")

    assert [row.cells["nom"] for row in read(tmp_path / "table.xlsx")] == ["A", "A"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("vide.csv", b"", "est vide"),
        ("blancs.csv", b"\n \n\t\n", "est vide"),
        ("annuaire.csv", b"%PDF-1.7\n%\xe2\xe3", "il contient un PDF"),
        ("erreur.csv", b"<!DOCTYPE html><html><body>404</body></html>", "il contient une page web"),
        ("table.csv", b'[{"nom": "A"}]', "il contient du JSON"),
        ("table.xlsx", b"nom;telephone\nA;1\n", "il contient du texte"),
        ("table.xlsx", b"PK\x03\x04 tronqu", "tronqué ou abîmé"),
        ("table.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "tronqué ou abîmé"),
        ("image.csv", b"\x89PNG\r\n\x1a\n", "il contient une image"),
        ("binaire.csv", bytes(range(1, 256)) * 20, "des données binaires"),
        ("guillemet.csv", b'nom;telephone\n"A;1\nB;2\n', "un guillemet ouvert ligne 2 ne se ferme pas"),
        ("coupe.csv", b"nom;telephone;ville\nA;1;x\nB;2;y\nC;", "sa dernière ligne (4) est incomplète"),
        ("double.csv", "nom\nété\n".encode().decode("cp1252").encode(), "encodés deux fois"),
        ("utf16.csv", "nom;x\nA;1\n".encode("utf-16") + b"\x41", "tronqué ou mal encodé"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_why(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(written(tmp_path, content, name))

    assert reason in refused.value.public
    assert name in refused.value.public


def test_an_absent_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="not a regular file"):
        read(tmp_path / "absent.csv")
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path)

    assert "est un dossier" in refused.value.public


def test_a_file_above_the_limit_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "enorme.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # sparse: it takes no room

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert "200 Mo" in refused.value.public


def test_a_zip_that_unfolds_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bombe.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(60):
                entry.write(b"\x00" * 1_000_000)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert "archive piégée" in refused.value.public


@pytest.mark.skipif(os.name == "nt", reason="the memory of a process cannot be bounded there")
def test_a_workbook_that_claims_a_terabyte_of_cells_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["nom"], ["A"]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "loin"
    book.save(path)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert "plus de mémoire ou de temps qu’un vrai" in refused.value.public


CELL = st.text(alphabet=st.characters(exclude_characters="\x85\u2028\u2029", exclude_categories=("Cs", "Cc")), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=6), encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
)
def test_whatever_is_written_as_csv_is_read_back(rows: list[tuple[str, str, str]], encoding: str, tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([("nom", "telephone", "fin"), *rows])
    path = written(tmp_path, text.getvalue().encode(encoding))
    expected = [[cell.strip() for cell in row] for row in rows]

    found = [list(row.cells.values()) for row in read(path)]

    assert found == [row for row in expected if any(row) and row != ["nom", "telephone", "fin"]]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.ods", "a.xls", "a.bin", "a.json"]))
def test_any_bytes_are_read_or_refused_in_french(content: bytes, name: str, tmp_path: Path) -> None:
    public = "read"
    try:
        read(written(tmp_path, b"nom;x\n" + content if name == "a.bin" else content, name))
    except ImporterError as refused:
        public = refused.public

    assert public
