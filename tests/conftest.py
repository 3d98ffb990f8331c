"""What every test shares: the real gazetteer; the tests that lack a tool on this machine are named at the end of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from tests.meilisearch_server import BINARY, MeilisearchServer

TOOLS = ("browser", "meilisearch", "postgresql", "redis")


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    """The real gazetteer, its store built once a session."""
    opened = open_gazetteer(tmp_path_factory.mktemp("gazetteer"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def meilisearch_server() -> Iterator[MeilisearchServer]:
    """A real Meilisearch server, one for each process of the session; the tests keep to indexes of their own."""
    if not BINARY.is_file():
        pytest.skip("Meilisearch absent : npm n’a pas pu l’installer (Linux x86-64 seulement)")
    server = MeilisearchServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


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
