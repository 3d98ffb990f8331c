"""What is fuzzed: each reader, on bytes; only a refusal that a person can read may come out of it."""

from __future__ import annotations

import io
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path

from directory.errors import InvalidValue, RelaisError
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.territory import Bassins
from importers.addresses import split_address
from importers.apart import marks, pdf, pdf_text
from importers.headers import fit
from importers.json_items import flatten, read_json_items
from importers.reading import is_total, read_table
from importers.run import Run
from importers.source import get_source
from importers.sources.tableur.mapping import parse_mapping
from importers.sources.tableur.proposal import examine
from importers.sources.tableur.recognisers import RECOGNISERS
from importers.values import (
    clean_html,
    parse_bool,
    parse_count,
    parse_degrees,
    parse_email,
    parse_french_date,
    parse_phones,
    parse_url,
    read_ages,
    read_hours,
    read_price,
    read_siret,
    read_uai,
    tidy,
    tidy_lines,
)

_MAX = 10_000_000
_PARSERS: tuple[Callable[[str], object], ...] = (
    tidy, tidy_lines, clean_html, parse_phones, parse_email, parse_url, parse_bool, parse_count, parse_degrees, parse_french_date,
    read_ages, read_hours, read_price, read_siret, read_uai, split_address,
)  # fmt: skip


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="relais-fuzz-"))


@cache
def _gazetteer() -> Gazetteer:
    return open_gazetteer(_folder() / "gazetteer")


def _written(content: bytes, name: str) -> Path:
    path = _folder() / name
    path.write_bytes(content)
    return path


def fuzz_table(content: bytes) -> None:
    """A text, as the table of a source that declares its columns."""
    path = _written(b"Bassin;" + content, "table.csv")
    list(islice(read_table(path, get_source("tableur").columns, _MAX).rows, 1000))


def fuzz_proposal(content: bytes) -> None:
    """A text, as a table of which nothing is known; then its listings."""
    path = _written(b"Nom;" + content, "liste.csv")
    examine(path, get_source("tableur"), _MAX)
    _records("tableur", path)


def fuzz_psad(content: bytes) -> None:
    """Rows under the header of a PSAD table."""
    head = "Académie;Département;Bassin;Plateforme;Point d’entrée;Adresse;CP;Ville;Téléphone;Mél;Partenaires\n"
    _records("psad", _written(head.encode() + content, "psad.csv"))


def fuzz_json(content: bytes) -> None:
    """A JSON document, as a list of items."""
    for _, item in islice(read_json_items(_written(b"[" + content, "items.json"), ("results",)), 1000):
        flatten(item)


def fuzz_calendar(content: bytes) -> None:
    """An iCalendar event."""
    head, tail = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n", b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    _records("calendars", _written(head + content + tail, "agenda.ics"))


def fuzz_ods(content: bytes) -> None:
    """The content of an ODS, and the tags of an XLSX."""
    with suppress(ValueError):  # what the process that reads it says as « abîmé »
        marks._OpenDocument().read(io.BytesIO(b"<a>" + content))
    for tag in marks._SHEET.findall(content):
        marks._attributes(tag)


def fuzz_pdf_words(content: bytes) -> None:
    """Words anywhere on pages, as the table without lines that they make."""
    places = zip(*[iter(content[:2000])] * 5, strict=False)
    words = [pdf_text.Word(chr(33 + a), b * 2.0, c * 2.0, b * 2.0 + d, c * 2.0 + 1 + e % 20) for a, b, c, d, e in places]
    lines = pdf_text.lines_of(words, 1)
    pdf_text.read_columns([line for line in lines if line not in pdf_text.running_titles(lines)])
    pdf_text.cell_text(words, 0, 300)
    boxes = [(float(a), float(b), float(a + c), float(b + d)) for a, b, c, d in zip(*[iter(content[:400])] * 4, strict=False)]
    if boxes:
        pdf._ruled(boxes, words, 1)


def fuzz_pdf(content: bytes) -> None:
    """A PDF. Its library raises anything on a broken one, which its process says as « abîmé »: what counts is that it ends."""
    with suppress(Exception):
        list(pdf.read_sheets(str(_written(content, "a.pdf"))))


def fuzz_header(content: bytes) -> None:
    """Rows, as those among which the header is."""
    rows = [row.split("\t") for row in content.decode("utf-8", "replace").split("\n")[:40]]
    for columns in (get_source("psad").columns, get_source("clee").columns, {}):
        found = fit(rows, columns)
        assert len(set(found.header.names)) == len(found.header.names)
    for row in rows:
        is_total(row)


def fuzz_values(content: bytes) -> None:
    """The text of a cell, for every parser and every recogniser."""
    text = content.decode("utf-8", "replace")
    for parse in _PARSERS:
        with suppress(InvalidValue):
            parse(text)
    for is_one in RECOGNISERS.values():
        is_one(tidy(text[:500]))


def fuzz_mapping(content: bytes) -> None:
    """A mapping."""
    try:
        table = tomllib.loads('nom_source = "x"\n' + content.decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    parse_mapping(table, get_source("tableur"))


def _records(source: str, path: Path) -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    run = Run(source=get_source(source), paths=(path,), geocoder=_gazetteer(), now=now, bassins=Bassins())
    list(islice(import_module(f"importers.sources.{source}").records(run), 200))


READERS: Mapping[str, Callable[[bytes], None]] = {
    name.removeprefix("fuzz_"): reader for name, reader in list(globals().items()) if name.startswith("fuzz_")
}

# What begins a search well: shapes that the readers know.
_SAMPLES = Path(__file__).resolve().parents[2] / "importers/sources"
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": tuple((_SAMPLES / name / "sample.pdf").read_bytes() for name in ("psad", "clee", "bassins")),
    "table": ("Tél;CP\nA;1;35600\n".encode(), b'"a\nb";x\n"', "é;è\n".encode("cp1252")),
    "proposal": ("SIRET;Tél;CP;Ville\nA;10000000900017;02 61 91 00 01;35600;Redon\n".encode(), b"Date\nForum;14/01/2027\n"),
    "psad": (b"Rennes;35;Nord;PSAD;CIO;1 rue;35400;Saint-Malo;02 61 91 10 01;a@b.fr;ML\n",),
    "json": (b'{"a": [1, {"b": "c"}], "d": 1e99}]', b'"\\ud800"]'),
    "calendar": (
        b"DTSTART:20270114T090000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY:Salon",
        b"DTSTART;TZID=Europe/Paris:20270114T090000",
    ),
    "ods": (b'<table:table xmlns:table="t" table:name="x"><table:table-row table:number-rows-repeated="2"/></table:table></a>',),
    "values": (b"02 61 91 00 01 ou +33 2", "16 à 25 ans".encode(), b"lundi 9h-12h", b"<b>&eacute;", b"https://a.fr"),
    "mapping": (b'[colonnes]\nnom = "A"\n[constantes]\ndepartement = "35"\n',),
}

__all__ = ["READERS", "SEEDS", "RelaisError"]
