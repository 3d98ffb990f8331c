"""Bassins: the académies' own maps, replaced académie by académie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, insert, select

from directory.models.changes import AppliedCounts
from directory.models.published import BassinRecord
from directory.repository import tables
from directory.vocabulary import Scope

_bassin = tables.bassin
_member = tables.bassin_member


@dataclass(frozen=True, slots=True)
class _Differences:
    counts: AppliedCounts
    removed: frozenset[str] = frozenset()
    changed: tuple[BassinRecord, ...] = ()


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
