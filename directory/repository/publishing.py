"""The second half of an import: one short transaction publishes what was staged, all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)  # fmt: skip
from sqlalchemy.dialects import postgresql, sqlite

from directory.models import staging
from directory.models.staging import staged_identity, staged_link, staged_listing, staged_mark, staged_record, staged_takeover
from directory.repository import tables

_record = tables.source_record
_listing = tables.listing


_MARKS = 10_000
"""Marks kept: a copy of the directory that is more revisions behind is read anew."""


def bump(connection: Connection) -> int:
    """Say that the directory changed. Returns its new revision."""
    state, marks = tables.directory_state, tables.revision_mark
    advanced = update(state).values(revision=state.c.revision + 1).returning(state.c.revision)
    revision = int(connection.execute(advanced).scalar_one())
    connection.execute(insert(marks).values(revision=revision, mark=token_hex(16)))
    connection.execute(delete(marks).where(marks.c.revision <= revision - _MARKS))
    return revision


def publish(connection: Connection, run_pk: int, expected: int, now: datetime, by: tuple[str, str] = ("", "")) -> None:
    """Publish what is staged, and show the batch that is hidden. A fixed number of statements, whatever there is to publish.

    Args:
        connection: The transaction.
        run_pk: The run, whose number its batch bears; 0 when nothing is hidden.
        expected: The revision that the rows of the batch bear.
        now: When.
        by: Who, and why, where a person does it.
    """
    revision = bump(connection)
    _publish_listings(connection, revision)
    if run_pk and revision != expected:  # another writer has taken that number since
        connection.execute(update(_listing).where(_listing.c.batch == run_pk).values(revision=revision))
    connection.execute(update(tables.directory_state).values(hidden_batch=-1))
    _publish_records(connection)
    _take_over(connection, revision)
    _publish_pairs(connection, now)
    _tell(connection, run_pk, now, *by)


def see_all(connection: Connection, source: str, now: datetime) -> None:
    """Note that every record which the source holds was seen."""
    seen = tables.source_seen
    _upsert(connection, seen, select(literal(source), literal(now, seen.c.seen_at.type)), ["source", "seen_at"])


def _publish_listings(connection: Connection, revision: int) -> None:
    names = [column.name for column in staged_listing.columns]
    values = [literal(revision) if name == "revision" else staged_listing.c[name] for name in names]
    _upsert(connection, _listing, select(*values), names, keep=("first_seen",))
    coverage = tables.listing_coverage
    connection.execute(delete(coverage).where(coverage.c.listing_pk.in_(select(staged_listing.c.pk))))
    _copy(connection, staging.staged_coverage, coverage)


def _publish_records(connection: Connection) -> None:
    linked = staged_record.join(staged_link, staged_link.c.source_record_pk == staged_record.c.pk)
    names = [column.name for column in staged_record.columns]
    values = [staged_link.c.listing_pk if name == "listing_pk" else staged_record.c[name] for name in names]
    _upsert(connection, _record, select(*values).select_from(linked), names, keep=("first_seen",))
    link = select(staged_link.c.listing_pk).where(staged_link.c.source_record_pk == _record.c.pk).scalar_subquery()
    moved = exists().where(staged_link.c.source_record_pk == _record.c.pk, staged_link.c.listing_pk != _record.c.listing_pk)
    connection.execute(update(_record).where(moved).values(listing_pk=link))
    identity = tables.record_identity
    connection.execute(delete(identity).where(identity.c.source_record_pk.in_(select(staged_record.c.pk))))
    _copy(connection, staged_identity, identity)


def _tell(connection: Connection, run_pk: int, now: datetime, author: str, reason: str) -> None:
    """Add what changed to the life of each listing; that of a listing which was taken over goes on in its heir's."""
    history, staged, taken = tables.listing_history, staging.staged_change, staged_takeover
    heir = select(taken.c.heir_pk).where(taken.c.listing_pk == history.c.listing_pk).scalar_subquery()
    connection.execute(update(history).where(history.c.listing_pk.in_(select(taken.c.listing_pk))).values(listing_pk=heir))
    told = {
        "listing_pk": staged.c.listing_pk,
        "changed_at": literal(now, history.c.changed_at.type),
        "run_pk": literal(run_pk or None, history.c.run_pk.type),
        "author": literal(author),
        "reason": literal(reason),
        "changes": staged.c.changes,
    }
    connection.execute(insert(history).from_select(list(told), select(*told.values()).order_by(staged.c.listing_pk)))


