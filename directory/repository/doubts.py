"""Doubts: said by runs, kept once, resolved by people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, ScalarSelect, Select, and_, func, insert, select, update

from directory.database import reading, writing
from directory.errors import DoubtNotFound
from directory.models.doubt import Doubt, DoubtFilter, DoubtLevel, KeptDoubt, Resolution
from directory.repository import tables
from directory.repository.rows import chunks

_doubt = tables.doubt
_said = tables.run_doubt
_run = tables.import_run


def keep(engine: Engine, run_pk: int, source: str, doubts: Iterable[Doubt]) -> None:
    """Keep the doubts of a run, once, in small transactions: a doubt that is known already is said once more."""
    with reading(engine) as connection:
        if connection.scalar(select(_said.c.rank).where(_said.c.run_pk == run_pk).limit(1)) is not None:
            return
    ranks, met = count(1), dict[str, int]()
    for chunk in chunks(doubts):
        rows = {_key(doubt, met): doubt for doubt in chunk}
        with writing(engine) as connection:
            known = _known(connection, source, list(rows))
            fresh = [_row(doubt, key, run_pk, source) for key, doubt in rows.items() if key not in known]
            if fresh:
                connection.execute(insert(_doubt), fresh)
            again = [known[key] for key in rows if key in known]
            if again:
                connection.execute(update(_doubt).where(_doubt.c.pk.in_(again)).values(run_pk=run_pk))
            pks = _known(connection, source, list(rows))
            said = [
                {"run_pk": run_pk, "rank": next(ranks), "doubt_pk": pks[key], "line": doubt.line} for key, doubt in rows.items()
            ]
            connection.execute(insert(_said), said)


def _key(doubt: Doubt, met: dict[str, int]) -> str:
    """The doubt's key; the second of two that are the same in one run has its own."""
    key = doubt.key
    rank = met[key] = met.get(key, 0) + 1
    return key if rank == 1 else f"{key}-{rank}"


