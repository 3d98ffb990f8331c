"""What curators state, laid over what sources say. A statement follows a source record, so it follows it through merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, RowMapping, select

from directory.models.curation import CLOSED, TOPIC_FIELDS, Statement, Topic, Values
from directory.repository import tables
from directory.repository.rows import chunks

_statement = tables.statement
_DAYS = frozenset({"checked_at", "valid_from", "valid_until"})
CLOSED_BY_HAND = "Fermée par un bureau des entreprises."

Row = dict[str, Any]
Overlays = Mapping[int, Mapping[Topic, Statement]]
"""``pk`` of a source record → topic → the statement that stands."""


def load(connection: Connection, record_pks: Iterable[int] | None = None) -> dict[int, dict[Topic, Statement]]:
    """The statements that stand: all of them, or those that follow these records."""
    standing = select(_statement).where(_statement.c.ended_at.is_(None)).order_by(_statement.c.number)
    questions = [standing]
    if record_pks is not None:
        questions = [standing.where(_statement.c.record_pk.in_(chunk)) for chunk in chunks(record_pks)]
    found: dict[int, dict[Topic, Statement]] = {}
    for question in questions:
        for row in connection.execute(question).mappings():
            said = to_statement(row)
            found.setdefault(said.record_pk, {})[said.topic] = said
    return found


def to_statement(row: RowMapping) -> Statement:
    """A row of the table as a statement."""
    values = {name: row[name] for name in row if name not in {"nonce", "content", "topic"}}
    return Statement(**values, values=row["content"], topic=Topic(row["topic"]))


def standing(overlays: Overlays, record_pks: Iterable[int]) -> dict[Topic, Statement]:
    """The statements that stand of a listing made of these records: of two about one topic, the later."""
    found: dict[Topic, Statement] = {}
    for pk in record_pks:
        for topic, said in overlays.get(pk, {}).items():
            known = found.get(topic)
            if known is None or known.number < said.number:
                found[topic] = said
    return found


def lay(row: Row, said: Iterable[Statement]) -> None:
    """Write in the row of a listing what is stated of it. No record is then the winner of these fields.

    The latest check holds, whoever made it; a listing that its sources no longer hold stays closed for their reason.
    """
    winners = dict(row["winners"])
    for statement in said:
        if statement.topic is Topic.CLOSING:
            if row.get("closed_at") is None:
                row |= {"closed_at": statement.stated_at, "closed_reason": statement.reason or CLOSED_BY_HAND}
            continue
        values = to_columns(statement.values)
        if statement.topic is Topic.CHECK and row["checked_at"] and row["checked_at"] > values["checked_at"]:
            continue
        row |= values
        for field in values:
            winners.pop(field, None)
    row["winners"] = winners


def to_columns(values: Values) -> Row:
    """Plain JSON values as the columns of a listing hold them."""
    return {name: date.fromisoformat(value) if name in _DAYS and value else value for name, value in values.items()}


def plain(value: Any) -> Any:
    """The value of a column as plain JSON."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def of_topic(row: Mapping[str, Any], topic: Topic) -> Row:
    """What the row of a listing says of a topic, as plain JSON values."""
    if topic is Topic.CLOSING:
        return {CLOSED: row["closed_at"] is not None}
    return {field: plain(row[field]) for field in TOPIC_FIELDS[topic]}


def digest_values(values: Values, statement: Statement | None) -> str:
    """16 characters that change when what is published of a topic does, or who states it."""
    said = [values, statement.number if statement else 0]
    return blake2b(to_json(said, inf_nan_mode="null"), digest_size=8).hexdigest()


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any], fields: Sequence[str]) -> dict[str, list[Any]]:
    """Field → [before, after], as plain JSON values, of the fields that differ."""
    return {field: [plain(before[field]), plain(after[field])] for field in fields if before[field] != after[field]}
