"""What every test shares: the real gazetteer; the tests that lack a tool on this machine are named at the end of the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.geocoding.gazetteer import Gazetteer, open_gazetteer

TOOLS = ("browser", "meilisearch", "postgresql")


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gazetteer]:
    """The real gazetteer, its store built once a session."""
    opened = open_gazetteer(tmp_path_factory.mktemp("gazetteer"))
    yield opened
    opened.close()


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
