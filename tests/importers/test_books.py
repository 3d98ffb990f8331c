"""Workbooks and PDF: sheets, hidden rows, merged cells, headers over two rows, totals; tables of a PDF with and without lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from reportlab.pdfgen.canvas import Canvas

from importers.errors import UnreadableFile
from importers.reading import Table, is_total, read_table
from importers.source import Column, get_source
from tests.importers.files import GRID, ods_cell, ods_row, write_ods, write_pdf

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

COLUMNS = {
    "nom": Column(name="nom", headers=("nom", "Structure"), required=True),
    "telephone": Column(name="telephone", headers=("telephone", "Tél."), required=False),
}
SPANNED = 'table:number-rows-spanned="2"'


def read(path: Path, sheet: str = "") -> tuple[list[list[str]], list[str]]:
    table: Table = read_table(path, COLUMNS, 10_000_000, sheet)
    rows = [[row.cells[table.resolved[name]] for name in COLUMNS if name in table.resolved] for row in table.rows]
    return rows, table.notes


def book(folder: Path, **sheets: list[list[str]]) -> tuple[openpyxl.Workbook, Path]:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet: Worksheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return made, folder / "classeur.xlsx"


HEAD = ["Structure", "Tél."]


def test_the_sheet_may_be_named_and_the_others_that_are_alike_are_told(tmp_path: Path) -> None:
    made, path = book(tmp_path, Nord=[HEAD, ["A", "1"]], Sud=[HEAD, ["B", "2"]], Notes=[["Lisez-moi"]])
    made.save(path)

    chosen, notes = read(path)
    named, told = read(path, "sud")

    assert (chosen, named) == ([["A", "1"]], [["B", "2"]])
    assert notes == ["Seule « Nord » est lue ; « Sud » a les mêmes colonnes (à lire à part, avec --sheet)."]
    assert told == []


def test_a_sheet_that_is_not_there_is_refused_with_the_names_of_those_that_are(tmp_path: Path) -> None:
    made, path = book(tmp_path, Nord=[HEAD, ["A", "1"]])
    made.save(path)

    with pytest.raises(UnreadableFile) as refused:
        read(path, "Est")

    assert "n’a pas de feuille « Est » ; il a « Nord »" in refused.value.public


def test_a_hidden_sheet_comes_after_the_visible_ones_and_is_told_when_it_is_the_only_one_that_fits(tmp_path: Path) -> None:
    made, path = book(tmp_path, Ancien=[HEAD, ["A", "1"]], Liste=[HEAD, ["B", "2"]])
    made["Ancien"].sheet_state = "hidden"
    made.save(path)
    alone, other = book(tmp_path, Ancien=[HEAD, ["A", "1"]], Notes=[["Lisez-moi"]])
    alone["Ancien"].sheet_state = "hidden"
    alone.save(other.with_name("seul.xlsx"))

    assert read(path)[0] == [["B", "2"]]
    rows, notes = read(other.with_name("seul.xlsx"))
    assert rows == [["A", "1"]]
    assert notes == ["La feuille lue, « Ancien », est masquée dans le classeur."]


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    made, path = book(tmp_path, **{"L’été & co": [HEAD, ["A", "1"], ["B", "2"], ["C", "3"]]})
    for line in (3, 4):
        made.active.row_dimensions[line].hidden = True
    made.save(path)

    rows, notes = read(path)

    assert len(rows) == 3
    assert notes == ["La feuille « L’été & co » a 2 ligne(s) masquée(s) ou filtrée(s) : elles sont lues aussi."]


def test_an_ods_says_the_same_of_its_hidden_rows_and_merged_cells(tmp_path: Path) -> None:
    rows = [
        ods_row(*HEAD),
        ods_row(ods_cell("A", SPANNED), "1"),
        ods_row("<table:covered-table-cell/>", "2"),
        ods_row("B", "3", attributes='table:visibility="filter"'),
    ]
    path = write_ods(tmp_path / "classeur.ods", f'<table:table table:name="Liste">{"".join(rows)}</table:table>')

    found, notes = read(path)

    assert found == [["A", "1"], ["A", "2"], ["B", "3"]]
    assert notes == ["La feuille « Liste » a 1 ligne(s) masquée(s) ou filtrée(s) : elles sont lues aussi."]


def test_a_merged_cell_fills_its_rows_and_neither_empty_rows_nor_columns(tmp_path: Path) -> None:
    made, path = book(
        tmp_path, Liste=[["", "", "", ""], ["", *HEAD, "Ville"], ["", "A", "1", ""], ["", "", "2", "x"], [], ["", "", "3", ""]]
    )
    made.active.merge_cells("B3:B8")
    made.active.merge_cells("C3:D3")
    made.save(path)

    assert read(path)[0] == [["A", "1"], ["A", "2"], ["A", "3"]]
    assert [row.line for row in read_table(path, COLUMNS, 10_000_000).rows] == [3, 4, 6]


# what stands above, the header's second row, then which columns are found
TWO_ROWS = [
    ([["Structure", "Contact", ""], ["", "Tél.", "Mail"]], "Contact Tél."),
    ([["Coordonnées", "", ""], ["Structure", "Tél.", "Mail"]], "Tél."),
    ([["Annuaire 2026"], [], ["Structure", "Contact", ""], ["", "Tél.", "Mail"]], "Contact Tél."),
]


@pytest.mark.parametrize(("head", "phone"), TWO_ROWS)
def test_a_header_may_take_two_rows(head: list[list[str]], phone: str, tmp_path: Path) -> None:
    made, path = book(tmp_path, Liste=[*head, ["A", "1", "x"], ["B", "2", "y"]])
    made.save(path)

    table = read_table(path, COLUMNS, 10_000_000)

    assert table.resolved["telephone"] == phone
    assert [row.cells[table.resolved["nom"]] for row in table.rows] == ["A", "B"]


def test_the_groups_of_a_psad_header_over_two_rows_tell_its_columns_apart(read: Callable[..., Any], tmp_path: Path) -> None:
    made, path = book(
        tmp_path,
        Liste=[
            ["Bassin", "Point d’entrée", "", "", "Coordonnateur MLDS", "", ""],
            ["", "Structure", "Tél.", "Mél", "Nom", "Tél.", "Mél"],
            ["Exemple", "CIO d’exemple", "02 61 91 10 01", "cio@exemple.fr", "Sacha Fictive", "06 39 98 10 01", "s@exemple.fr"],
        ],
    )  # fmt: skip
    made.save(path)

    found, _ = read("psad", path)

    contacts = {entry.record.category: [(c.phone, c.email, c.name) for c in entry.record.contacts] for entry in found}
    assert contacts["psad"] == [("+33261911001", "cio@exemple.fr", "")]
    assert contacts["mlds"] == [("+33639981001", "s@exemple.fr", "Sacha Fictive")]


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["Total", "", "12"], True),
        (["", "TOTAL GÉNÉRAL", "1 200,50 €"], True),
        (["Nombre de structures", "12"], True),
        (["Nombre total : 3", "", ""], True),
        (["Total"], False),
        (["Total Énergies", "12"], False),
        (["Total", "Rennes", "12"], False),
    ],
)
def test_a_total_is_a_word_that_says_so_with_numbers_at_most_beside_it(cells: list[str], total: bool) -> None:
    assert is_total(cells) is total


def test_a_total_at_the_end_is_passed_and_told(tmp_path: Path) -> None:
    made, path = book(tmp_path, Liste=[HEAD, ["A", "1"], ["Total", "1"]])
    made.save(path)

    assert read(path) == ([["A", "1"]], ["Ligne 3 : un total, passé."])


def test_a_column_without_header_nor_text_is_no_unknown_column(directory: Directory, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Structure;;Tél.;Fax\nCIO d’exemple;;02 61 91 10 01;\n", encoding="utf-8")

    report = directory.load("tableur", path)

    assert [doubt.field for doubt in report.doubts if "inconnue" in doubt.message] == ["Fax"]


def test_a_file_pasted_from_two_encodings_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("Structure;Tél.\nL’Été;1\n".encode() + "À côté – ça;2\n".encode("cp1252"))

    rows, notes = read(path)

    assert rows == [["L’Été", "1"], ["À côté – ça", "2"]]
    assert "mélange deux encodages" in notes[0]


# ---------------------------------------------------------------- PDF
def test_the_pages_of_a_pdf_table_are_one_table_and_its_header_is_read_once(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [HEAD, ["A", "1"]], [HEAD, ["B", "2"]], [["C", "3"]], widths=[200, 100])

    assert read(path)[0] == [["A", "1"], ["B", "2"], ["C", "3"]]


def test_a_cell_of_a_pdf_merged_over_rows_stands_in_each_even_overleaf(tmp_path: Path) -> None:
    merged = (GRID, ("SPAN", (0, 1), (0, 2)))
    path = write_pdf(
        tmp_path / "a.pdf", [HEAD, ["A", "1"], ["", "2"]], [HEAD, ["", "3"], ["", "4"]], widths=[200, 100], style=merged
    )

    assert read(path)[0] == [["A", "1"], ["A", "2"], ["A", "3"], ["A", "4"]]


@pytest.mark.parametrize("style", [(GRID,), (("BOTTOMPADDING", (0, 0), (-1, -1), 9),)], ids=["lines", "no lines"])
def test_a_line_that_its_cell_broke_goes_on_and_one_that_its_author_broke_does_not(style: Any, tmp_path: Path) -> None:
    rows = [HEAD, ["Mission locale des pays d’exemple et de leurs alentours", "02 61 91 00 01\n02 61 91 00 02"], ["CIO", "3"]]
    path = write_pdf(tmp_path / "a.pdf", rows, [HEAD, ["Autre", "4"]], widths=[120, 110], style=style)

    assert read(path)[0] == [
        ["Mission locale des pays d’exemple et de leurs alentours", "02 61 91 00 01\n02 61 91 00 02"],
        ["CIO", "3"],
        ["Autre", "4"],
    ]


def test_an_address_too_long_for_its_cell_is_put_together_again(tmp_path: Path) -> None:
    rows = [HEAD, ["A", "une.adresse.tout.a.fait.longue@ac-exemple.fr"]]

    assert read(write_pdf(tmp_path / "a.pdf", rows, widths=[120, 90]))[0] == [rows[1]]


def test_a_pdf_table_without_lines_keeps_its_empty_cells_where_they_are(tmp_path: Path) -> None:
    rows = [["Structure", "Ville", "Tél."], ["A", "", "1"], ["B b", "Redon", ""], ["", "Vitré", "3"]]
    path = write_pdf(tmp_path / "a.pdf", rows, widths=[150, 100, 100], style=(("BOTTOMPADDING", (0, 0), (-1, -1), 9),))

    table = read_table(path, {}, 10_000_000)

    assert [list(row.cells.values()) for row in table.rows] == rows[1:]


@pytest.mark.parametrize("source", ["psad", "clee"])
def test_a_pdf_of_running_text_holds_no_table(source: str, read: Callable[..., Any], tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for rank in range(20):
        canvas.drawString(50, 700 - 14 * rank, f"Ceci est la ligne {rank} d’une lettre tout à fait inventée, sans aucun tableau.")
    canvas.save()

    with pytest.raises(UnreadableFile) as refused:
        read(source, tmp_path / "a.pdf")

    assert "aucun tableau" in refused.value.public


def test_the_other_tables_of_a_pdf_may_be_named_by_their_page(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [HEAD, ["A", "1"]], [HEAD, ["B", "2"]], widths=[200, 100])
    other = write_pdf(tmp_path / "b.pdf", [HEAD, ["A", "1"]], [["Ville", "Structure", "Tél."], ["x", "B", "2"]])

    assert read(path, "pages 1 à 2")[0] == [["A", "1"], ["B", "2"]]
    assert read(other, "page 2")[0] == [["B", "2"]]
    assert get_source("psad").complete
