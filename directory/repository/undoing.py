"""Undoing a whole run: what it replaced is kept beside it, and comes back as another run, whatever was changed since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, RowMapping, and_, case, delete, insert, literal, null, select

from directory.database import writing
from directory.models.changes import RunSummary
from directory.models.record import SourcedRecord
from directory.repository import tables
from directory.repository.rows import chunks, to_record

_replaced, _record, _statement, _listing = tables.replaced_record, tables.source_record, tables.statement, tables.listing
_KEPT = ("record", "raw", "origins", "identities")
_COLUMNS = ["run_pk", "source", "record_id", *_KEPT, "missing_reason"]


@dataclass(slots=True)
class Undoing:
    """What undoing a run would do, by record id.

    Attributes:
        brought: Those that the run brought: they go.
        changed: What those that it changed were before.
        back: Those that it took away: they come back.
        gone: Those that it brought back: they go again, each for the reason of before.
        newer: Those that a later run has written again: they are left as that run says.
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
    columns = (literal(run_pk), _record.c.source, _record.c.record_id, *(_record.c[name] for name in _KEPT), reason)
    for some in chunks(known):
        before = select(*columns).where(_record.c.source == source, _record.c.record_id.in_(some))
        with writing(engine) as connection:
            connection.execute(insert(_replaced).from_select(_COLUMNS, before))


def plan_undoing(connection: Connection, run: RunSummary) -> Undoing:
    """What undoing a run would do now. One that was undone already, or kept nothing, gives an empty one."""
    found = Undoing()
    edited = _edited(connection, run)
    now = (_record.c.run_pk, _record.c.missed_at, _record.c.missing_since, _record.c.listing_pk)
    question = (
        select(_replaced, *(column.label(f"now_{column.name}") for column in now))
        .join(_record, and_(_record.c.source == _replaced.c.source, _record.c.record_id == _replaced.c.record_id))
        .where(_replaced.c.run_pk == run.pk)
        .order_by(_record.c.pk)
    )
    for row in connection.execute(question).mappings():
        _sort(found, row, run)
        if row["now_listing_pk"] in edited:
            found.edited[row["record_id"]] = edited[row["now_listing_pk"]]
    return found


def _sort(found: Undoing, row: RowMapping, run: RunSummary) -> None:
    record_id, live, same = row["record_id"], row["now_missing_since"] is None, row["now_run_pk"] == run.pk
    was_live = row["record"] is not None and row["missing_reason"] is None
    if live and same and row["record"] is None:
        found.brought.append(record_id)
    elif live and same and was_live:
        found.changed.append(_to_record(row))
    elif live and same:
        found.gone[record_id] = row["missing_reason"]
    elif was_live and (not live or row["now_missed_at"] is not None):
        found.back.append(record_id)
    elif live:
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


def forget_replaced(engine: Engine, run_pk: int) -> None:
    """Keep no longer what a run replaced: it published nothing, or was undone."""
    with writing(engine) as connection:
        connection.execute(delete(_replaced).where(_replaced.c.run_pk == run_pk))
