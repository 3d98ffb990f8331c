"""What is broken: copies of one real instance."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.torture.instance import QUIET, RELAIS, ROOT, Instance


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the demonstration territory, made once. Not to be written to."""
    folder = tmp_path_factory.mktemp("instance") / "data"
    given = {**os.environ, **QUIET, "RELAIS_DATA": str(folder)}
    subprocess.run([*RELAIS, "demo"], cwd=ROOT, env=given, check=True, capture_output=True)
    return folder


@pytest.fixture
def instance(made: Path, tmp_path: Path) -> Instance:
    """A copy of the instance, which the test may break."""
    return Instance(shutil.copytree(made, tmp_path / "data"))
