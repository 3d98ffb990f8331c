"""Files that want to harm: bombs, giants, traps. Each is refused with a French sentence, in bounded time and memory."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from importers.errors import ImporterError, UnreadableFile
from importers.json_items import read_json_items
from importers.reading import read_table
from importers.source import Column, get_source
from importers.sources.tableur.guesses import Guess
from importers.sources.tableur.proposal import examine
from relais.commands.imports import read_mapping
from tests.importers.files import ods_cell, ods_row, write_ods, write_package, write_pdf

COLUMNS = {"nom": Column(name="nom", headers=("nom",), required=True)}
MAX = 50_000_000
bounded = pytest.mark.skipif(os.name == "nt", reason="the memory of a process cannot be bounded there")


def refused(path: Path, columns: dict[str, Column] = COLUMNS) -> str:
    with pytest.raises(UnreadableFile) as stopped:
        list(read_table(path, columns, MAX).rows)
    return stopped.value.public


def read_or_refused(path: Path) -> list[dict[str, str]] | str:
    """The rows, or the French sentence that refuses them."""
    try:
        return [row.cells for row in read_table(path, COLUMNS, MAX).rows]
    except ImporterError as stopped:
        return stopped.public


def proposed_or_refused(path: Path) -> tuple[Guess, ...] | str:
    """The proposal, or the French sentence that refuses the file."""
    try:
        return examine(path, get_source("tableur"), MAX).guesses
    except ImporterError as stopped:
        return stopped.public


# ---------------------------------------------------------------- text
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nom;" * 1_000 + "x\n" + "a;" * 250_000 + "\n", "250001 colonnes"),
        ("nom;x\n" + "a" * 10_000_000 + ";1\n", "un million de caractères"),
        ("a" * 10_000_000, "un million de caractères"),
        ('nom;x\n"' + "a\n" * 1_500_000 + '";1\n', "cellule démesurée"),
        ('nom;x\n"' + "a\n" * 10, "ne se ferme pas"),
    ],
    ids=["columns", "cell", "line", "quoted cell", "open quote"],
)
def test_a_text_of_unreasonable_size_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    assert reason in refused(path)


def test_a_decoy_of_another_separator_does_not_make_a_table_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("nom;note\nA;" + "," * 5_000 + '\n"B|";"x"\n', encoding="utf-8")

    assert [row.cells["nom"] for row in read_table(path, COLUMNS, MAX).rows] == ["A", "B|"]


# ---------------------------------------------------------------- workbooks
def patched(folder: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """An honest XLSX of which one part was changed."""
    book = openpyxl.Workbook()
    book.active.append(["nom"])
    book.active.append(["A"])
    book.save(folder / "honest.xlsx")
    path = folder / "table.xlsx"
    with zipfile.ZipFile(folder / "honest.xlsx") as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return path


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + rank, b"&%c;" % (97 + rank) * 10) for rank in range(12)
)
ENTITIES += b"]>"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_the_entities_of_a_workbook_are_never_unfolded(part: str, tmp_path: Path) -> None:
    def laugh(content: bytes) -> bytes:
        head, body = content.split(b"?>", 1) if content.startswith(b"<?xml") else (b"<?xml version='1.0'", content)
        return head + b"?>" + ENTITIES + body.replace(b"<v>0</v>", b"<v>&m;</v>")

    path = patched(tmp_path, part, laugh)

    found = read_or_refused(path)

    assert "classeur" in found if isinstance(found, str) else all(len(text) < 100 for row in found for text in row.values())


def test_an_ods_that_declares_entities_is_refused(tmp_path: Path) -> None:
    content = '<?xml version="1.0"?>' + ENTITIES.decode() + "<office:document-content/>"

    assert "tronqué ou abîmé" in refused(write_package(tmp_path / "a.ods", content))


@bounded
def test_rows_that_an_ods_repeats_for_ever_are_refused(tmp_path: Path) -> None:
    repeat = 'table:number-rows-repeated="1048576"'
    wide = ods_row(ods_cell("a", 'table:number-columns-repeated="16384"'), attributes=repeat)
    path = write_ods(tmp_path / "a.ods", f'<table:table table:name="x">{ods_row("nom")}{wide}</table:table>')

    reason = refused(path)

    assert "plus de mémoire ou de temps qu’un vrai" in reason or "tronqué ou abîmé" in reason


def test_a_cell_of_ten_megabytes_in_a_workbook_is_refused(tmp_path: Path) -> None:
    noise = os.urandom(4_000_000).hex()  # it must not shrink like a bomb
    path = write_ods(tmp_path / "a.ods", f'<table:table table:name="x">{ods_row("nom")}{ods_row(noise)}</table:table>')

    assert "démesurée" in refused(path)


def test_a_workbook_wider_than_any_honest_one_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nom"] * 3_000)
    book.save(tmp_path / "a.xlsx")

    assert "3000 colonnes" in refused(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["bombe.zip", "bombe.csv"])
def test_an_archive_is_not_opened_to_look_for_tables(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", b"nom\n" + b"a" * 30_000_000)

    assert "une archive ZIP" in refused(tmp_path / name)


# ---------------------------------------------------------------- PDF
def raw_pdf(path: Path, *objects: bytes) -> Path:
    """A PDF made of these objects; the first is its catalogue. Without a table of them: readers look for them."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (rank, text) for rank, text in enumerate(objects, start=1))
    path.write_bytes(b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R/Size %d>>\n%%%%EOF\n" % (len(objects) + 1))
    return path


PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/Contents 4 0 R/Resources<<>>>>"
TREE = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE)


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<</Length %d/Filter[/FlateDecode]>>\nstream\n%s\nendstream" % (len(packed), packed)


