"""Bassins: the académies' own maps, replaced académie by académie."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, delete, insert, select

from directory.database import reading
from directory.models.changes import AppliedCounts
from directory.models.published import BassinRecord
from directory.repository import tables
from directory.territory import Bassins
from directory.vocabulary import Scope

_bassin = tables.bassin
_member = tables.bassin_member
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class _Differences:
    counts: AppliedCounts
    removed: frozenset[str] = frozenset()
    changed: tuple[BassinRecord, ...] = ()


class Held:
    """The maps as they were at a revision of the directory, for questions that come a hundred times a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: tuple[int, Bassins] | None = None
        self._looked_at = -_LOOK_EVERY_S

    def current(self) -> Bassins:
        """Every bassin. What this process changed is seen at once, what another changed within a second."""
        held, now = self._held, time.monotonic()
        if held is not None and now - self._looked_at < _LOOK_EVERY_S:
            return held[1]
        with reading(self._engine) as connection:
            revision = connection.scalar(select(tables.directory_state.c.revision)) or 0
            if held is None or held[0] != revision:
                held = (revision, Bassins(load(connection)))
        self._held, self._looked_at = held, now
        return held[1]

    def forget(self) -> None:
        """Look again at the next question."""
        self._looked_at = -_LOOK_EVERY_S


def compare(connection: Connection, source: str, bassins: Sequence[BassinRecord]) -> AppliedCounts:
    """What ``replace`` would do."""
    return _compare(connection, source, bassins).counts


def replace(connection: Connection, source: str, bassins: Sequence[BassinRecord]) -> AppliedCounts:
    """Replace what ``source`` said of the académies of these bassins; another académie's map stays."""
    found = _compare(connection, source, bassins)
    for code in (*found.removed, *(record.code for record in found.changed)):
        connection.execute(delete(_bassin).where(_bassin.c.code == code))  # its members go with it
    _write(connection, source, found.changed)
    return found.counts


def _compare(connection: Connection, source: str, bassins: Sequence[BassinRecord]) -> _Differences:
    if not bassins:
        return _Differences(AppliedCounts())
    wanted = {record.code: _sorted(record) for record in bassins}
    academies = {record.academie for record in wanted.values()}
    of_source = and_(_bassin.c.source == source, _bassin.c.academie.in_(academies))
    held = {record.code: record for record in _read(connection) if record.code in wanted}
    removed = frozenset(connection.scalars(select(_bassin.c.code).where(of_source))) - wanted.keys()
    changed = tuple(record for code, record in wanted.items() if held.get(code) != record)
    added = len(wanted.keys() - held.keys())
    counts = AppliedCounts(
        added=added, changed=len(changed) - added, unchanged=len(wanted) - len(changed), removed=len(removed)
    )  # fmt: skip
    return _Differences(counts, removed, changed)


def _sorted(record: BassinRecord) -> BassinRecord:
    return BassinRecord(
        code=record.code,
        label=record.label,
        academie=record.academie,
        communes=tuple(sorted(set(record.communes))),
        establishments=tuple(sorted(set(record.establishments))),
        demonstration=record.demonstration,
    )


def _write(connection: Connection, source: str, records: Iterable[BassinRecord]) -> None:
    for record in records:
        row = {"code": record.code, "label": record.label, "academie": record.academie, "demonstration": record.demonstration}
        connection.execute(insert(_bassin).values(**row, source=source))
        members = [(Scope.COMMUNE, code) for code in record.communes] + [
            (Scope.ESTABLISHMENT, code) for code in record.establishments
        ]
        if members:
            rows = [{"scope": str(scope), "code": code, "bassin_code": record.code} for scope, code in members]
            connection.execute(insert(_member), rows)


def load(connection: Connection) -> list[BassinRecord]:
    """Every bassin, by its code."""
    return list(_read(connection))


def _read(connection: Connection) -> Iterable[BassinRecord]:
    members: dict[tuple[str, str], list[str]] = {}
    for scope, code, bassin_code in connection.execute(select(_member.c.scope, _member.c.code, _member.c.bassin_code)):
        members.setdefault((bassin_code, scope), []).append(code)
    for row in connection.execute(select(_bassin).order_by(_bassin.c.code)).mappings():
        yield BassinRecord(
            code=row["code"],
            label=row["label"],
            academie=row["academie"],
            communes=tuple(sorted(members.get((row["code"], Scope.COMMUNE), ()))),
            establishments=tuple(sorted(members.get((row["code"], Scope.ESTABLISHMENT), ()))),
            demonstration=row["demonstration"],
        )
