"""Empty tables to download, fill and import back: CSV or XLSX, with one invented row and what to write in each column."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import openpyxl
from openpyxl.styles import Alignment, Font

from directory.cells import neutral_cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A table to fill.

    Attributes:
        name: What it is asked by.
        label: French, as shown.
        source: What imports it back.
        columns: Header, what to write (French), example.
    """

    name: str
    label: str
    source: str
    columns: tuple[tuple[str, str, str], ...]


@cache
def templates() -> Mapping[str, Template]:
    """Every template by its name (importers/templates.toml)."""
    table = tomllib.loads(resources.files("importers").joinpath("templates.toml").read_text(encoding="utf-8"))
    return {
        name: Template(
            name=name,
            label=entry["label"],
            source=entry["source"],
            columns=tuple((header, help_, example) for header, help_, example in entry["columns"]),
        )
        for name, entry in table.items()
    }


def write_csv(template: Template) -> bytes:
    """The template as CSV: UTF-8 with its mark and semicolons, as French spreadsheets open it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([header for header, _, _ in template.columns])
    writer.writerow([neutral_cell(example) for _, _, example in template.columns])
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(template: Template) -> bytes:
    """The template as XLSX: the sheet to fill, every cell as text, and a sheet that explains its columns."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "À remplir"
    sheet.append([header for header, _, _ in template.columns])
    sheet.append([neutral_cell(example) for _, _, example in template.columns])
    for rank, (header, _, example) in enumerate(template.columns, start=1):
        letter = openpyxl.utils.get_column_letter(rank)
        sheet.column_dimensions[letter].width = max(14, min(40, max(len(header), len(example)) + 2))
        sheet.cell(1, rank).font = Font(bold=True)
        for line in range(2, 202):  # text, so that « 02 61 … », « 01000 » and a SIRET stay what was typed
            sheet.cell(line, rank).number_format = "@"
    sheet.freeze_panes = "A2"
    told = book.create_sheet("Mode d’emploi")
    told.append(["Colonne", "Ce qu’il faut y écrire", "Exemple"])
    for header, help_, example in template.columns:
        told.append([header, help_, neutral_cell(example)])
    told.append([])
    told.append([f"{template.label}. Remplacer la ligne d’exemple, puis : relais import {template.source} FICHIER"])
    for letter, width in (("A", 26), ("B", 80), ("C", 50)):
        told.column_dimensions[letter].width = width
    for cell in told[1]:
        cell.font = Font(bold=True)
    for row in told.iter_rows(min_row=2):
        row[1].alignment = Alignment(wrap_text=True, vertical="top")
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


FORMATS = {"csv": write_csv, "xlsx": write_xlsx}
