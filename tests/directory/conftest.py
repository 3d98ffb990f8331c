"""A real database of the test's own: each test of the repository runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from directory.database import open_engine
from directory.models.changes import AppliedCounts, ChangeSet
from directory.models.prepared import digest_of
from directory.models.published import BassinRecord
from directory.models.record import SourcedRecord
from directory.repository import Repository

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine)


Publish = Callable[..., AppliedCounts]


@pytest.fixture
def publish(repository: Repository) -> Publish:
    """Publishes the whole of a source, as a run does: what is not given is missing. ``day`` counts from NOW."""

    def run(
        *records: SourcedRecord, source: str = "missions_locales", trust: dict[str, int] | None = None, day: int = 0,
        missing: Sequence[str] | None = None, **more: Any,
    ) -> AppliedCounts:  # fmt: skip
        now = NOW + timedelta(days=day)
        run_pk = repository.start_run(source, [], now)
        known = repository.known_records(source)
        given = {record.record_id for record in records}
        same = {r.record_id for r in records if r.record_id in known and known[r.record_id].digest == digest_of(r)}
        changes = ChangeSet(
            source=source,
            run_pk=run_pk,
            added=[record for record in records if record.record_id not in known],
            changed=[record for record in records if record.record_id in known and record.record_id not in same],
            unchanged=sorted(same),
            missing=[record_id for record_id in known if record_id not in given] if missing is None else missing,
            trust=trust or {},
            **more,
        )
        counts = repository.apply(changes, now).counts
        repository.finish_run(run_pk, "done", counts.to_json(), [], "", now)
        return counts

    return run


def replace_bassins(repository: Repository, source: str, bassins: Sequence[BassinRecord]) -> AppliedCounts:
    """A run that states bassins and no record."""
    run_pk = repository.start_run(source, [], NOW)
    done = repository.apply(ChangeSet(source=source, run_pk=run_pk, bassins=bassins, trust={}), NOW)
    repository.finish_run(run_pk, "done", done.counts.to_json(), [], "", NOW)
    return done.bassins
