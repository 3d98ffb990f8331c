"""Questions to the database are counted on the work that asks them; slow ones are told, without their values."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from directory import tracing
from directory.database import open_engine, reading


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def test_questions_are_counted_on_the_work_under_way_and_on_no_other(engine: Engine) -> None:
    tracing.watch_queries(engine, slow_ms=0)
    mine, others = tracing.Trace("mine"), tracing.Trace("others")

    tracing.begin(others)
    tracing.begin(mine)
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
    tracing.begin(None)
    with reading(engine) as connection:
        connection.execute(text("SELECT 2"))

    assert mine.queries >= 1
    assert mine.query_s > 0
    assert others.queries == 0


@pytest.mark.parametrize("slow_ms", [0, 1])
def test_a_slow_question_is_told_by_its_statement_and_never_by_its_values(
    engine: Engine, caplog: pytest.LogCaptureFixture, slow_ms: int
) -> None:
    tracing.watch_queries(engine, slow_ms)
    # counting to 200,000 takes more than a millisecond on any machine
    counting = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        SELECT count(*) FROM n WHERE :name <> ''
    """
    caplog.set_level(logging.WARNING)

    with reading(engine) as connection:
        connection.execute(text(counting), {"name": "Zéphyrine"})

    told = [record for record in caplog.records if record.getMessage() == "slow query"]
    assert len(told) == (1 if slow_ms else 0)
    assert "Zéphyrine" not in caplog.text
    assert all("WITH RECURSIVE" in record.statement and record.ms >= 1 for record in told)  # type: ignore[attr-defined]
    assert not [record for record in told if "Zéphyrine" in record.statement]  # type: ignore[attr-defined]
