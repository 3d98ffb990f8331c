"""The DILA's daily archive (``all_latest.tar.bz2``): the services, and a ZIP of the communes' files."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

from importers.guards import unreadable

_WANTED = ("data.gouv_local.json", "data.gouv_commune.zip")
_MOST_MEMBERS = 1000
_CHUNK = 1024 * 1024


def unpack(path: Path, folder: Path, max_bytes: int) -> list[Path]:
    """Write the two files that count into a folder, under names of our own; the communes first.

    Args:
        path: The archive.
        folder: Where to.
        max_bytes: Most bytes of all that the archive holds, unpacked.

    Raises:
        UnreadableFile: Not such an archive, truncated, or larger once unpacked.
    """
    found: dict[str, Path] = {}
    size = 0
    try:
        with tarfile.open(path, "r|bz2") as archive:
            for count, member in enumerate(archive):
                size += member.size
                if size > max_bytes or count > _MOST_MEMBERS:
                    raise unreadable(path, f"{size} bytes, {count} members", "est refusé : décompressé, il serait trop gros.")
                name = next((ending for ending in _WANTED if member.name.endswith(ending)), "")
                source = archive.extractfile(member) if name and member.isfile() else None
                if source is not None:
                    found[name] = folder / name
                    with source, found[name].open("wb") as target:
                        shutil.copyfileobj(source, target, _CHUNK)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise unreadable(path, str(error), "est une archive tronquée ou abîmée.") from error
    if not found:
        raise unreadable(path, "no known member", f"n’est pas l’archive de la DILA (« {_WANTED[0]} » y manque).")
    return [found[name] for name in reversed(_WANTED) if name in found]
