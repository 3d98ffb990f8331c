"""What docs/api.md gives to copy works: a program in Python, one in JavaScript, the first call."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.serving import PATIENCE_S

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)[0]


def run(command: list[str], server: str, key: str) -> str:
    environ = {**os.environ, "RELAIS": server, "CLE": key, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE_S, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_in_python_prints_matches(api_server: str, key: str, tmp_path: Path) -> None:
    program = tmp_path / "example.py"
    program.write_text(block("python"), encoding="utf-8")

    said = run([sys.executable, str(program)], api_server, key)

    assert len(said.splitlines()) == 3
    assert "Résidence des Remparts" in said


def test_the_example_in_javascript_prints_the_same(api_server: str, key: str, tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if node is None:
        pytest.skip("Node absent (make install l’installe)")
    program = tmp_path / "example.mjs"
    program.write_text(block("javascript"), encoding="utf-8")

    said = run([node, str(program)], api_server, key)

    assert len(said.splitlines()) == 3
    assert "Résidence des Remparts" in said


def test_the_first_call_of_the_document_answers(api_server: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl absent de cette machine")
    command = shlex.split(block("sh").replace("http://127.0.0.1:8000", api_server))

    said = subprocess.run([*command, "--silent", "--noproxy", "*"], capture_output=True, check=True, timeout=PATIENCE_S).stdout

    assert json.loads(said)["hits"][0]["name"] == "Mission locale de Fougères"


def test_the_first_match_of_the_document_answers(api_server: str, key: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl absent de cette machine")
    command = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)[1].partition(")\n")[2]

    said = json.loads(run(["sh", "-c", command.strip() + " --silent --noproxy '*'"], api_server, key))

    assert len(said["sections"]["partners"]) == 3


def test_every_route_of_the_document_is_described_and_the_reverse(api: FlaskClient) -> None:
    described = {path.removeprefix("/api/v1") for path in api.get("/api/v1/openapi.json").get_json()["paths"]}
    table = DOCUMENT.partition("## Routes")[2].partition("## Pages")[0]
    written = set(re.findall(r"(?<=[` ])(/[a-z]+(?:/\{?\w+\}?)?(?:\.\w+)?)", table))

    assert described - {"/flux/{name}"} <= written
    assert {path for path in written if "." not in path} <= described
