"""Index folders on disk: built beside, made durable, swapped by one pointer file; noticed by every process."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tantivy import DocAddress, Index, Schema, Searcher

from directory.errors import IndexUnavailable, SearchError, french_cause
from directory.search.analysis import register
from directory.search.forms import StoredListing, read_stored
from directory.search.schema import SCHEMA_VERSION

_POINTER, _LOCK, _PREFIX = "current.json", "rebuild.lock", "g-"
_REWRITTEN = frozenset({"meta.json", ".managed.json"})
_ATTEMPTS = 5
_STORED_BLOCK_BYTES = 2048
"""What is decompressed to read one listing; the engine's own 16 kB take twice as long, for a third less on the disk."""
_MOST_KNOWN = 16_384
"""Listings kept in memory as they were read, about 2 kB each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Which folder serves, and what it holds.

    Attributes:
        key: Secret that signs the cursors of this generation, hexadecimal.
        files: File of the folder → its size in bytes, to notice a truncated one.
        written: File → when it was last written (ns): one written since is read wholly before it serves.
        checksums: CRC-32 of the files that do not end with their own.
    """

    schema: int
    folder: str
    revision: int
    documents: int
    key: str
    files: Mapping[str, int]
    written: Mapping[str, int]
    checksums: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Generation:
    """One open index, never changed once built. On Linux its files stay readable after its folder is removed."""

    pointer: Pointer
    schema: Schema
    searcher: Searcher
    counts: dict[tuple[str, date | None], Mapping[str, Mapping[str, int]]] = field(default_factory=dict)
    """Viewer and first day → facets of all that he may see from then on, once they were counted."""
    known: dict[tuple[int, int], StoredListing] = field(default_factory=dict)
    """The listings read last: the same are candidates again and again, and each costs the engine a block to decompress."""

    def listing(self, address: DocAddress) -> StoredListing:
        """What was stored of a document."""
        place = address.segment_ord, address.doc
        found = self.known.get(place)
        if found is None:
            found = read_stored(bytes(self.searcher.doc(address).get_first("stored") or b"").decode())
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()  # simple, and a few milliseconds' work to fill again
            self.known[place] = found
        return found


def unavailable(reason: str) -> IndexUnavailable:
    """The error to raise when the index cannot serve."""
    return IndexUnavailable(reason, public="L’index de recherche est indisponible : lancer « relais reindex ».")


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn what the engine raises, its panics included, into IndexUnavailable."""
    try:
        yield
    except (SearchError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a damaged file makes the engine panic, and its PanicException derives from BaseException
        raise unavailable(f"{doing}: {error}") from error


def stamp(root: Path) -> tuple[int, int, int] | None:
    """What changes when the pointer is replaced; None when there is none. One ``stat``."""
    try:
        status = (root / _POINTER).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def read_pointer(root: Path) -> Pointer:
    """The pointer.

    Raises:
        IndexUnavailable: Absent, unreadable, or of another version.
    """
    try:
        facts: Any = json.loads((root / _POINTER).read_bytes())
        if facts["schema"] != SCHEMA_VERSION:
            raise unavailable(f"index of version {facts['schema']}, not {SCHEMA_VERSION}")
        return Pointer(**facts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise unavailable(f"no readable pointer in {root}: {error}") from error


def open_current(root: Path) -> Generation:
    """Open the generation that serves now.

    Raises:
        IndexUnavailable: There is none, or its files are damaged.
    """
    for attempt in range(_ATTEMPTS):
        pointer = read_pointer(root)
        try:
            return _open(root, pointer)
        except IndexUnavailable:
            # another process may have swapped and swept between our two steps: the pointer then names another folder
            if attempt + 1 == _ATTEMPTS or read_pointer(root).folder == pointer.folder:
                raise
    raise unavailable("the index keeps changing")  # pragma: no cover - the loop returns or raises


def _open(root: Path, pointer: Pointer) -> Generation:
    folder = root / pointer.folder
    with engine_errors(f"opening {folder}"):
        if sizes(folder) != dict(pointer.files):
            raise unavailable(f"files of {folder} are missing or truncated")
        written = {name: seen.st_mtime_ns for name, seen in statuses(folder).items()}
        # a copy (a backup put back) is sound though its days are others; what was written over is not
        if written != dict(pointer.written) and not is_sound(root, pointer):
            raise unavailable(f"files of {folder} do not hold what was written")
        index = Index.open(str(folder))
        register(index)
        return Generation(pointer, index.schema, index.searcher())


def statuses(folder: Path) -> dict[str, os.stat_result]:
    """File name → what the system says of a generation's files, locks apart; nothing when they are being swept."""
    try:
        with os.scandir(folder) as entries:
            return {file.name: file.stat() for file in entries if not file.name.endswith(".lock")}
    except FileNotFoundError:
        return {}


def sizes(folder: Path) -> dict[str, int]:
    """File name → size in bytes of a generation's files, locks apart."""
    return {name: seen.st_size for name, seen in statuses(folder).items()}


