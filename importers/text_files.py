"""Text in any encoding, and CSV in any separator."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from importers.guards import MOST_COLUMNS, too_wide, unreadable
from importers.headers import HEAD_ROWS, Cells

SEPARATORS = (";", ",", "\t", "|")
MIXED = "utf-8 et cp1252"
"""What ``detect_encoding`` says of a text of which some lines are UTF-8 and some cp1252 (two exports pasted together)."""
_LONGEST_CELL = 1_000_000
_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ESCAPED = re.compile("[\udc80-\udcff]")
_END = "\x00fin du fichier\x00"
# What UTF-8 read as cp1252 then written again looks like: é, è, ê, à, ç, ’
_DOUBLE = ("Ã©", "Ã¨", "Ãª", "Ã\xa0", "Ã§", "â€™")


def detect_encoding(path: Path) -> str:
    """The encoding of a text: its mark's, else UTF-8 where all of it is, else what charset-normalizer recognises; or MIXED.

    Raises:
        UnreadableFile: A text that was encoded twice: publishing it would publish « Ã© »; or UTF-8 whose last character is cut.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    mark = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")
    if mark == "utf-16":
        return mark
    if head[1::2].count(0) > len(head) / 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) / 4:
        return "utf-16-be"
    fault = _utf8_fault(path)
    if fault is None:
        _refuse_double(path, head.decode("utf-8", errors="ignore"))
        return mark or "utf-8"
    offset, foreign, accents = fault
    if accents and foreign < 4 and offset >= path.stat().st_size - 4:
        raise unreadable(path, f"last character cut, byte {offset}", "est tronqué : son dernier caractère est incomplet.")
    if accents or mark:
        return MIXED
    with path.open("rb") as file:
        file.seek(max(0, offset - _SAMPLE // 2))
        around = file.read(_SAMPLE)
    return _french_encoding(around) or _likeliest_encoding(around)


def _likeliest_encoding(around: bytes) -> str:
    best = from_bytes(around, cp_isolation=["cp1252", "mac_roman", "cp850", "latin_1"]).best()
    return best.encoding if best is not None else "cp1252"


def open_text(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text, their ends kept, NULs dropped. Memory stays constant but for the longest line.

    Raises:
        UnreadableFile: A byte has no meaning in this encoding, or the last character is cut.
    """
    # the five bytes that cp1252 leaves undefined are read as latin-1's controls, which tidy() then removes
    errors = {"cp1252": "relais-latin1", MIXED: "relais-cp1252"}.get(encoding, "strict")
    try:
        with path.open(encoding="utf-8-sig" if encoding == MIXED else encoding, errors=errors, newline="") as file:
            while line := file.readline(_LONGEST_CELL + 1):
                if len(line) > _LONGEST_CELL:
                    raise unreadable(path, "endless line", "est refusé : une de ses lignes dépasse un million de caractères.")
                yield line.replace("\x00", "")
    except UnicodeError as error:
        raise unreadable(path, str(error), "est tronqué ou mal encodé : un de ses caractères n’a pas de sens.") from error


def holds_nuls(path: Path, encoding: str) -> bool:
    """Whether a text holds NUL characters, which ``open_text`` drops: a sign that the file was damaged."""
    if encoding.startswith("utf-16"):
        return False
    with path.open("rb") as file:
        return any(b"\x00" in chunk for chunk in iter(lambda: file.read(_CHUNK), b""))


def sample_rows(path: Path, encoding: str, separator: str) -> list[Cells]:
    """The first rows of a CSV, read with one separator."""
    rows: list[Cells] = []
    for _, row in read_csv(path, encoding, separator):
        rows.append(row)
        if len(rows) == HEAD_ROWS:
            break
    return rows


def read_csv(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, Cells]]:
    """The rows of a CSV with the 1-based line on which each begins.

    Raises:
        UnreadableFile: A quote is never closed, or the last row is cut: the file is truncated.
    """
    csv.field_size_limit(_LONGEST_CELL)
    lines = _Lines(open_text(path, encoding))
    reader = csv.reader(lines, delimiter=separator)
    begins = 1
    try:
        for row in reader:
            if row and _END in row[-1]:
                if row != [_END]:
                    raise unreadable(
                        path, f"open quote, line {begins}", f"est tronqué : un guillemet ouvert ligne {begins} ne se ferme pas."
                    )
                return
            if len(row) > MOST_COLUMNS:
                raise unreadable(path, f"{len(row)} columns", too_wide(len(row)))
            yield begins, [cell.strip() for cell in row]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise unreadable(
            path, str(error), f"est illisible vers la ligne {begins} : guillemet non fermé ou cellule démesurée."
        ) from error


def ends_with_newline(path: Path) -> bool:
    """Whether the last line is whole."""
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        return b"\n" in file.read()[-2:] or b"\r" in file.read()


class _Lines:
    """The lines, then a mark that stands alone on its row unless a quote was left open."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._last = "\n"
        self._ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self._last = line
            return line
        if self._ended:
            raise StopIteration
        self._ended = True
        return _END


_FRENCH = frozenset("éèêëàâçùûîïôœÉÈÊÀÇ’–—«»°€\xa0")


def _utf8_fault(path: Path) -> tuple[int, int, int] | None:
    """None when the file is UTF-8, else where it first is not, how many bytes are foreign, and how many letters are UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    offset, foreign, accents = -1, 0, 0
    before = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            escaped = _ESCAPED.findall(text)
            if escaped and offset < 0:
                offset = before + len(text[: text.index(escaped[0])].encode("utf-8"))
            foreign += len(escaped)
            accents += 0 if text.isascii() else sum(map(text.count, _FRENCH))
            before += len(text.encode("utf-8", "surrogateescape"))
            if not chunk:
                return None if offset < 0 else (offset, foreign, accents)


_FREQUENT = frozenset("éèàêç’")
_MOSTLY = 0.9


def _french_encoding(around: bytes) -> str:
    """The encoding of Windows, of the old Macintosh or of DOS in which nearly all accents are French; empty when none is so.

    A short list has too few accents for statistics: the byte of « é » on a Macintosh is « Ž » on Windows.
    """
    found = []
    for rank, encoding in enumerate(("cp1252", "mac_roman", "cp850")):
        foreign = [letter for letter in around.decode(encoding, "replace") if not letter.isascii()]
        if foreign and sum(letter in _FRENCH for letter in foreign) >= len(foreign) * _MOSTLY:
            found.append((sum(letter in _FREQUENT for letter in foreign), -rank, encoding))
    return max(found)[2] if found else ""


def _refuse_double(path: Path, text: str) -> None:
    if any(mark in text for mark in _DOUBLE) and not any(letter in text for letter in "éèêàç"):
        raise unreadable(path, "encoded twice", "est mal encodé : ses accents ont été encodés deux fois (« Ã© » pour « é »).")


def _latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.start + 1].decode("cp1252", "relais-latin1"), error.start + 1


codecs.register_error("relais-latin1", _latin1)
codecs.register_error("relais-cp1252", _cp1252)
