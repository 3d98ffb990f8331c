"""The command line, called in this process on a real folder: real database, index, gazetteer and demonstration territory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from directory.database import open_engine
from relais import services as composition
from relais.cli import relais
from tests.conftest import Once
from tests.territory import load_territory


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], data: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``relais ARGS…`` on the test's own folder."""
    monkeypatch.setenv("RELAIS_DATA", str(data))

    def call(*args: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            relais.main([str(arg) for arg in args])
        captured = capsys.readouterr()
        code = ended.value.code
        return Outcome(status=code if isinstance(code, int) else 0 if code is None else 1, out=captured.out, err=captured.err)

    return call


@pytest.fixture(scope="module")
def closing() -> Iterator[None]:
    """What a command opens is closed by the end of its process; here, by the end of the module."""
    opened: list[Engine] = []

    def opening(url: str) -> Engine:
        opened.append(open_engine(url))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "open_engine", opening)
        yield
    for engine in opened:
        engine.dispose()


@pytest.fixture(scope="session")
def demonstration(once: Once, gazetteer_store: Path) -> Path:
    """A folder in which the demonstration territory was loaded, once for the session. Not to be written to."""
    return once("demonstration", partial(load_territory, gazetteer_store=gazetteer_store))


@pytest.fixture
def data(demonstration: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration, which the test may change."""
    return shutil.copytree(demonstration, tmp_path / "data", symlinks=True)  # the gazetteer's store is never written


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file of the test's own folder."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make
