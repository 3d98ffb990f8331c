"""What a file really is, told from its bytes: before anything is parsed, what cannot be read is refused with its reason."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from importers.errors import UnreadableFile

_HEAD = 4096
_MOST_ENTRIES = 20_000
_MOST_UNZIPPED = 1_000_000_000
_MOST_RATIO = 400
"""Deflate cannot exceed 1032; the most repetitive honest workbooks stay under 100."""


MOST_COLUMNS = 2000
"""The widest honest tables have some hundreds; what follows is a separator gone wrong, or malice."""


class Content(StrEnum):
    """What the bytes of a file are."""

    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"
    ODS = "ods"
    XLS = "xls"
    PDF = "pdf"
    HTML = "html"
    XML = "xml"
    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    PARQUET = "parquet"
    IMAGE = "image"
    ICALENDAR = "icalendar"
    BINARY = "binary"


WORKBOOKS = frozenset({Content.XLSX, Content.ODS, Content.XLS})
BOOKS = WORKBOOKS | {Content.PDF}
"""What holds several tables, and is read in a process of its own."""

_LABELS = {
    Content.TEXT: "du texte ou du CSV",
    Content.JSON: "du JSON",
    Content.XLSX: "un classeur Excel",
    Content.ODS: "un classeur OpenDocument",
    Content.XLS: "un ancien classeur Excel",
    Content.PDF: "un PDF",
    Content.HTML: "une page web",
    Content.XML: "du XML",
    Content.ZIP: "une archive ZIP",
    Content.GZIP: "une archive gzip",
    Content.BZIP2: "une archive bzip2",
    Content.PARQUET: "du Parquet",
    Content.IMAGE: "une image",
    Content.ICALENDAR: "un calendrier iCalendar",
    Content.BINARY: "des données binaires",
}

_MAGIC = (
    (b"%PDF", Content.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.XLS),
    (b"\x1f\x8b", Content.GZIP),
    (b"BZh", Content.BZIP2),
    (b"PAR1", Content.PARQUET),
    (b"\x89PNG", Content.IMAGE),
    (b"\xff\xd8\xff", Content.IMAGE),
    (b"GIF8", Content.IMAGE),
)
_WORKBOOK_NAMES = frozenset({".xlsx", ".xlsm", ".ods", ".xls"})
_BY_NAME: dict[str, frozenset[Content]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), frozenset({Content.TEXT})),
    **dict.fromkeys((".json", ".geojson"), frozenset({Content.JSON})),
    **dict.fromkeys(_WORKBOOK_NAMES, WORKBOOKS),
    ".pdf": frozenset({Content.PDF}),
    ".parquet": frozenset({Content.PARQUET}),
    **dict.fromkeys((".ics", ".ical"), frozenset({Content.ICALENDAR})),
}


def check_file(path: Path, max_bytes: int) -> Content:
    """What a file is, once it is known to be there, not empty, not too large, and what its name says.

    Args:
        path: The file.
        max_bytes: Largest size accepted, in bytes.

    Raises:
        UnreadableFile: Absent, not a file, empty, too large, or another thing than its name says.
    """
    try:
        if not path.is_file():
            reason = "est un dossier" if path.is_dir() else "est introuvable"
            raise unreadable(path, "not a regular file", f"{reason}.")
        size = path.stat().st_size
        if size > max_bytes:
            raise unreadable(
                path, f"{size} bytes", f"pèse {_megabytes(size)} : la limite est de {_megabytes(max_bytes)} (RELAIS_MAX_FILE_MB)."
            )
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise unreadable(path, str(error), "ne peut pas être lu.") from error
    except ValueError as error:  # a NUL in the name
        raise unreadable(path, str(error), "a un nom impossible.") from error
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise unreadable(path, "empty", "est vide.")
    content = _content(path, head)
    expected = _BY_NAME.get(path.suffix.lower())
    if expected is not None and content not in expected:
        raise unreadable(path, f"is {content}", f"n’est pas ce que son nom dit : il contient {_LABELS[content]}.")
    return content


def unreadable(path: Path, reason: str, sentence: str) -> UnreadableFile:
    """The error that says why a file cannot be read; ``sentence`` (French) follows the file's name."""
    return UnreadableFile(f"{path}: {reason}", public=f"Le fichier « {path.name[:120]} » {sentence}")


def refuse_content(path: Path, content: Content, wanted: str) -> UnreadableFile:
    """The error for a file that is read well and is not of the wanted form (French: « un tableau »)."""
    return unreadable(path, f"is {content}", f"contient {_LABELS[content]}, et il faut {wanted}.")


def too_wide(columns: int) -> str:
    """The French end of the sentence that refuses a table of so many columns."""
    return f"est refusé : {columns} colonnes sur une ligne, et la limite est de {MOST_COLUMNS}."


def check_archive(path: Path) -> None:
    """Refuse a ZIP that would unfold to more than memory can hold.

    Raises:
        UnreadableFile: A bomb, or a truncated or broken archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise unreadable(path, str(error), "est un classeur tronqué ou abîmé.") from error
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    bomb = size > 10_000_000 and size / packed > _MOST_RATIO
    if len(entries) > _MOST_ENTRIES or size > _MOST_UNZIPPED or bomb:
        raise unreadable(
            path,
            f"{len(entries)} entries, {size} bytes",
            f"est refusé : décompressé, il pèserait {_megabytes(size)} (archive piégée ?).",
        )


def _content(path: Path, head: bytes) -> Content:
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    return _textual(head)


def _zipped(path: Path) -> Content:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:_MOST_ENTRIES])
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype")
                return Content.ODS if b"opendocument.spreadsheet" in kind else Content.ZIP
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return Content.XLSX if path.suffix.lower() in _WORKBOOK_NAMES else Content.ZIP
    return Content.XLSX if "xl/workbook.xml" in names else Content.ZIP


def _textual(head: bytes) -> Content:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = head.decode("utf-16", errors="replace")
    else:
        start = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    text = start.lstrip().lower()
    if re.match(r"<!doctype html|<html|<head|<body|<table", text):
        return Content.HTML
    if text.startswith("<?xml"):
        return Content.HTML if "<html" in text else Content.XML
    if text.startswith("begin:vcalendar"):
        return Content.ICALENDAR
    if text.startswith(("[", "{")):
        return Content.JSON
    control = sum(1 for char in start if char < " " and char not in "\t\r\n\x0c\x00\x1a")
    nulls = start.count("\x00")
    return Content.BINARY if control > len(start) / 50 or (nulls > len(start) / 8 and not _wide(head)) else Content.TEXT


def _wide(head: bytes) -> bool:
    """Whether the NULs of a text are the halves of UTF-16 without a mark."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) > 0.4 * len(head) / 2 and min(even, odd) < 0.1 * len(head) / 2


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1_000_000))} Mo"