@bounded
@pytest.mark.parametrize("filters", [1, 2])
def test_a_stream_that_unfolds_to_gigabytes_is_refused(filters: int, tmp_path: Path) -> None:
    unfolding = zlib.compressobj(1)
    content = b"".join(unfolding.compress(b"\x00" * 50_000_000) for _ in range(24)) + unfolding.flush()
    if filters == 2:
        content = zlib.compress(content, 1)
    bomb = b"<</Length %d/Filter[%s]>>\nstream\n%s\nendstream" % (len(content), b"/FlateDecode " * filters, content)

    reason = refused(raw_pdf(tmp_path / "a.pdf", *TREE, bomb))

    assert "plus de mémoire ou de temps qu’un vrai" in reason


def test_a_pdf_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for _ in range(301):
        canvas.showPage()
    canvas.save()

    assert "plus de 300 pages" in refused(tmp_path / "a.pdf")


def test_pages_that_hold_each_other_do_not_turn_for_ever(tmp_path: Path) -> None:
    tree = b"<</Type/Pages/Count 1/Kids[2 0 R 2 0 R]/Parent 2 0 R>>"

    reason = refused(raw_pdf(tmp_path / "a.pdf", TREE[0], tree, PAGE, stream(b"")))

    assert "PDF" in reason or "aucun tableau" in reason


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), encrypt=StandardEncryption("secret", strength=128))
    canvas.drawString(100, 100, "nom")
    canvas.save()

    assert "mot de passe" in refused(tmp_path / "a.pdf")


def test_the_scripts_of_a_pdf_are_not_looked_at(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["nom", "x"], ["A", "1"]])
    content = path.read_bytes()
    path.write_bytes(content.replace(b"/Type /Catalog", b"/OpenAction <</S /JavaScript /JS (app.alert(1))>> /Type /Catalog"))

    assert [row.cells["nom"] for row in read_table(path, COLUMNS, MAX).rows] == ["A"]


@pytest.mark.parametrize("cut", [20, 200, 900, -400, -20])
def test_a_cut_pdf_is_refused_or_read(cut: int, tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["nom", "x"], ["A", "1"]])
    path.write_bytes(path.read_bytes()[:cut])

    found = read_or_refused(path)

    assert "PDF" in found or "aucun tableau" in found if isinstance(found, str) else [row["nom"] for row in found] == ["A"]


# ---------------------------------------------------------------- JSON, mappings
@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '[{"a":' * 5_000, '[{"a":"' + "x" * 20_000_000 + '"}]', "[[" + "1," * 2_000_000 + "1]]"],
    ids=["arrays", "objects", "text", "item"],
)
def test_a_json_nested_or_long_beyond_reason_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(UnreadableFile) as stopped:
        list(read_json_items(path, ("results",)))

    assert "JSON" in stopped.value.public


@pytest.mark.parametrize("content", [b"a = " + b"[" * 100_000, b"\xff\xfe", b"a = 1\na = 2", b"a\x00 = 1"])
def test_a_mapping_that_is_no_toml_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile) as stopped:
        read_mapping(path)

    assert "La correspondance a.toml" in stopped.value.public


# ---------------------------------------------------------------- whatever comes
HEADS = [
    b"",
    b"nom;x\n",
    b"\xef\xbb\xbfnom,x\n",
    b"\xff\xfe",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"[{",
    b"{",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), content=st.binary(max_size=600))
def test_any_bytes_are_proposed_or_refused_in_french(head: bytes, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(head + content)

    found = proposed_or_refused(tmp_path / "a")

    assert found.endswith(".") if isinstance(found, str) else all(0 <= guess.confidence <= 1 for guess in found)


WORDS = st.sampled_from(
    ["nom", "Tél", "02 61 91 00 01", "a@exemple.fr", "35600", "Redon", "", "=1+1", "Total", "12", "\x00", "é", "L’Étape"]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(WORDS, max_size=6), max_size=8), separator=st.sampled_from(";,\t|"))
def test_any_table_is_proposed_or_refused_in_french(rows: list[list[str]], separator: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(separator.join(row) for row in rows), encoding="utf-8")

    found = proposed_or_refused(tmp_path / "a.csv")

    assert found.endswith(".") if isinstance(found, str) else len({guess.header for guess in found}) == len(found)
