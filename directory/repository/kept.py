"""What a source stated and is kept, record by record: for importers that add to it without stating it all again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Engine, select

from directory.database import reading
from directory.models.record import SourcedRecord
from directory.repository import tables
from directory.repository.rows import CHUNK, to_record

_c = tables.source_record.c


def iterate(engine: Engine, source: str, where: ColumnElement[bool] | None = None) -> Iterator[SourcedRecord]:
    """Every record that a source still holds, by primary key, in chunks; an import must be under way, so that nothing moves.

    Args:
        engine: The directory's.
        source: The source.
        where: A condition on ``source_record`` that narrows them.
    """
    columns = (_c.pk, _c.record_id, _c.record, _c.raw, _c.origins, _c.identities)
    last = -1
    while True:
        question = (
            select(*columns)
            .where(_c.source == source, _c.missing_since.is_(None), tables.shown_record(), _c.pk > last)
            .order_by(_c.pk)
        )
        if where is not None:
            question = question.where(where)
        with reading(engine) as connection:
            rows = connection.execute(question.limit(CHUNK)).all()
        for pk, record_id, record, raw, origins, identities in rows:
            coverage = [(entry["scope"], entry.get("code", "")) for entry in record.get("coverage", ())]
            yield SourcedRecord(
                source=source,
                record_id=record_id,
                record=to_record({name: value for name, value in record.items() if name != "coverage"}, coverage),
                identities=tuple(identities),
                raw=raw,
                origins={name: tuple(headers) for name, headers in origins.items()},
            )
            last = pk
        if len(rows) < CHUNK:
            return
