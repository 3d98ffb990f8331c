"""A real gazetteer, a real directory and a real index for the importers' tests, and the published files where they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from directory.database import open_engine
from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import BassinRecord, PublishedListing
from directory.models.record import SourcedRecord
from directory.repository import Repository
from directory.search.embedded import EmbeddedIndex
from directory.search.step import IndexKeeper
from directory.territory import Bassins
from importers.pipeline import run_import
from importers.report import ImportReport
from importers.run import Run
from importers.source import get_source

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "importers" / "sources"


@dataclass
class Directory:
    """A directory of its own for one test."""

    repository: Repository
    index: EmbeddedIndex
    gazetteer: Gazetteer
    keeper: IndexKeeper

    def load(self, source: str, *paths: Path, **options: Any) -> ImportReport:
        """Import files."""
        return run_import(
            source,
            paths,
            repository=self.repository,
            gazetteer=self.gazetteer,
            **{"now": NOW, "keeper": None, **options},
        )

    def listings(self) -> dict[str, PublishedListing]:
        """Every open listing by its name."""
        return {listing.record.name: listing for listing in self.repository.iterate_listings()}

    def state(self) -> tuple[int, dict[Any, int]]:
        """What must not move when nothing is published."""
        return self.repository.revision(), self.repository.count_listings()


@pytest.fixture
def directory(tmp_path: Path, gazetteer: Gazetteer, sqlite_directory: Path) -> Iterator[Directory]:
    engine = open_engine(f"sqlite:///{shutil.copyfile(sqlite_directory, tmp_path / 'relais.sqlite3')}")
    repository, index = Repository(engine), EmbeddedIndex(tmp_path / "index")
    yield Directory(repository, index, gazetteer, IndexKeeper(repository, gazetteer, [index], tmp_path / "lock"))
    engine.dispose()


@pytest.fixture
def read(gazetteer: Gazetteer) -> Callable[..., tuple[list[Any], Run]]:
    """Reads files with a source, and gives its records and its run."""

    def read_with(source: str, *paths: Path, **options: Any) -> tuple[list[SourcedRecord | BassinRecord], Run]:
        from importlib import import_module  # noqa: PLC0415

        run = Run(source=get_source(source), paths=paths, geocoder=gazetteer, now=NOW, **{"bassins": Bassins(), **options})
        return list(import_module(f"importers.sources.{source}").records(run)), run

    return read_with


@pytest.fixture(scope="session")
def published() -> Path:
    """The published files beside the checkout, on the machines where Relais is built; elsewhere the test is passed over."""
    folder = ROOT.parent / "shared" / "data" / "published"
    if not folder.is_dir():
        pytest.skip("les fichiers publiés ne sont pas sur cette machine")
    return folder
