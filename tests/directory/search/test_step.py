"""Indexes catch up with the directory: what changed only, each by itself, from any process; and one stands in for another."""

from __future__ import annotations

import fcntl
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from directory.database import open_engine, upgrade
from directory.errors import IndexUnavailable
from directory.geocoding.gazetteer import Gazetteer
from directory.models.changes import ChangeSet
from directory.models.prepared import digest_of
from directory.models.record import ListingRecord, SourcedRecord
from directory.repository import Repository
from directory.search.embedded import EmbeddedIndex
from directory.search.meilisearch import MeilisearchIndex
from directory.search.meilisearch.documents import SETTINGS_VERSION
from directory.search.standby import NOTICE, StandbySearch
from directory.search.step import IndexKeeper
from directory.search.types import SearchIndex, SearchQuery
from tests.meilisearch_server import PATIENCE_S, MeilisearchServer, running_meilisearch

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def record(key: str, name: str, *identities: str, source: str = "tableur") -> SourcedRecord:
    return SourcedRecord(
        source=source,
        record_id=key,
        record=ListingRecord(kind="partner", category="association", name=name, demonstration=True),
        identities=identities,
        raw={"Nom": name},
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'relais.sqlite3'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine)


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path / "index")


Keep = Callable[..., IndexKeeper]


@pytest.fixture
def keep(repository: Repository, gazetteer: Gazetteer, tmp_path: Path) -> Keep:
    return lambda *engines: IndexKeeper(repository, gazetteer, engines, tmp_path / "lock")


def publish(repository: Repository, *records: SourcedRecord, source: str = "tableur", day: int = 0) -> None:
    """Publish these records of a source; what is known and not given is missing."""
    known = repository.known_records(source)
    changed = [r for r in records if r.record_id in known and known[r.record_id].digest != digest_of(r)]
    changes = ChangeSet(
        source=source,
        run_pk=repository.start_run(source, [], NOW + timedelta(days=day)),
        added=[r for r in records if r.record_id not in known],
        changed=changed,
        unchanged=[r.record_id for r in records if r.record_id in known and r not in changed],
        missing=sorted(known.keys() - {r.record_id for r in records}),
        trust={"tableur": 50, "cfa": 60},
    )
    repository.apply(changes, NOW + timedelta(days=day))
    repository.finish_run(changes.run_pk, "done", {}, [], "", NOW + timedelta(days=day))


def names(index: SearchIndex) -> list[str]:
    return sorted(hit.name for hit in index.search(SearchQuery(limit=100)).hits)


class Watched:
    """An engine that notes what it is told to do."""

    def __init__(self, inner: SearchIndex) -> None:
        self._inner, self.done = inner, []
        self.search, self.suggest, self.revision = inner.search, inner.suggest, inner.revision

    def rebuild(self, documents: object, revision: int) -> int:
        self.done.append("rebuild")
        return self._inner.rebuild(documents, revision)  # type: ignore[arg-type]

    def update(self, documents: object, gone: object, revision: int) -> None:
        rows = list(documents)  # type: ignore[call-overload]
        self.done.append(f"update {len(rows)}")
        self._inner.update(rows, gone, revision)  # type: ignore[arg-type]


def test_a_first_index_is_built_then_only_what_changed_is_told(
    repository: Repository, embedded: EmbeddedIndex, keep: Keep
) -> None:
    watched = Watched(embedded)
    keeper = keep(watched)
    publish(repository, record("a", "Garage"), record("b", "Salon"))
    keeper.catch_up()

    publish(repository, record("a", "Garage du Pont"), record("b", "Salon"), record("c", "Chapellerie"))
    keeper.catch_up()
    keeper.catch_up()

    assert watched.done == ["rebuild", "update 2"]
    assert names(embedded) == ["Chapellerie", "Garage du Pont", "Salon"]
    assert embedded.revision() == repository.revision()