def _publish_pairs(connection: Connection, now: datetime) -> None:
    keys, pair, staged = tables.record_keys, tables.duplicate_pair, staging.staged_pair
    _upsert(connection, keys, select(staging.staged_keys), ["source_record_pk", "keys"])
    # what was said of the records that were compared again is no longer said, unless it is said again
    compared = select(staging.staged_keys.c.source_record_pk)
    again = exists().where(staged.c.left_pk == pair.c.left_pk, staged.c.right_pk == pair.c.right_pk)
    over = or_(pair.c.left_pk.in_(compared), pair.c.right_pk.in_(compared)) & ~again
    connection.execute(delete(pair).where(over, pair.c.judgement.is_(None), ~_was_judged(pair)))
    connection.execute(update(pair).where(over).values(verdict=None, probability=None, reasons=[], apart=False))
    told = [staged.c[name] for name in ("left_pk", "right_pk", "verdict", "probability", "reasons", "apart")]
    beside = [literal(now, pair.c.found_at.type), literal(""), literal("")]
    names = [*(column.name for column in told), "found_at", "judged_by", "note"]
    kept = ("found_at", "judged_by", "note")
    _upsert(connection, pair, select(*told, *beside), names, keep=kept, key=("left_pk", "right_pk"))


def _was_judged(pair: Table) -> ColumnElement[bool]:
    return exists().where(tables.judgement.c.number == pair.c.number)


def mark(connection: Connection, now: datetime) -> None:
    """Note which records were seen again, missed a first time, or are missing."""
    seen = tables.source_seen
    seen_at = select(seen.c.seen_at).where(seen.c.source == _record.c.source).scalar_subquery()
    # a record that was missed before no longer has its source's whole sight
    whole = and_(_record.c.missed_at.is_(None), seen_at > _record.c.last_seen)
    last_seen = case((whole, seen_at), else_=_record.c.last_seen)
    reason = select(staged_mark.c.reason).where(staged_mark.c.source_record_pk == _record.c.pk).scalar_subquery()
    missed_at = func.coalesce(_record.c.missed_at, literal(now, _record.c.missed_at.type))
    for name, values in (
        ("seen", {"missed_at": None, "missing_since": None, "missing_reason": "", "last_seen": now}),
        ("missed", {"missed_at": missed_at, "last_seen": last_seen}),
        ("missing", {"missed_at": missed_at, "missing_since": now, "missing_reason": reason, "last_seen": last_seen}),
    ):
        marked = select(staged_mark.c.source_record_pk).where(staged_mark.c.mark == name)
        connection.execute(update(_record).where(_record.c.pk.in_(marked)).values(**values))


def _take_over(connection: Connection, revision: int) -> None:
    alias, taken = tables.listing_alias, staged_takeover
    heir = select(taken.c.heir_pk).where(taken.c.listing_pk == alias.c.listing_pk).scalar_subquery()
    gone = select(taken.c.listing_pk)
    # an id that a listing bears again is no longer another's
    connection.execute(delete(alias).where(alias.c.id.in_(select(staged_listing.c.id))))
    connection.execute(update(alias).where(alias.c.listing_pk.in_(gone)).values(listing_pk=heir))
    moved = staging.staged_alias
    home = select(moved.c.listing_pk).where(moved.c.id == alias.c.id).scalar_subquery()
    connection.execute(update(alias).where(alias.c.id.in_(select(moved.c.id))).values(listing_pk=home))
    connection.execute(insert(alias).from_select(["id", "listing_pk"], select(taken.c.id, taken.c.heir_pk)))
    connection.execute(delete(_listing).where(_listing.c.pk.in_(gone)))
    said = select(taken.c.listing_pk, literal(revision))
    connection.execute(insert(tables.listing_gone).from_select(["listing_pk", "revision"], said))


def _copy(connection: Connection, origin: Table, target: Table) -> None:
    names = [column.name for column in origin.columns]
    connection.execute(insert(target).from_select(names, select(origin)))


def _upsert(
    connection: Connection,
    table: Table,
    rows: Select[Any],
    names: list[str],
    keep: tuple[str, ...] = (),
    key: tuple[str, ...] = (),
) -> None:
    """Insert rows, or change those whose key (the primary one, unless told) is there already, all columns but ``keep``."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    by = list(key) or [column.name for column in table.primary_key.columns]
    # SQLite cannot tell ON CONFLICT from a join's ON after a bare SELECT: WHERE true
    adding = dialect.insert(table).from_select(names, rows.where(true()))
    changed = {name: adding.excluded[name] for name in names if name not in {*by, *keep}}
    connection.execute(adding.on_conflict_do_update(index_elements=by, set_=changed))
