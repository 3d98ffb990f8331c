"""Lists that curators send, kept: their states, each changed only from the one in which it was seen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from directory.database import reading, writing
from directory.errors import UploadNotFound
from directory.models.accounts import Account, Role
from directory.models.uploads import BEFORE, WORKING, Upload, UploadState
from directory.repository import tables

_upload = tables.upload
_NEW: dict[str, Any] = {"cancelling": False, "done": 0, "total": None, "message": ""}


class Uploads:
    """The lists that were sent.

    Args:
        engine: The directory's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, name: str, file_name: str, by: Account, nonce: str, now: datetime, place: Callable[[int], None]
    ) -> tuple[int, bool]:
        """Note that a list has arrived. Returns its number, and whether it is new: a form sent twice is one list.

        ``place`` gives its file to a new one, before anyone may look for it.
        """
        with writing(self._engine) as connection:
            known = connection.scalar(select(_upload.c.number).where(_upload.c.nonce == nonce))
            if known is not None:
                return int(known), False
            row = {
                **_NEW,
                "name": name,
                "file_name": file_name[:120],
                "nonce": nonce,
                "author": by.label,
                "area": str(by.area),
                "code": by.code,
                "state": str(UploadState.EXAMINING),
                "proposal": {},
                "mapping": {},
                "report": {},
                "wish": {},
                "created_at": now,
                "changed_at": now,
            }
            number = int(connection.execute(insert(_upload).values(row).returning(_upload.c.number)).scalar_one())
            place(number)
            return number, True

    def get(self, number: int, viewer: Account | None = None) -> Upload:
        """The list of this number.

        Args:
            number: Its number.
            viewer: Who asks: another lycée's is unknown to them. None for the program itself.

        Raises:
            UploadNotFound: There is none, or it is not theirs.
        """
        with reading(self._engine) as connection:
            found = _get(connection, number)
        if viewer is not None and viewer.role is not Role.ADMINISTRATOR and (found.area, found.code) != _scope(viewer):
            raise UploadNotFound(number)
        return found

    def list_uploads(self, viewer: Account, limit: int = 50) -> list[Upload]:
        """The last lists of who asks and of their colleagues, the latest first; every one for an administrator."""
        question = select(_upload).order_by(_upload.c.number.desc()).limit(limit)
        if viewer.role is not Role.ADMINISTRATOR:
            area, code = _scope(viewer)
            question = question.where(_upload.c.area == area, _upload.c.code == code)
        with reading(self._engine) as connection:
            return [_to_upload(row) for row in connection.execute(question).mappings()]

    def list_working(self) -> list[int]:
        """The numbers of the lists that a worker is to see to, the oldest first."""
        question = select(_upload.c.number).where(_upload.c.state.in_(list(map(str, WORKING)))).order_by(_upload.c.number)
        with reading(self._engine) as connection:
            return list(connection.scalars(question))

    def list_older(self, states: Collection[UploadState], than: datetime) -> list[int]:
        """The numbers of the lists that have stood in one of these states since before a moment."""
        question = select(_upload.c.number).where(_upload.c.state.in_(list(map(str, states))), _upload.c.changed_at < than)
        with reading(self._engine) as connection:
            return list(connection.scalars(question))

    def list_published_by(self, run_pk: int) -> list[Upload]:
        """The list that a run published: one, or none."""
        with reading(self._engine) as connection:
            return [_to_upload(row) for row in connection.execute(select(_upload).where(_upload.c.run_pk == run_pk)).mappings()]

    def list_versions(self, name: str) -> list[Upload]:
        """The versions of a list that were published, those that were undone too, the latest first."""
        published = _upload.c.state.in_([str(UploadState.APPLIED), str(UploadState.UNDOING), str(UploadState.UNDONE)])
        question = select(_upload).where(_upload.c.name == name, published).order_by(_upload.c.changed_at.desc())
        with reading(self._engine) as connection:
            return [_to_upload(row) for row in connection.execute(question).mappings()]

    def move(self, number: int, seen: Collection[UploadState], to: UploadState, now: datetime, **values: Any) -> bool:
        """Change the state of a list, unless it is no longer one of those in which it was seen: nothing is then changed."""
        moved = update(_upload).where(_upload.c.number == number, _upload.c.state.in_(list(map(str, seen))))
        kept = {**(_NEW if to in WORKING else {"cancelling": False}), **values, "state": str(to), "changed_at": now}
        with writing(self._engine) as connection:
            return connection.execute(moved.values(kept)).rowcount == 1

    def progress(self, number: int, done: int, total: int | None) -> bool:
        """Note how far the work is. Returns whether somebody asked to stop it."""
        with writing(self._engine) as connection:
            told = update(_upload).where(_upload.c.number == number).values(done=done, total=total)
            return bool(connection.execute(told.returning(_upload.c.cancelling)).scalar())

    def cancel(self, number: int) -> None:
        """Ask to stop the work that is under way, or that waits: whoever does it stops before anything is published."""
        asked = update(_upload).where(_upload.c.number == number, _upload.c.state.in_(list(map(str, BEFORE))))
        with writing(self._engine) as connection:
            connection.execute(asked.values(cancelling=True))


def _scope(account: Account) -> tuple[str, str]:
    return str(account.area), account.code


def _get(connection: Connection, number: int) -> Upload:
    row = connection.execute(select(_upload).where(_upload.c.number == number)).mappings().one_or_none()
    if row is None:
        raise UploadNotFound(number)
    return _to_upload(row)


def _to_upload(row: RowMapping) -> Upload:
    values = {name: row[name] for name in row if name not in {"nonce", "state"}}
    return Upload(**values, state=UploadState(row["state"]))
