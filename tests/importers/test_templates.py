"""The tables to download: they come back without a doubt, and run no formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.cells import neutral_cell
from directory.models.doubt import DoubtLevel
from importers.errors import ImporterError
from importers.headers import resolve
from importers.source import get_source
from importers.templates import FORMATS, Template, templates

if TYPE_CHECKING:
    from tests.importers.conftest import Directory


def filled(template: Template) -> Template:
    """A template whose example someone took for their own."""
    return replace(
        template, columns=tuple((header, told, text.replace(", à remplacer", "")) for header, told, text in template.columns)
    )


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", list(templates()))
def test_the_example_that_was_left_in_a_template_is_not_published(
    name: str, form: str, directory: Directory, tmp_path: Path
) -> None:
    (tmp_path / f"a.{form}").write_bytes(FORMATS[form](templates()[name]))

    with pytest.raises(ImporterError) as refused:
        directory.load(templates()[name].source, tmp_path / f"a.{form}")

    assert "rien n’est publié" in refused.value.public
    assert directory.listings() == {}


def test_the_rows_written_under_the_example_are_read(directory: Directory, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(FORMATS["csv"](templates()["partenaires"]) + "CCAS inventé;CCAS;;35600;Redon;;;;;;;;\r\n".encode())

    report = directory.load("tableur", path)

    assert list(directory.listings()) == ["CCAS inventé"]
    assert [doubt.message for doubt in report.doubts if "exemple" in doubt.message] == ["Ligne 2 : l’exemple du modèle, passé."]


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("name", list(templates()))
def test_a_template_comes_back_without_a_doubt(name: str, form: str, directory: Directory, tmp_path: Path) -> None:
    for wanted in dict.fromkeys(["bassins", name]):
        (tmp_path / f"{wanted}.{form}").write_bytes(FORMATS[form](filled(templates()[wanted])))
    if name != "bassins":
        directory.load("bassins", tmp_path / f"bassins.{form}")

    report = directory.load(templates()[name].source, tmp_path / f"{name}.{form}")

    assert report.added > 0
    assert [doubt for doubt in report.doubts if doubt.level is not DoubtLevel.NOTED] == []
    assert [doubt for doubt in report.doubts if doubt.level is DoubtLevel.NOTED and doubt.field not in {"", "categorie"}] == []


@pytest.mark.parametrize("name", list(templates()))
def test_a_template_has_every_mandatory_column_and_says_what_to_write(name: str) -> None:
    template = templates()[name]
    source = get_source(template.source)

    found = resolve([header for header, _, _ in template.columns], source.columns)

    assert len(found) == len(template.columns)
    assert {column.name for column in source.columns.values() if column.required} <= found.keys()
    assert all(help_ and example for _, help_, example in template.columns)
    assert "invent" in "".join(example for _, _, example in template.columns)


def test_a_workbook_keeps_what_is_typed_as_text_and_explains_its_columns() -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"](templates()["entreprises"])))

    sheet, told = book.worksheets
    assert {cell.number_format for cell in sheet[2]} == {"@"}
    assert [row[0] for row in told.iter_rows(values_only=True)][1:3] == ["SIRET", "Nom de l’entreprise"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(\"http://exemple.fr\")", "'=HYPERLINK(\"http://exemple.fr\")"),
        ("+33261914001", "+33261914001"), ("-2.084", "-2.084"), ("+SUM(A1)", "'+SUM(A1)"),
        ("@cmd", "'@cmd"), ("-1+cmd|x", "'-1+cmd|x"),
        ("\t=1", "'\t=1"), (" =1", "' =1"), ("L’Étape", "L’Étape"), ("", ""), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_a_cell_that_would_be_a_formula_is_made_text(text: str, written: str) -> None:
    assert neutral_cell(text) == written


@given(st.text(max_size=30))
def test_no_text_is_written_as_a_formula(text: str) -> None:
    line = io.StringIO()
    csv.writer(line, delimiter=";").writerow([neutral_cell(text)])

    cell = next(csv.reader(io.StringIO(line.getvalue(), newline=""), delimiter=";"))[0] if line.getvalue().strip() else ""
    number = cell.strip("+-0123456789. ,") == ""
    assert number or not cell.lstrip().startswith(("=", "+", "-", "@"))
