"""Write the invented samples of the table sources: the same rows as XLSX, as CSV in cp1252, and as PDF for the académies' tables.

Every name says that it is invented; the phones are of the ranges that ARCEP keeps for fiction; no person here exists.
"""
# ruff: noqa: E501

from __future__ import annotations

import csv
from html import escape
from pathlib import Path

import openpyxl
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

SOURCES = Path(__file__).resolve().parents[1] / "importers" / "sources"
NOTE = "EXEMPLE INVENTÉ : aucune structure, aucune personne et aucun numéro de ce tableau n’existent"

PSAD = [
    [
        "Académie", "Département", "Bassin d’éducation", "Plateforme", "Point d’entrée", "Adresse", "Code postal", "Ville", "Téléphone",
        "Mél", "Coordonnatrice MLDS", "Tél MLDS", "Mél MLDS", "Partenaires",
    ],
    [
        "Rennes", "35", "Exemple-Nord (inventé)", "PSAD Exemple-Nord (inventée)", "CIO d’exemple de Saint-Malo (inventé)",
        "1 rue de l’Exemple", "35400", "Saint-Malo", "02 61 91 10 01", "psad.nord@exemple.fr", "Camille Exemple", "06 39 98 10 01",
        "camille.exemple@exemple.fr", "Mission locale d’exemple (inventée)\nE2C d’exemple (inventée)\nL’Étape inventée",
    ],
    [
        "Rennes", "35", "Exemple-Sud (inventé)", "PSAD Exemple-Sud (inventée)", "Mission locale d’exemple (inventée)",
        "2 place de l’Invention", "35600", "Redon", "02 61 91 10 02", "psad.sud@exemple.fr", "", "", "",
        "CIO d’exemple de Saint-Malo (inventé) ; Apprentis d’Auteuil",
    ],
    [
        "Rennes", "35", "Exemple-Est (inventé)", "", "Mission locale d’exemple (inventée)", "2 place de l’Invention", "35600", "Redon",
        "02 61 91 10 02", "psad.sud@exemple.fr", "Dominique Modèle", "06.39.98.10.03", "dominique.modele@exemple.fr", "",
    ],
]  # fmt: skip

CLEE = [
    [
        "Académie", "Département", "Bassin d’éducation", "CLEE", "Copilote école", "Mél école", "Tél école", "Copilote entreprise",
        "Mél entreprise", "Tél entreprise", "Lycées (UAI)",
    ],
    [
        "Rennes", "35", "Exemple-Nord (inventé)", "CLEE Exemple-Nord (inventé)", "Andrée Exemple", "andree.exemple@exemple.fr",
        "02 61 91 20 01", "Claude Modèle", "claude.modele@exemple.fr", "06 39 98 20 01", "0350042F ; 0350009V",
    ],
    [
        "Rennes", "35", "Exemple-Sud (inventé)", "CLEE Exemple-Sud (inventé)", "Maxime Fictif", "maxime.fictif@exemple.fr",
        "02 61 91 20 02", "Alix Inventée", "alix.inventee@exemple.fr", "06 39 98 20 02", "0350022J",
    ],
]  # fmt: skip

BASSINS = [
    ["Académie", "Code bassin", "Bassin", "Communes INSEE", "UAI"],
    ["Rennes", "EX1", "Exemple-Nord (inventé)", "35288;35093;35095", "0350042F;0350009V"],
    ["Rennes", "EX2", "Exemple-Sud (inventé)", "35236;35064", "0350022J"],
]

ENTREPRISES = [
    [
        "id", "siret", "nom", "code_naf", "commune", "code_postal", "code_insee", "adresse", "latitude", "longitude", "telephone",
        "effectif", "propose", "places",
    ],
    [
        "ex1", "10000000900017", "Boulangerie d’exemple (inventée)", "10.71C", "Redon", "35600", "35236", "3 rue de l’Exemple", "47.651",
        "-2.084", "02 61 91 30 01", "6", "stage;apprentissage", "2",
    ],
    [
        "ex2", "10000001700010", "Garage Modèle (inventé)", "45.20A", "Saint-Malo", "35400", "35288", "4 rue de l’Invention", "", "",
        "02 61 91 30 02", "12", "stage;immersion;emploi", "1",
    ],
]  # fmt: skip

