"""Undoing a whole run: what it replaced is kept beside it, and comes back as another run, whatever was changed since.

Runs are undone in any order. What a run brought back bears the number of the run that had written it, so that this one can be
undone next; and a run that is undone under a later one leaves to the later what was before it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, and_, case, delete, func, insert, literal, null, or_, select, update

from directory.database import writing
from directory.models.changes import RunSummary
from directory.models.record import SourcedRecord
from directory.repository import tables
from directory.repository.rows import chunks, to_record

_replaced, _record, _statement, _listing, _run = (
    tables.replaced_record, tables.source_record, tables.statement, tables.listing, tables.import_run,
)  # fmt: skip
_KEPT = ("record", "raw", "origins", "identities")
TAKEN_BACK = "La liste qui la publiait a été retirée."
"""Why a listing is closed by the undoing of a run. Everyone reads it: it names nobody."""
_BEFORE = (*_KEPT, "missing_reason", "was_run_pk")
_COLUMNS = ["run_pk", "source", "record_id", *_BEFORE]


@dataclass(slots=True)
class Undoing:
    """What undoing a run would do, by record id.

    Attributes:
        brought: Those that the run brought: they go.
        changed: What those that it changed were before.
        back: Those that it took away: they come back.
        gone: Those that it brought back: they go again, each for the reason of before.
        newer: Those that a later run, which stands, has written again or taken away: they are left as that run says.
        edited: Listings (id, name) that a curator has stated something of since the run, by record id.
    """

    brought: list[str] = field(default_factory=list)
    changed: list[SourcedRecord] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    newer: int = 0
    edited: dict[str, tuple[str, str]] = field(default_factory=dict)

    def without(self, kept: Collection[str]) -> Undoing:
        """The same, leaving these records as they are."""
        return Undoing(
            brought=[each for each in self.brought if each not in kept],
            changed=[each for each in self.changed if each.record_id not in kept],
            back=self.back,
            gone={each: reason for each, reason in self.gone.items() if each not in kept},
            newer=self.newer,
            edited=self.edited,
        )


def keep_replaced(engine: Engine, run_pk: int, source: str, added: Iterable[str], known: Iterable[str]) -> None:
    """Keep what the records of a run are before it publishes; of those that are new, that they were not. Small transactions."""
    for some in chunks(added):
        rows = [{"run_pk": run_pk, "source": source, "record_id": each} for each in some]
        with writing(engine) as connection:
            connection.execute(insert(_replaced), rows)
    reason = case((_record.c.missing_since.is_(None), null()), else_=_record.c.missing_reason)
    columns = (
        literal(run_pk),
        _record.c.source,
        _record.c.record_id,
        *(_record.c[name] for name in _KEPT),
        reason,
        _record.c.run_pk,
    )
    for some in chunks(known):
        before = select(*columns).where(_record.c.source == source, _record.c.record_id.in_(some))
        with writing(engine) as connection:
            connection.execute(insert(_replaced).from_select(_COLUMNS, before))


def plan_undoing(connection: Connection, run: RunSummary) -> Undoing:
    """What undoing a run would do now. One that was undone already, or kept nothing, gives an empty one."""
    found = Undoing()
    edited, later = _edited(connection, run), _later(connection, run.source, run.pk)
    now = (_record.c.run_pk, _record.c.missed_at, _record.c.missing_since, _record.c.listing_pk)
    question = (
        select(_replaced, *(column.label(f"now_{column.name}") for column in now))
        .join(_record, and_(_record.c.source == _replaced.c.source, _record.c.record_id == _replaced.c.record_id))
        .where(_replaced.c.run_pk == run.pk)
        .order_by(_record.c.pk)
    )
    for row in connection.execute(question).mappings():
        _sort(found, row, run, later)
        if row["now_listing_pk"] in edited:
            found.edited[row["record_id"]] = edited[row["now_listing_pk"]]
    return found


def _sort(found: Undoing, row: RowMapping, run: RunSummary, later: Mapping[str, int]) -> None:
    record_id, live, same = row["record_id"], row["now_missing_since"] is None, row["now_run_pk"] == run.pk
    was_live = row["record"] is not None and row["missing_reason"] is None
    if live and same and row["record"] is None:
        found.brought.append(record_id)
    elif live and same and was_live:
        found.changed.append(_to_record(row))
    elif live and same:
        found.gone[record_id] = row["missing_reason"]
    elif was_live and record_id not in later and (not live or row["now_missed_at"] is not None):
        found.back.append(record_id)
    elif live or record_id in later:
        found.newer += 1


def _to_record(row: RowMapping) -> SourcedRecord:
    kept = dict(row["record"])
    coverage = [(entry["scope"], entry.get("code", "")) for entry in kept.pop("coverage", ())]
    return SourcedRecord(
        source=row["source"],
        record_id=row["record_id"],
        record=to_record(kept, coverage),
        identities=tuple(row["identities"]),
        raw=row["raw"],
        origins={name: tuple(headers) for name, headers in row["origins"].items()},
    )


def _edited(connection: Connection, run: RunSummary) -> dict[int, tuple[str, str]]:
    """The listings of which a curator stated something since a run that still stands: id and name, by key."""
    since = run.finished_at or run.started_at
    question = (
        select(_listing.c.pk, _listing.c.id, _listing.c.name)
        .join(_record, _record.c.listing_pk == _listing.c.pk)
        .join(_statement, _statement.c.record_pk == _record.c.pk)
        .where(_statement.c.ended_at.is_(None), _statement.c.stated_at > since)
    )
    return {pk: (listing_id, name) for pk, listing_id, name in connection.execute(question)}


def settle(connection: Connection, source: str, undone: int, by: int) -> None:
    """In the transaction that publishes what was before a run: as if that run had never been.

    Args:
        connection: The transaction.
        source: The run's source.
        undone: The run that is undone.
        by: The run that undoes it.
    """
    same = and_(_replaced.c.run_pk == undone, _replaced.c.source == source, _replaced.c.record_id == _record.c.record_id)
    wrote = select(_replaced.c.was_run_pk).where(same).scalar_subquery()
    restored = and_(_record.c.source == source, _record.c.run_pk == by)
    connection.execute(update(_record).where(restored).values(run_pk=func.coalesce(wrote, by)))
    later = _later(connection, source, undone)
    for some in chunks(later):
        rows = select(_replaced).where(
            _replaced.c.run_pk == undone, _replaced.c.source == source, _replaced.c.record_id.in_(some)
        )
        for row in connection.execute(rows).mappings().all():
            next_one = and_(
                _replaced.c.run_pk == later[row["record_id"]],
                _replaced.c.source == source,
                _replaced.c.record_id == row["record_id"],
            )
            connection.execute(update(_replaced).where(next_one).values({name: row[name] for name in _BEFORE}))
    connection.execute(delete(_replaced).where(_replaced.c.run_pk == undone))


def _later(connection: Connection, source: str, run_pk: int) -> dict[str, int]:
    """Record id → the first later run that stands and can be undone which wrote, or took away, a record of this run."""
    of_run = select(_replaced.c.record_id).where(_replaced.c.run_pk == run_pk, _replaced.c.source == source)
    question = (
        select(_replaced.c.record_id, func.min(_replaced.c.run_pk))
        .join(_run, _run.c.pk == _replaced.c.run_pk)
        .where(_run.c.status == "done")  # one that was killed before it published has left its rows
        .where(_replaced.c.run_pk > run_pk, _replaced.c.source == source, _replaced.c.record_id.in_(of_run))
        .group_by(_replaced.c.record_id)
    )
    return {row[0]: row[1] for row in connection.execute(question)}


def forget_replaced(engine: Engine, before: datetime) -> None:
    """Keep no longer what was replaced by runs that began before a moment, or that published nothing."""
    over = select(_run.c.pk).where(or_(_run.c.started_at < before, _run.c.status.in_(("failed", "interrupted"))))
    with writing(engine) as connection:
        connection.execute(delete(_replaced).where(_replaced.c.run_pk.in_(over)))


def is_kept(connection: Connection, run_pk: int) -> bool:
    """Whether what a run replaced is still kept."""
    return connection.scalar(select(_replaced.c.record_id).where(_replaced.c.run_pk == run_pk).limit(1)) is not None
