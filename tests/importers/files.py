"""Files that tests write: workbooks with what authors do to them, ODS and PDF; all invented."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

TEXT = ParagraphStyle("cell", fontName="Helvetica", fontSize=9, leading=10.8)
GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)


def write_pdf(
    path: Path,
    *pages: list[list[str]],
    widths: Sequence[int] | None = None,
    style: Sequence[Any] = (GRID,),
    title: str = "Annuaire inventé",
) -> Path:
    """A PDF with one table a page; without a grid in its style it has no line at all."""
    story: list[Any] = []
    for rank, rows in enumerate(pages):
        cells = [[Paragraph(escape(cell).replace("\n", "<br/>"), TEXT) for cell in row] for row in rows]
        story += [PageBreak()] if rank else [Paragraph(title, TEXT)]
        story.append(Table(cells, colWidths=widths, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *style]))
    SimpleDocTemplate(str(path), pagesize=A4, invariant=1).build(story, onFirstPage=_number, onLaterPages=_number)
    return path


def _number(canvas: Any, document: Any) -> None:
    canvas.drawString(280, 20, f"Page {document.page}")


def write_ods(path: Path, *sheets: str) -> Path:
    """An ODS of which each sheet is given as the XML of its ``table:table``."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
    )
    body = f"<office:body><office:spreadsheet>{''.join(sheets)}</office:spreadsheet></office:body>"
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>{body}</office:document-content>'
    return write_package(path, content)


def write_package(path: Path, content: str) -> Path:
    """An ODS with this content.xml, whatever it is."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def ods_row(*cells: str, attributes: str = "") -> str:
    """A row of an ODS; a cell that begins with « < » is XML already."""
    texts = (cell if cell.startswith("<") else ods_cell(cell) for cell in cells)
    return f"<table:table-row {attributes}>{''.join(texts)}</table:table-row>"


def ods_cell(text: str, attributes: str = "") -> str:
    """A cell of an ODS."""
    if not text:
        return f"<table:table-cell {attributes}/>"
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{escape(text)}</text:p></table:table-cell>'
