"""Answers kept on disk, to be asked again with a condition (ETag, Last-Modified): a file that has not changed costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEPT_SECONDS = 90 * 24 * 3600
_LONGEST_HEADER = 500


@dataclass(frozen=True, slots=True)
class HttpCache:
    """A folder of answers. An entry is named by a digest of its URL, which it does not hold: addresses may hold keys.

    Attributes:
        folder: Where; made when it is first needed.
    """

    folder: Path

    def conditions(self, url: str) -> dict[str, str]:
        """The request headers that ask for a URL only if it has changed; none when no answer is kept."""
        entry = self._entry(url)
        try:
            marks = json.loads((entry / "marks.json").read_text(encoding="utf-8"))
            whole = (entry / "body").stat().st_size == marks["size"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        asked = {"If-None-Match": marks.get("etag", ""), "If-Modified-Since": marks.get("last_modified", "")}
        return {name: value for name, value in asked.items() if value} if whole else {}

    def copy(self, url: str, target: Path) -> Path | None:
        """Give the answer that is kept as the file ``target``; None when there is none."""
        entry = self._entry(url)
        try:
            shutil.copyfile(entry / "body", target)
            os.utime(entry / "marks.json")
        except OSError:
            target.unlink(missing_ok=True)
            return None
        return target

    def keep(self, url: str, body: Path, headers: Mapping[str, str]) -> None:
        """Keep an answer that can be asked again with a condition, no other. A full disk loses the copy and nothing else."""
        etag, modified = (headers.get(name, "").strip() for name in ("ETag", "Last-Modified"))
        marks = {"etag": etag, "last_modified": modified, "size": body.stat().st_size}
        self._forget_old()
        shutil.rmtree(self._entry(url), ignore_errors=True)
        if not (etag or modified) or any(len(mark) > _LONGEST_HEADER or not mark.isprintable() for mark in (etag, modified)):
            return
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder, prefix="new-") as made:
                shutil.copyfile(body, Path(made) / "body")
                (Path(made) / "marks.json").write_text(json.dumps(marks), encoding="utf-8")
                Path(made).rename(self._entry(url))
                Path(made).mkdir()  # what the context manager takes away

    def _entry(self, url: str) -> Path:
        return self.folder / hashlib.sha256(url.encode()).hexdigest()

    def _forget_old(self) -> None:
        with suppress(OSError):
            for entry in self.folder.iterdir():
                if time.time() - entry.stat().st_mtime > _KEPT_SECONDS:
                    shutil.rmtree(entry, ignore_errors=True)