def has_shrunk(folder: Path, opened: Mapping[str, os.stat_result]) -> bool:
    """Whether a file that is read was cut short where it stands: the system kills who reads what it no longer holds.

    One that was removed, or replaced by another, is still whole for who had opened it.
    """
    now = statuses(folder)
    return any(
        name in now and now[name].st_ino == then.st_ino and now[name].st_size < then.st_size for name, then in opened.items()
    )


def same_files(folder: Path, opened: Mapping[str, os.stat_result]) -> bool:
    """Whether the files are those that were opened, and nobody wrote in them since."""
    return _identity(statuses(folder)) == _identity(opened)


def _identity(files: Mapping[str, os.stat_result]) -> dict[str, tuple[int, int, int]]:
    return {name: (seen.st_ino, seen.st_size, seen.st_mtime_ns) for name, seen in files.items()}


def is_whole(root: Path, pointer: Pointer) -> bool:
    """Whether every file is there, as long as it was. It costs a ``stat`` for each."""
    return sizes(root / pointer.folder) == dict(pointer.files)


def is_sound(root: Path, pointer: Pointer) -> bool:
    """Whether every file is there and holds what the engine wrote. It reads them all."""
    try:
        if not is_whole(root, pointer):
            return False
        return all(_holds_what_was_written(root / pointer.folder / name, pointer.checksums.get(name)) for name in pointer.files)
    except OSError:
        return False


def _holds_what_was_written(file: Path, checksum: int | None) -> bool:
    content = file.read_bytes()
    if checksum is not None:
        return zlib.crc32(content) == checksum
    try:
        # the engine ends each of its files with {"crc": …}, the length of that, and a number of its own
        (length,) = struct.unpack("<I", content[-8:-4])
        body, told = content[: -8 - length], json.loads(content[-8 - length : -8])
        return bool(zlib.crc32(body) == told["crc"])
    except (struct.error, ValueError, TypeError, KeyError):
        return False


def set_stored_blocks(folder: Path) -> None:
    """Have a new index keep what it stores in small blocks: its file of settings is the one place where that is said."""
    file = folder / "meta.json"
    meta = json.loads(file.read_bytes())
    meta["index_settings"]["docstore_blocksize"] = _STORED_BLOCK_BYTES
    file.write_text(json.dumps(meta), encoding="utf-8")


def build(root: Path, write: Callable[[Path], int], revision: int) -> int:
    """Build a new generation beside and make it the one that serves. A second builder waits for the first.

    Args:
        root: The index's folder, made if need be.
        write: Fills an empty folder with an index and says how many documents it holds.
        revision: The directory's revision that it holds.

    Returns:
        How many documents it holds.

    Raises:
        IndexUnavailable: It cannot be written; what served still serves.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _exclusive(root / _LOCK):
            return _build_alone(root, write, revision)
    except OSError as error:
        raise _not_written(root, error) from error


def amend(root: Path, change: Callable[[Path], int], revision: int) -> int:
    """Make a generation of the one that serves and a few changes. A second writer waits for the first.

    The engine never changes a file that it has written: the new folder holds links to those of the old one, so that this costs
    what the changes cost, and what serves still serves if it fails or is killed.

    Args:
        root: The index's folder.
        change: Changes the index of a folder and says how many documents it then holds.
        revision: The directory's revision that it then holds.

    Raises:
        IndexUnavailable: There is nothing to amend, or it cannot be written.
    """
    try:
        with _exclusive(root / _LOCK):
            current = root / open_current(root).pointer.folder
            return _build_alone(root, lambda folder: _change_links(current, folder, change), revision)
    except OSError as error:
        raise _not_written(root, error) from error


def _change_links(current: Path, folder: Path, change: Callable[[Path], int]) -> int:
    for name in sizes(current):
        # the engine's own lists of files are the only ones that it writes again
        if name in _REWRITTEN:
            shutil.copyfile(current / name, folder / name)
        else:
            os.link(current / name, folder / name)
    return change(folder)


def _not_written(root: Path, error: OSError) -> IndexUnavailable:
    return IndexUnavailable(
        f"cannot write {root}: {error}",
        public=f"L’index de recherche ne peut pas être écrit ({french_cause(error)}) ; le précédent reste en service.",
    )


def _build_alone(root: Path, write: Callable[[Path], int], revision: int) -> int:
    folder = root / f"{_PREFIX}{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        documents = write(folder)
        _fsync(folder)  # the engine made each file durable when it committed
        pointer = Pointer(
            schema=SCHEMA_VERSION,
            folder=folder.name,
            revision=revision,
            documents=documents,
            key=secrets.token_hex(16),
            files=sizes(folder),
            written={name: seen.st_mtime_ns for name, seen in statuses(folder).items()},
            checksums={name: zlib.crc32((folder / name).read_bytes()) for name in sorted(_REWRITTEN)},
        )
        _replace_pointer(root, pointer)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sweep(root, keep=folder.name)
    return documents


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    # flock belongs to the open file: it is released by the system when its process dies, however it dies
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _replace_pointer(root: Path, pointer: Pointer) -> None:
    draft = root / f"{_POINTER}.new"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(pointer), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(root / _POINTER)
    _fsync(root)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(root: Path, *, keep: str) -> None:
    for folder in root.glob(f"{_PREFIX}*"):
        if folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)
