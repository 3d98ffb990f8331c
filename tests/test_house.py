"""What no linter knows: sizes, names, arrows, documentation that follows the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Table
from sqlmodel import SQLModel

import directory.models.staging
import directory.repository.tables  # noqa: F401
from directory.models.record import ListingRecord
from directory.models.tables import Listing
from directory.settings import Settings
from importers.source import sources

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("directory", "matching", "importers", "web", "relais")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "vendor" not in path.parts)


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def tracked_texts() -> list[Path]:
    listed = run("git", "ls-files").stdout.splitlines()
    return [ROOT / name for name in listed if not name.endswith((".xlsx", ".ods", ".png", ".pdf")) and (ROOT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_at_most_400_lines_and_opens_with_a_line_that_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 400
    assert text.lstrip().startswith('"""') or "migrations" in path.parts


@pytest.mark.parametrize("room", ROOMS)
def test_our_package_names_resolve_to_us_from_any_folder(room: str, tmp_path: Path) -> None:
    found = run(sys.executable, "-c", f"import {room}; print({room}.__file__)", cwd=tmp_path)

    assert Path(found.stdout.strip()) == ROOT / room / "__init__.py", found.stderr


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",)])
def test_the_checks_of_make_check_pass(command: tuple[str, ...]) -> None:
    done = run(str(Path(sys.executable).parent / command[0]), *command[1:])

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = set(
        re.findall(r"^\| `RELAIS_([A-Z_]+)`", (ROOT / "docs/operating.md").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert documented == {field.name.upper() for field in fields(Settings)} - {"KEYS"}
    assert "`RELAIS_KEY_<SOURCE>`" in (ROOT / "docs/operating.md").read_text(encoding="utf-8")


def test_only_the_settings_read_the_environment() -> None:
    readers = [path for path in MODULES if re.search(r"os\.environ|getenv", path.read_text(encoding="utf-8"))]

    assert readers == [ROOT / "directory/settings.py"]


def test_only_one_module_opens_connections() -> None:
    openers = [
        path for path in MODULES if re.search(r"urllib\.request|http\.client|import urllib3", path.read_text(encoding="utf-8"))
    ]

    assert openers == [ROOT / "directory/http.py"]


def test_every_dependency_has_its_line_in_the_adr() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *project["dependency-groups"]["build"]]
    adr = (ROOT / "docs/adr/0002-dependencies.md").read_text(encoding="utf-8")

    missing = [name for line in wanted if f"`{(name := re.split('[<>=]', line)[0])}`" not in adr]

    assert not missing


def test_the_lock_files_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "index-url" not in text
        assert '"resolved"' not in text


def test_nothing_tracked_names_a_path_of_the_machine_it_was_written_on() -> None:
    forbidden = re.compile(r"/(?:work|root|home)/[\w.-]+/")
    found = [str(path) for path in tracked_texts() if forbidden.search(path.read_text(encoding="utf-8", errors="replace"))]

    assert not found


def test_every_source_is_a_folder_with_a_declaration_and_a_reader() -> None:
    folder = ROOT / "importers/sources"
    names = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert names == set(sources())
    for source in sources().values():
        module = (folder / source.name / "__init__.py").read_text(encoding="utf-8")
        assert re.search(r"^(def records|from .* import .*records)", module, re.MULTILINE), source.name
        assert source.label, source.name
        assert source.licence, source.name


def test_every_field_of_a_record_is_kept_by_the_table() -> None:
    beside = {"coverage"}  # has a table of its own

    assert set(ListingRecord.model_fields) - beside <= set(Listing.model_fields)


def test_every_table_and_every_column_that_says_something_of_someone_is_in_the_register_of_what_is_kept() -> None:
    """A table stands in docs/privacy.md by its name, when it holds nothing of anyone, or by each of its columns."""
    named = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", (ROOT / "docs/privacy.md").read_text(encoding="utf-8")))
    tables = SQLModel.metadata.tables

    missing = [
        f"{name}.{column.name}"
        for name, table in tables.items()
        if name not in named
        for column in table.columns
        if f"{name}.{column.name}" not in named
    ]
    gone = [each for each in named if "." in each and (each.split(".")[0] in tables) and each not in columns_of(tables)]

    assert missing == [], "say in docs/privacy.md what is kept, why and how long, or that the table holds nothing of anyone"
    assert gone == []
    assert not {"account", "account_session", "dossier", "dossier_step", "dossier_access"} & named


def columns_of(tables: Mapping[str, Table]) -> set[str]:
    return {f"{name}.{column.name}" for name, table in tables.items() for column in table.columns}


def test_tests_have_no_package_that_could_shadow_ours() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_readme_says_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make run" in readme
    assert "make test" in readme
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").rstrip().endswith("make test")
