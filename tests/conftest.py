"""What every test shares: the real gazetteer, a watch on the logs; the tests that lack a tool are named at the end."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from directory.database import open_engine, upgrade
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.geocoding.store import ensure_store
from tests.log_watch import LogWatch
from tests.meilisearch_server import MeilisearchServer, running_meilisearch
from tests.postgresql_server import PostgresqlServer, running_server

Once = Callable[[str, Callable[[Path], object]], Path]
TOOLS = ("browser", "meilisearch", "postgresql", "redis")

os.environ["RELAIS_NICE"] = "0"  # a test waits for what it starts, beside others that want the processor


_watch = LogWatch()


def pytest_configure() -> None:
    """Read every line that the session logs."""
    _watch.watch()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of a browser first, then those of other tools: they last longest, and no process should work alone at the end."""
    first = dict.fromkeys((item.path for item in items), len(TOOLS))
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        first[item.path] = min([first[item.path], *(rank for rank, tool in enumerate(TOOLS) if tool in marks)])
    items.sort(key=lambda item: first[item.path])


@pytest.fixture
def log_watch() -> LogWatch:
    """The watch on the logs of the session."""
    return _watch


@pytest.fixture(autouse=True)
def _no_log_holds_what_people_type() -> Iterator[None]:
    """Fail the test during which a line was logged that holds something of a person."""
    _watch.lines.clear()
    yield
    found = list(_watch.lines)
    _watch.lines.clear()
    assert not found, found[:3]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Once:
    """Makes a folder once for all the processes of the session: the first that asks makes it. To be read and copied only."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own

    def get(name: str, make: Callable[[Path], object]) -> Path:
        folder, made = shared / name, shared / f"{name}.made"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a process that could not end it
                folder.mkdir()
                make(folder)
                made.touch()
        return folder

    return get


@pytest.fixture(scope="session")
def gazetteer_store(once: Once) -> Path:
    """The store of the real gazetteer, which takes seconds to build."""

    def build(folder: Path) -> None:
        if (store := ensure_store(folder)).parent != folder:  # it was in the system's temporary folder
            shutil.copy(store, folder)

    return next(once("gazetteer", build).iterdir())


@pytest.fixture(scope="session")
def gazetteer(gazetteer_store: Path) -> Iterator[Gazetteer]:
    """The real gazetteer."""
    opened = open_gazetteer(gazetteer_store.parent)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def new_data(sqlite_directory: Path, gazetteer_store: Path) -> Callable[[Path], Path]:
    """Makes a folder of data as a start leaves it: an empty directory of the current schema, and the gazetteer's store."""

    def make(folder: Path) -> Path:
        (folder / "cache").mkdir(parents=True)
        shutil.copyfile(sqlite_directory, folder / "relais.sqlite3")
        (folder / "cache" / gazetteer_store.name).symlink_to(gazetteer_store)
        return folder

    return make


@pytest.fixture(scope="session")
def meilisearch_server() -> Iterator[MeilisearchServer]:
    """A real Meilisearch server, one for each process of the session; the tests keep to indexes of their own."""
    with running_meilisearch() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL server, one for each process of the session; each test has databases of its own."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_directory(once: Once) -> Path:
    """An empty directory of the current schema, to be copied."""
    return once("sqlite", lambda folder: _upgrade(f"sqlite:///{folder / 'relais.sqlite3'}")) / "relais.sqlite3"


@pytest.fixture(scope="session")
def postgresql_directory(postgresql_server: PostgresqlServer) -> str:
    """The address of an empty directory of the current schema, to be copied."""
    url = postgresql_server.create_database()
    _upgrade(url)
    return url


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty directory of the test's own: every test that asks for it runs on both databases."""
    if request.param == "sqlite":
        copied = shutil.copyfile(request.getfixturevalue("sqlite_directory"), tmp_path / "relais.sqlite3")
        yield f"sqlite:///{copied}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.create_database(request.getfixturevalue("postgresql_directory"))
    yield url
    server.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table, of either kind."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield engine
        engine.dispose()
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.create_database()
    engine = open_engine(url)
    yield engine
    engine.dispose()
    server.drop_database(url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that was passed over because its tool is absent, and say why."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report, pytest.TestReport) and any(tool in report.keywords for tool in TOOLS)
    ]
    if not skipped:
        return
    terminalreporter.section("tests passés faute d’outil")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.line(f"{report.nodeid} : {str(reason).removeprefix('Skipped: ')}")
