"""Runs of imports and their doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from directory.models.changes import RunSummary
from directory.models.doubt import Doubt, DoubtLevel
from directory.repository import tables
from directory.repository.rows import chunks

PUBLISHED = "published"
"""State of a run between its publication and its end. Set by the transaction that publishes, so that it is never a guess."""

_run = tables.import_run
_doubt = tables.doubt


def start(connection: Connection, source: str, inputs: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Open a run. Only the holder of the import lock calls this: a run still open is one whose process died."""
    _close(connection, PUBLISHED, "done", "Arrêté juste après la publication, qui est entière.", now)
    _close(connection, "running", "interrupted", "Interrompu : rien n’a été publié.", now)
    added = insert(_run).values(
        source=source, started_at=now, status="running", inputs=list(map(dict, inputs)), counts={}, message=""
    )
    return int(connection.execute(added.returning(_run.c.pk)).scalar_one())


def _close(connection: Connection, state: str, status: str, message: str, now: datetime) -> None:
    connection.execute(update(_run).where(_run.c.status == state).values(status=status, message=message, finished_at=now))


def publish(connection: Connection, run_pk: int, counts: Mapping[str, int]) -> None:
    """Note, in the transaction that publishes, that a run has published."""
    connection.execute(update(_run).where(_run.c.pk == run_pk).values(status=PUBLISHED, counts=dict(counts)))


def finish(connection: Connection, run_pk: int, doubts: Sequence[Doubt], outcome: Mapping[str, Any]) -> None:
    """Close a run with its ``outcome`` (``status``, ``counts``, ``message``, ``finished_at``) and keep its doubts."""
    closed = update(_run).where(_run.c.pk == run_pk).values(**outcome).returning(_run.c.source)
    source = connection.execute(closed).scalar_one()
    for chunk in chunks(doubts):
        connection.execute(insert(_doubt), [_doubt_row(doubt, run_pk, source) for doubt in chunk])


def _doubt_row(doubt: Doubt, run_pk: int, source: str) -> dict[str, Any]:
    return {
        "run_pk": run_pk,
        "source": source,
        "record_id": doubt.record_id,
        "line": doubt.line,
        "field": doubt.field,
        "value": doubt.value,
        "message": doubt.message,
        "level": str(doubt.level),
        "raw": doubt.raw,
        "resolution": "",
    }


def summaries(connection: Connection, source: str | None, limit: int) -> list[RunSummary]:
    """The last runs, the latest first."""
    question = select(_run).order_by(_run.c.pk.desc()).limit(limit)
    if source is not None:
        question = question.where(_run.c.source == source)
    return [RunSummary(**row) for row in connection.execute(question).mappings()]


def doubts_of(connection: Connection, run_pk: int) -> list[Doubt]:
    """The doubts of a run, in the order met."""
    c = _doubt.c
    question = select(c.line, c.field, c.value, c.message, c.level, c.record_id, c.raw).where(c.run_pk == run_pk).order_by(c.pk)
    rows = connection.execute(question).mappings()
    return [Doubt(**{**row, "level": DoubtLevel(row["level"])}) for row in rows]
