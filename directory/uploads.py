"""Where the lists that curators send wait: files of the instance, each in a folder of its number."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import IO

from directory.errors import InvalidValue, UploadNotFound

_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".pdf"})
_CHUNK = 1 << 20
_A_DAY_S = 86_400


def spool_file(data: Path, stream: IO[bytes]) -> Path:
    """Write what is sent beside the lists, whole or not at all. ``place_file`` makes it a list's.

    Raises:
        OSError: The disk is full, or closed to us.
    """
    folder = data / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{secrets.token_hex(16)}.part"
    try:
        with part.open("xb") as file:
            shutil.copyfileobj(stream, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def place_file(data: Path, part: Path, number: int, name: str) -> None:
    """Give a list its file, in a folder of its own: named after the list, as each version of it is.

    Args:
        data: The instance's folder.
        part: What ``spool_file`` wrote.
        number: The list's.
        name: The list's name, with the ending of the file: what imports tell of it.
    """
    remove_file(data, number)  # of a list that was never kept
    folder = data / "uploads" / str(number)
    folder.mkdir(mode=0o700)
    part.replace(folder / name)


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
    for path in (data / "uploads" / str(number)).glob("*"):
        return path
    raise UploadNotFound(number)


def remove_file(data: Path, number: int) -> None:
    """Take the file of a list away, if it is still there."""
    shutil.rmtree(data / "uploads" / str(number), ignore_errors=True)


def remove_parts(data: Path) -> None:
    """Take away what was being received when its server died, a day ago or more."""
    for part in (data / "uploads").glob("*.part"):
        if time.time() - part.stat().st_mtime > _A_DAY_S:
            part.unlink(missing_ok=True)
