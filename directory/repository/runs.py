"""Runs of imports: opened, published, ended, looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update

from directory.errors import RunNotFound
from directory.models.changes import RunDetails, RunSummary
from directory.repository import tables

PUBLISHED = "published"
"""State of a run between its publication and its end. Set by the transaction that publishes, so that it is never a guess."""

_run = tables.import_run


def start(connection: Connection, source: str, inputs: Sequence[Mapping[str, Any]], now: datetime) -> int:
    """Open a run. Only the holder of the import lock calls this."""
    close_dead(connection, now)
    added = insert(_run).values(
        source=source, started_at=now, status="running", inputs=list(map(dict, inputs)), counts={}, plan={}, profile={}, alarms=[]
    )
    return int(connection.execute(added.returning(_run.c.pk)).scalar_one())


def close_dead(connection: Connection, now: datetime) -> None:
    """End the runs that are still open. Only the holder of the import lock calls this: their process died."""
    _close(connection, PUBLISHED, "done", "Arrêté juste après la publication, qui est entière.", now)
    _close(connection, "running", "interrupted", "Interrompu : rien n’a été publié.", now)


def _close(connection: Connection, state: str, status: str, message: str, now: datetime) -> None:
    connection.execute(update(_run).where(_run.c.status == state).values(status=status, message=message, finished_at=now))


def publish(connection: Connection, run_pk: int, counts: Mapping[str, int]) -> None:
    """Note, in the transaction that publishes, that a run has published."""
    connection.execute(update(_run).where(_run.c.pk == run_pk).values(status=PUBLISHED, counts=dict(counts)))


def finish(connection: Connection, run_pk: int, outcome: Mapping[str, Any], details: RunDetails) -> str:
    """Close a run with its ``outcome`` (``status``, ``counts``, ``message``, ``finished_at``). Returns its source."""
    revision = select(tables.directory_state.c.revision).scalar_subquery()
    kept = asdict(details) | {"alarms": list(details.alarms), "revision": revision}
    closed = update(_run).where(_run.c.pk == run_pk).values(**outcome, **kept).returning(_run.c.source)
    return str(connection.execute(closed).scalar_one())


def any_open(connection: Connection) -> bool:
    """Whether a run is under way, or its process died."""
    return connection.scalar(select(literal(1)).where(_run.c.status.in_(["running", PUBLISHED])).limit(1)) is not None


def summaries(connection: Connection, source: str | None, limit: int) -> list[RunSummary]:
    """The last runs, the latest first."""
    question = select(_run).order_by(_run.c.pk.desc()).limit(limit)
    if source is not None:
        question = question.where(_run.c.source == source)
    return [_summary(row) for row in connection.execute(question).mappings()]


def last_done(connection: Connection) -> dict[str, datetime]:
    """Source → the end of its last run that was published."""
    done = select(_run.c.source, func.max(_run.c.finished_at)).where(_run.c.status == "done").group_by(_run.c.source)
    return {source: finished for source, finished in connection.execute(done) if finished is not None}


def get(connection: Connection, run_pk: int) -> RunSummary:
    """The run of this number.

    Raises:
        RunNotFound: There is none.
    """
    row = connection.execute(select(_run).where(_run.c.pk == run_pk)).mappings().one_or_none()
    if row is None:
        raise RunNotFound(run_pk)
    return _summary(row)


def _summary(row: Mapping[Any, Any]) -> RunSummary:
    return RunSummary(**{**row, "status": "running" if row["status"] == PUBLISHED else row["status"]})
