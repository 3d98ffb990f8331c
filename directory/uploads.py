"""Where the lists that curators send wait: files of the instance, under their number and never a name that somebody chose."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO

from directory.errors import InvalidValue, UploadNotFound

_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".pdf"})
_CHUNK = 1 << 20


def keep_file(data: Path, number: int, file_name: str, stream: IO[bytes]) -> None:
    """Write a list that is sent, whole or not at all.

    Raises:
        InvalidValue: Its name is not a table's.
        OSError: The disk is full, or closed to us.
    """
    folder = data / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{number}.part"
    with part.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / f"{number}{suffix_of(file_name)}")


def suffix_of(file_name: str) -> str:
    """The ending of a table's name.

    Raises:
        InvalidValue: It is none.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix not in _SUFFIXES:
        known = ", ".join(sorted(each.removeprefix(".").upper() for each in _SUFFIXES - {".txt", ".tsv", ".xlsm"}))
        raise InvalidValue("fichier", file_name[:120], "not a table", public=f"Il faut un tableau : {known}.")
    return suffix


def tidy_file_name(text: str) -> str:
    """The name of a file as it is shown: without its folders, and what cannot be read."""
    last = re.split(r"[\\/]", text)[-1]
    return "".join(each for each in last if each.isprintable())[-120:].strip()


def find_file(data: Path, number: int) -> Path:
    """The file of a list.

    Raises:
        UploadNotFound: It is gone.
    """
    for path in (data / "uploads").glob(f"{number}.*"):
        if path.suffix in _SUFFIXES:
            return path
    raise UploadNotFound(number)


def remove_file(data: Path, number: int) -> None:
    """Take the file of a list away, if it is still there."""
    for path in (data / "uploads").glob(f"{number}.*"):
        path.unlink(missing_ok=True)
