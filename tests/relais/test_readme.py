"""The README's commands, run as it writes them."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Outcome

ROOT = Path(__file__).parents[2]
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = [line.partition(" #")[0].strip() for block in _SHELL.findall(text) for line in block.splitlines()]
    return [line for line in lines if line.startswith(".venv/bin/relais ")]


def test_the_readme_has_commands_to_run() -> None:
    assert len(commands()) >= 6


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_readme_succeeds_as_it_is_written(
    line: str, command: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    files = tmp_path / "FILES"
    files.mkdir()
    # what the README calls FILES: saved public files, here the invented samples of two sources
    for name in ("missions_locales/sample_milo.json", "cfa/sample-prepa.csv"):
        shutil.copy(ROOT / "importers/sources" / name, files)

    done = command(*(str(files) if word == "FILES" else word for word in shlex.split(line)[1:]))

    assert done.status == 0, done.err
    assert done.out.strip()
