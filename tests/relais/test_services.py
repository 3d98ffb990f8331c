"""The parts put together: a large index whose documents another process makes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from directory.catalogue_holder import load_catalogue
from directory.errors import IndexUnavailable
from directory.search.apart import produce_apart
from directory.search.documents import build_documents
from directory.search.step import IndexKeeper
from directory.search.types import SearchDocument, SearchQuery
from directory.settings import read_settings
from relais.cli import COMMANDS, GIVING_WAY
from relais.services import build_services, produce_documents
from web import create_app


def test_documents_made_in_another_process_are_those_made_here(data: Path) -> None:
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))

    made = list(produce_apart(partial(produce_documents, services.settings)))

    assert made == list(build_documents(services.repository.iterate_listings(), services.gazetteer))
    assert made


def test_a_catalogue_that_another_process_makes_is_the_one_made_here(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.catalogue_holder._FEW", 1)
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    file = data / "cache" / "catalogue.columns"
    file.unlink(missing_ok=True)

    services.catalogue.prepare()

    made = file.stat().st_mtime_ns
    assert list(services.catalogue.current().ids) == list(load_catalogue(services.repository).ids)
    assert file.stat().st_mtime_ns == made, "it was read, not made again"


def test_an_index_whose_documents_another_process_makes_answers_alike(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    question = SearchQuery(text="mission locale")
    before = [hit.id for hit in services.index.search(question).hits]
    monkeypatch.setattr("directory.search.step._WORTH_A_PROCESS", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    held = services.keeper.rebuild()

    assert held == sum(services.repository.count_listings().values())
    assert [hit.id for hit in services.index.search(question).hits] == before


def test_a_process_that_cannot_read_the_directory_leaves_the_index_as_it_was(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    elsewhere = replace(services.settings, database_url="sqlite:////proc/nowhere/relais.sqlite3")
    keeper = IndexKeeper(
        services.repository,
        services.gazetteer,
        [services.index],
        tmp_path / "lock",
        produce=partial(produce_documents, elsewhere),
    )
    revision = services.index.revision()

    monkeypatch.setattr("directory.search.step._WORTH_A_PROCESS", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)

    with pytest.raises(IndexUnavailable, match="making documents"):
        keeper.rebuild()

    assert services.index.revision() == revision
    assert services.index.search(SearchQuery(text="mission locale")).hits


def test_a_server_has_its_index_built_by_another_process_so_that_pages_go_on(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = build_services(read_settings({"RELAIS_DATA": str(data), "RELAIS_NICE": "0"}))
    before = services.index.search(SearchQuery(text="mission locale")).total
    monkeypatch.setattr("directory.search.step._WORTH_A_PROCESS", 1)
    monkeypatch.setattr("directory.search.embedded.EmbeddedIndex.rebuild", pytest.fail)
    shutil.rmtree(services.settings.index_path)

    services.keeper.start()
    ends = time.monotonic() + 120
    while services.index.revision() is None and time.monotonic() < ends:
        time.sleep(0.1)
    services.keeper.stop()

    assert services.index.revision() == services.repository.revision()
    assert services.index.search(SearchQuery(text="mission locale")).total == before


def test_imports_give_way_to_the_server_and_the_server_to_nobody() -> None:
    asked = """if True:
        import os
        from relais.cli import relais
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        for command in ("serve", "import"):
            try:
                relais.main([command, "--help"])
            except SystemExit:
                print("nice", os.getpriority(os.PRIO_PROCESS, 0) - nice)
    """
    mine = os.getpriority(os.PRIO_PROCESS, 0)

    run = subprocess.run(
        [sys.executable, "-c", asked], check=True, capture_output=True, text=True, env=os.environ | {"RELAIS_NICE": "12"}
    )

    assert [line for line in run.stdout.splitlines() if line.startswith("nice")] == ["nice 0", f"nice {max(0, 12 - mine)}"]
    assert {command.name for command in COMMANDS} >= GIVING_WAY


def test_a_process_that_is_killed_is_told() -> None:
    dies = cast("Callable[[], Iterable[SearchDocument]]", partial(os._exit, 9))

    with pytest.raises(IndexUnavailable, match="killed"):
        list(produce_apart(dies))


def test_a_number_that_the_plan_calls_first_is_on_no_paper_of_its_own(data: Path) -> None:
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    client = create_app(services).test_client()
    profile = {"place": "35300 Fougères", "age": "18", "situation": "graduate", "diploma_level": "cap", "diploma_obtained": "oui"}

    answer, *sheets = (
        client.post(path, data=profile | {"needs": "detresse"}).text for path in ("/propositions", "/fiche-eleve", "/fiche-suivi")
    )

    assert "suicid" in answer
    assert [sheet for sheet in sheets if "suicid" in sheet.lower()] == []
    assert all("Mission locale" in sheet for sheet in sheets)