def _known(connection: Connection, source: str, keys: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(select(_doubt.c.key, _doubt.c.pk).where(_doubt.c.source == source, _doubt.c.key.in_(keys)))
    return dict(rows.all())


def _row(doubt: Doubt, key: str, run_pk: int, source: str) -> dict[str, Any]:
    return {
        "key": key,
        "run_pk": run_pk,
        "first_run_pk": run_pk,
        "source": source,
        "record_id": doubt.record_id,
        "line": doubt.line,
        "field": doubt.field,
        "value": doubt.value,
        "message": doubt.message,
        "level": str(doubt.level),
        "raw": doubt.raw,
        "resolution": "",
        "standing": False,
        "decision": "",
        "resolved_by": "",
    }


def settle(connection: Connection, run_pk: int, source: str, *, whole: bool) -> None:
    """In the transaction that publishes: what the run said stands; what an earlier run said of the same rows no longer does.

    Args:
        connection: The transaction.
        run_pk: The run.
        source: Its source.
        whole: Whether it holds all of its source. Otherwise it only replaces the runs that read files of the same names.
    """
    c = _doubt.c
    earlier = and_(c.source == source, c.run_pk != run_pk, c.standing.is_(True))
    if not whole:
        names = _names(connection.scalar(select(_run.c.inputs).where(_run.c.pk == run_pk)))
        runs = connection.execute(select(_run.c.pk, _run.c.inputs).where(_run.c.source == source)).all()
        earlier = and_(earlier, c.run_pk.in_([pk for pk, inputs in runs if _names(inputs) == names]))
    connection.execute(update(_doubt).where(earlier).values(standing=False))
    connection.execute(update(_doubt).where(c.run_pk == run_pk).values(standing=True))


def _names(inputs: Iterable[dict[str, Any]] | None) -> set[str]:
    # the same table may come as a workbook, then as text
    return {PurePath(str(entry.get("name", ""))).stem for entry in inputs or ()}


def said_by(connection: Connection, run_pk: int) -> list[Doubt]:
    """The doubts of a run, in the order met, each on the line where that run met it."""
    question = select(_doubt, _said.c.line.label("said_line")).join(_said, _said.c.doubt_pk == _doubt.c.pk)
    rows = connection.execute(question.where(_said.c.run_pk == _reader(run_pk)).order_by(_said.c.rank)).mappings()
    return [_to_doubt(row) for row in rows]


def find(connection: Connection, wanted: DoubtFilter, limit: int, after: int) -> list[KeptDoubt]:
    """Doubts by number. See ``Repository.find_doubts``."""
    question = _question().where(_doubt.c.pk > after, *_conditions(wanted)).order_by(_doubt.c.pk).limit(limit)
    return [_to_kept(row) for row in connection.execute(question).mappings()]


def count_all(connection: Connection, wanted: DoubtFilter) -> int:
    """How many doubts there are."""
    return connection.scalar(select(func.count()).select_from(_doubt).where(*_conditions(wanted))) or 0


def _conditions(wanted: DoubtFilter) -> Iterator[ColumnElement[bool]]:
    c = _doubt.c
    if wanted.run is None:
        yield c.standing.is_(True)
    else:
        yield c.pk.in_(select(_said.c.doubt_pk).where(_said.c.run_pk == _reader(wanted.run)))
    for column, value in ((c.source, wanted.source), (c.level, wanted.level), (c.record_id, wanted.record_id)):
        if value is not None:
            yield column == str(value)
    if wanted.opened is not None:
        yield c.decision == "" if wanted.opened else c.decision != ""


def _reader(run_pk: int) -> ScalarSelect[int]:
    """The run that read the files: the run itself, or the one of which it found them unchanged."""
    return select(func.coalesce(_run.c.repeats, _run.c.pk)).where(_run.c.pk == run_pk).scalar_subquery()


def get(connection: Connection, pk: int) -> KeptDoubt:
    """The doubt of this number.

    Raises:
        DoubtNotFound: There is none.
    """
    row = connection.execute(_question().where(_doubt.c.pk == pk)).mappings().one_or_none()
    if row is None:
        raise DoubtNotFound(pk)
    return _to_kept(row)


def decide(connection: Connection, pk: int, decision: Resolution, now: datetime, *, note: str, author: str) -> None:
    """Write a decision in the journal, and the state that it leaves on the doubt."""
    journal = insert(tables.doubt_decision).values(doubt_pk=pk, decision=str(decision), note=note, author=author, decided_at=now)
    connection.execute(journal)
    undone = decision is Resolution.REOPENED
    state = {
        "decision": "" if undone else str(decision),
        "resolution": "" if undone else note,
        "resolved_by": "" if undone else author,
        "resolved_at": None if undone else now,
    }
    connection.execute(update(_doubt).where(_doubt.c.pk == pk).values(**state))


def _question() -> Select[Any]:
    """Doubts, each with the line where the last run that said it met it."""
    last = and_(_said.c.doubt_pk == _doubt.c.pk, _said.c.run_pk == _doubt.c.run_pk)
    return select(_doubt, _said.c.line.label("said_line")).join(_said, last, isouter=True)


def _to_doubt(row: RowMapping) -> Doubt:
    return Doubt(
        line=row["said_line"],
        field=row["field"],
        value=row["value"],
        message=row["message"],
        level=DoubtLevel(row["level"]),
        record_id=row["record_id"],
        raw=row["raw"],
    )


def _to_kept(row: RowMapping) -> KeptDoubt:
    return KeptDoubt(
        pk=row["pk"],
        source=row["source"],
        doubt=_to_doubt(row),
        first_run=row["first_run_pk"],
        last_run=row["run_pk"],
        standing=row["standing"],
        decision=row["decision"],
        note=row["resolution"],
        author=row["resolved_by"],
        decided_at=row["resolved_at"],
    )