def test_a_page_does_not_wait_for_a_long_rebuild_and_what_it_changed_is_found_after(
    repository: Repository, gazetteer: Gazetteer, embedded: EmbeddedIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.search.step._PATIENCE_S", 0.02)
    publish(repository, record("a", "Garage"))
    keeper = IndexKeeper(repository, gazetteer, [embedded], tmp_path / "lock", bring_apart=pytest.fail)
    keeper.catch_up()
    keeper.start()
    with (tmp_path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as a rebuild in another process does
        publish(repository, record("a", "Garage du Pont"))
        keeper.catch_up()
        meanwhile = names(embedded)

    ends = time.monotonic() + 30
    while embedded.revision() != repository.revision() and time.monotonic() < ends:
        time.sleep(0.05)
    keeper.stop()

    assert (meanwhile, names(embedded)) == (["Garage"], ["Garage du Pont"])


def test_what_was_taken_over_leaves_the_index(repository: Repository, embedded: EmbeddedIndex, keep: Keep) -> None:
    publish(repository, record("a", "Garage"), record("b", "Garage du Pont"))
    keep(embedded).catch_up()

    publish(repository, record("a", "Garage", "uai:0350001A"), record("b", "Garage du Pont", "uai:0350001A"))
    keep(embedded).catch_up()

    assert len(names(embedded)) == 1


def test_what_is_closed_leaves_the_index(repository: Repository, embedded: EmbeddedIndex, keep: Keep) -> None:
    publish(repository, record("a", "Garage"), record("b", "Salon"))
    keep(embedded).catch_up()

    for day in (1, 2, 3):
        publish(repository, record("b", "Salon"), day=day)
    keep(embedded).catch_up()

    assert names(embedded) == ["Salon"]


def test_an_index_from_another_directory_is_rebuilt(repository: Repository, embedded: EmbeddedIndex, keep: Keep) -> None:
    embedded.rebuild([], 999)
    publish(repository, record("a", "Garage"))

    keep(embedded).catch_up()

    assert names(embedded) == ["Garage"]


def test_a_lost_index_is_built_again(repository: Repository, embedded: EmbeddedIndex, keep: Keep, tmp_path: Path) -> None:
    publish(repository, record("a", "Garage"))
    keep(embedded).catch_up()
    (tmp_path / "index" / "current.json").write_text("{", encoding="utf-8")

    keep(embedded).catch_up()

    assert names(embedded) == ["Garage"]


def test_an_index_whose_files_are_gone_is_built_again_by_who_still_reads_them(
    repository: Repository, embedded: EmbeddedIndex, keep: Keep, tmp_path: Path
) -> None:
    publish(repository, record("a", "Garage"))
    keep(embedded).catch_up()
    assert names(embedded) == ["Garage"]
    shutil.rmtree(next((tmp_path / "index").glob("g-*")))

    assert keep(embedded).is_behind()
    keep(embedded).catch_up()

    assert names(EmbeddedIndex(tmp_path / "index")) == ["Garage"]


def test_a_process_that_serves_sees_what_another_committed(repository: Repository, embedded: EmbeddedIndex, keep: Keep) -> None:
    keeper = keep(embedded)
    keeper.start()
    try:
        publish(repository, record("a", "Garage"))  # and nobody catches up

        until = time.monotonic() + 30
        while keeper.is_behind() and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        keeper.stop()

    assert names(embedded) == ["Garage"]


def test_questions_during_many_updates_always_see_a_whole_index(
    repository: Repository, embedded: EmbeddedIndex, keep: Keep
) -> None:
    publish(repository, *(record(f"r{n}", f"Fiche {n}") for n in range(40)))
    keep(embedded).catch_up()
    seen: set[int] = set()
    stop = threading.Event()

    def ask() -> None:
        reader = EmbeddedIndex(embedded.path)
        while not stop.is_set():
            seen.add(reader.search(SearchQuery(limit=1)).total)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(8):
        publish(repository, *(record(f"r{n}", f"Fiche {n} {turn}") for n in range(40)))
        keep(embedded).catch_up()
    stop.set()
    for reader in readers:
        reader.join()

    assert seen == {40}


# ---------------------------------------------------------------- beside a server


@pytest.fixture
def own_server() -> Iterator[MeilisearchServer]:
    """A server that the test may kill."""
    with running_meilisearch() as server:
        yield server


@pytest.mark.meilisearch
def test_when_the_server_dies_the_standby_answers_and_says_so_and_it_catches_up_when_it_returns(
    repository: Repository, embedded: EmbeddedIndex, keep: Keep, own_server: MeilisearchServer
) -> None:
    server = MeilisearchIndex(own_server.url, own_server.key, timeout_s=PATIENCE_S)
    keeper, now = keep(server, embedded), [0.0]
    search = StandbySearch(server, embedded, clock=lambda: now[0])
    publish(repository, record("a", "Garage"))
    keeper.catch_up()
    usual = search.search(SearchQuery(text="garage"))

    own_server.stop()
    publish(repository, record("a", "Garage"), record("b", "Salon"))
    with pytest.raises(IndexUnavailable):
        keeper.catch_up()
    meanwhile = search.search(SearchQuery(text="salon"))
    suggested = search.suggest("sal")

    own_server.start()
    keeper.catch_up()
    now[0] += 60
    again = search.search(SearchQuery(text="salon"))

    assert (usual.total, usual.notice) == (1, None)
    assert (meanwhile.total, meanwhile.notice) == (1, NOTICE)
    assert suggested == ("Salon",)
    assert (again.total, again.notice, server.revision()) == (1, None, repository.revision())


@pytest.mark.meilisearch
def test_a_server_that_failed_is_left_alone_for_a_while(embedded: EmbeddedIndex) -> None:
    embedded.rebuild([], 1)
    nobody = MeilisearchIndex("http://127.0.0.1:9")
    asked = []
    watched = Watched(nobody)  # type: ignore[arg-type]
    watched.search = lambda query: asked.append(query) or nobody.search(query)  # type: ignore[assignment,func-returns-value]
    now = [0.0]
    search = StandbySearch(watched, embedded, clock=lambda: now[0])

    for _ in range(5):
        search.search(SearchQuery())
    now[0] += 10
    search.search(SearchQuery())

    assert len(asked) == 2


@pytest.mark.meilisearch
def test_a_server_that_does_not_answer_in_the_time_set_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = MeilisearchIndex(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=1)

        with pytest.raises(IndexUnavailable):
            index.search(SearchQuery(text="garage"))


@pytest.mark.meilisearch
def test_two_versions_of_the_program_do_not_fight_over_one_index(
    meilisearch_server: MeilisearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = {"url": meilisearch_server.url, "key": meilisearch_server.key, "timeout_s": PATIENCE_S}
    uid = f"test-{secrets.token_hex(6)}"
    old = MeilisearchIndex(**server, uid=uid)
    old.rebuild([], 1)
    monkeypatch.setattr("directory.search.meilisearch.index.SETTINGS_VERSION", SETTINGS_VERSION + 1)
    new = MeilisearchIndex(**server, uid=uid)

    new.rebuild([], 2)
    during = old.revision(), new.revision()
    new.rebuild([], 3)
    after = old.revision(), new.revision()
    new._server.drop(new.uid)

    assert (during, after) == ((1, 2), (None, 3))


@pytest.mark.meilisearch
@pytest.mark.parametrize("broken", ["wrong key", "not ours", "absent"])
def test_a_server_that_cannot_serve_is_unavailable_by_name(meilisearch_server: MeilisearchServer, broken: str) -> None:
    uid = f"test-{secrets.token_hex(6)}"
    index = MeilisearchIndex(meilisearch_server.url, "wrong" if broken == "wrong key" else meilisearch_server.key, uid=uid)
    if broken == "not ours":
        index._server.create(index.uid, {})

    with pytest.raises(IndexUnavailable) as refused:
        index.search(SearchQuery(text="garage"))

    assert "moteur de recherche" in refused.value.public
    assert index.revision() is None
    assert meilisearch_server.key not in str(refused.value)


def test_a_notice_is_not_there_by_default(embedded: EmbeddedIndex) -> None:
    embedded.rebuild([], 1)

    assert embedded.search(replace(SearchQuery(), limit=5)).notice is None