TABLEUR = [
    ["Structure", "Type", "Adresse", "CP", "Ville", "Tél", "Mail", "Référent", "Âge", "Observations", "Secteur"],
    [
        "Point écoute d’exemple (inventé)", "PAEJ", "5 rue de l’Exemple", "35600", "Redon", "02 61 91 40 01", "paej@exemple.fr",
        "Sacha Fictive", "11-25 ans", "Accueil sans rendez-vous le mercredi", "Exemple-Sud (inventé)",
    ],
    [
        "Auto-école solidaire d’exemple (inventée)", "plateforme de mobilité", "6 rue du Modèle", "35400", "St Malo", "02 61 91 40 02",
        "", "", "à partir de 17 ans", "", "Exemple-Nord (inventé)",
    ],
]  # fmt: skip


def write(folder: Path, rows: list[list[str]], *, note: bool) -> None:
    """Write one sample in both forms; ``note`` puts the warning above the header, as académies put their titles."""
    titled = [[NOTE], [], *rows] if note else rows
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Exemple inventé"
    for row in titled:
        sheet.append(row)
    book.save(folder / "sample.xlsx")
    with (folder / "sample.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(titled)


def write_pdf(path: Path, rows: list[list[str]], *, lines: bool, widths: list[int], first: int = 99) -> None:
    """Write a table as académies publish it: a title, cells over several lines, what repeats merged, the header on each page.

    Args:
        path: The file.
        rows: The header, then the rows.
        lines: Whether cells have borders; without, equal neighbours are not merged, and the table has no line at all.
        widths: Of the columns, in points.
        first: How many rows the first page holds; the others go to the next. A cell merged at the end of the first page goes on
            there, blank, as word processors do it.
    """
    head, body = rows[0], rows[1:]
    pages = [[list(row) for row in page] for page in (body[:first], body[first:]) if page]
    if lines and len(pages) > 1:
        for column in range(len(head)):
            last = {row[column] for row in pages[0][-2:]}
            if len(last) == 1 and pages[1][0][column] in last:
                pages[1][0][column] = ""
    story = [Paragraph(escape(NOTE), ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=8, spaceAfter=10))]
    for rank, page in enumerate(pages):
        story += [PageBreak()] if rank else []
        story.append(table_of([head, *page], lines=lines, widths=widths))
    size = landscape(A4)
    SimpleDocTemplate(str(path), pagesize=size, leftMargin=20, rightMargin=20, topMargin=24, invariant=1).build(story)


def table_of(rows: list[list[str]], *, lines: bool, widths: list[int]) -> Table:
    """One page's table."""
    text = ParagraphStyle("cell", fontName="Helvetica", fontSize=6, leading=7.2)
    cells: list[list[object]] = [[Paragraph(escape(cell).replace("\n", "<br/>"), text) for cell in row] for row in rows]
    style: list[tuple[object, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    style += [("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if lines else [("BOTTOMPADDING", (0, 0), (-1, -1), 8)]
    for column in range(len(rows[0])) if lines else ():
        top = 1
        for rank in range(2, len(rows) + 1):
            if rank < len(rows) and rows[rank][column] == rows[top][column] != "":
                cells[rank][column] = ""
            elif rank - top > 1:
                style.append(("SPAN", (column, top), (column, rank - 1)))
                top = rank
            else:
                top = rank
    return Table(cells, colWidths=widths, style=style)


if __name__ == "__main__":
    for name, rows in {"psad": PSAD, "clee": CLEE}.items():
        write(SOURCES / name, rows, note=True)
    for name, rows in {"bassins": BASSINS, "entreprises": ENTREPRISES, "tableur": TABLEUR}.items():
        write(SOURCES / name, rows, note=False)
    psad = [38, 42, 50, 60, 66, 56, 34, 44, 50, 60, 58, 50, 62, 134]
    write_pdf(SOURCES / "psad" / "sample.pdf", PSAD, lines=True, widths=psad, first=2)
    clee = [40, 54, 72, 84, 66, 92, 66, 66, 92, 66, 70]
    write_pdf(SOURCES / "clee" / "sample.pdf", CLEE, lines=False, widths=clee)
    write_pdf(SOURCES / "bassins" / "sample.pdf", BASSINS, lines=True, widths=[60, 70, 130, 120, 120])
