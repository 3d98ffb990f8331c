"""The run of a source: whole or not at all, told either way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from directory.errors import DatabaseBusy
from importers.errors import ExpectationMissed, ImporterError, UnknownSource, UnreadableFile
from importers.source import sources

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"
MILO = SOURCES / "missions_locales/sample_milo.json"
CONTRACT = {"source", "run", "read", "added", "changed", "unchanged", "removed", "merged", "refused", "doubts", "seconds"}
MORE = {"missed", "proposed", "plan", "alarms", "message"}


def agencies(folder: Path, *names: str) -> Path:
    path = folder / f"agences-{len(names)}.json"
    items = [
        {"id": rank, "nom_agence": name, "nom_region": "", "code_departement": 35, "structure": "MILO", "timezone": ""}
        for rank, name in enumerate(names)
    ]
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def test_the_report_has_the_fields_of_the_contract(directory: Directory) -> None:
    report = directory.load("missions-locales", MILO).to_json()

    assert set(report) == CONTRACT | MORE
    assert set(report["doubts"][0]) == {"line", "field", "value", "message", "level"}
    assert json.loads(json.dumps(report))["source"] == "missions_locales"


def test_the_index_follows_the_directory_and_rests_when_nothing_changed(directory: Directory) -> None:
    directory.load("missions_locales", MILO, keeper=directory.keeper)
    held = directory.index.revision()
    directory.load("missions_locales", MILO, keeper=directory.keeper)

    assert held == directory.repository.revision() == directory.index.revision() == 1


def test_an_index_that_was_left_behind_is_rebuilt_by_the_next_import(directory: Directory) -> None:
    directory.load("missions_locales", MILO)
    assert directory.index.revision() is None

    directory.load("missions_locales", MILO, keeper=directory.keeper)

    assert directory.index.revision() == 1


def test_progress_is_told_to_its_end(directory: Directory) -> None:
    told: list[tuple[int, int | None]] = []

    directory.load("missions_locales", MILO, progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (4, 4)


def test_the_end_is_told_once_however_many_files_are_read(directory: Directory) -> None:
    told: list[tuple[int, int | None]] = []

    directory.load("demonstration", progress=lambda done, total: told.append((done, total)))

    ends = [each for each in told if each[1] is not None]
    assert len(ends) == 1
    assert ends == told[-1:]


def test_a_run_that_fails_is_kept_with_its_reason_and_its_doubts(directory: Directory, tmp_path: Path) -> None:
    path = agencies(tmp_path, "35 - Mission Locale De Redon", "")

    with pytest.raises(ExpectationMissed) as missed:
        directory.load("missions_locales", path)

    run = directory.repository.list_runs()[0]
    assert (run.status, run.message) == ("failed", missed.value.public)
    assert [doubt.field for doubt in directory.repository.list_doubts(run.pk)] == ["nom_agence"]
    assert directory.state()[0] == 0


def test_a_truncated_file_leaves_what_was_published(directory: Directory, tmp_path: Path) -> None:
    directory.load("missions_locales", MILO)
    state = directory.state()
    cut = tmp_path / "cut.json"
    cut.write_bytes(MILO.read_bytes()[:-40])

    with pytest.raises(UnreadableFile) as refused:
        directory.load("missions_locales", cut)

    assert "tronqué" in refused.value.public
    assert directory.state() == state


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "est vide"), (b"%PDF-1.4", "il contient un PDF"), (b"<html>", "une page web")]
)
def test_a_file_that_is_not_what_it_says_is_not_even_a_run(
    content: bytes, reason: str, directory: Directory, tmp_path: Path
) -> None:
    path = tmp_path / "agences.json"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        directory.load("missions_locales", path)

    assert reason in refused.value.public
    assert directory.repository.list_runs() == []


def test_a_file_above_the_limit_is_refused(directory: Directory) -> None:
    with pytest.raises(UnreadableFile) as refused:
        directory.load("missions_locales", MILO, max_bytes=100)

    assert "la limite est de" in refused.value.public


SIX = tuple(f"35 - Mission Locale Exemple {word}" for word in ("Un", "Deux", "Trois", "Quatre", "Cinq", "Six"))


def test_records_that_two_runs_miss_are_closed_with_a_reason_and_those_that_come_back_reopened(
    directory: Directory, tmp_path: Path
) -> None:
    directory.load("missions_locales", agencies(tmp_path, *SIX))
    gone = directory.listings()["Mission locale Exemple Six"].id

    once = directory.load("missions_locales", agencies(tmp_path, *SIX[:5]))
    kept = set(directory.listings())
    twice = directory.load("missions_locales", agencies(tmp_path, *SIX[:5]))
    closed = directory.repository.get_listing(gone)
    third = directory.load("missions_locales", agencies(tmp_path, *SIX[:5]))
    again = directory.load("missions_locales", agencies(tmp_path, *SIX))

    assert (once.missed, once.removed, once.unchanged) == (1, 0, 5)
    assert "Mission locale Exemple Six" in kept
    assert (twice.missed, twice.removed, twice.unchanged) == (0, 1, 5)
    assert (closed.closed_at, "deux imports" in closed.closed_reason) == (NOW, True)
    assert (third.missed, third.removed, third.unchanged) == (0, 0, 5)
    assert again.changed == 1
    assert directory.repository.get_listing(gone).closed_at is None


def test_the_plan_tells_field_by_field_and_a_dry_run_foresees_what_the_import_then_does(
    directory: Directory, tmp_path: Path
) -> None:
    directory.load("missions_locales", agencies(tmp_path, *SIX))
    path = agencies(
        tmp_path, *SIX[:4], "35 - Mission Locale Exemple Cinq Bis", "35 - Mission Locale Nouvelle", "35 - Mission Locale Redon"
    )
    before = directory.state(), directory.repository.list_runs()

    dry = directory.load("missions_locales", path, dry_run=True)
    after = directory.state(), directory.repository.list_runs()
    real = directory.load("missions_locales", path)

    assert after == before
    assert (dry.to_json() | {"run": 2, "seconds": 0}) == (real.to_json() | {"seconds": 0})
    changed = dry.plan["changed"]
    assert (changed["count"], changed["fields"]["name"]) == (2, 2)
    assert {"field": "name", "before": "Mission locale Exemple Cinq", "after": "Mission locale Exemple Cinq Bis"} in changed[
        "examples"
    ][0]["fields"]
    assert directory.repository.list_runs()[0].plan == real.plan


def test_the_same_file_again_changes_nothing_and_is_not_even_read(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    first = directory.load("missions_locales", MILO)
    state = directory.state()
    monkeypatch.setattr("importers.work.make_plan", None)  # any reading would fail

    second = directory.load("missions_locales", MILO)
    third = directory.load("missions_locales", MILO)

    assert directory.state() == state
    for again in (second, third):
        assert (again.read, again.unchanged, again.added, again.changed) == (first.read, first.added, 0, 0)
        assert again.doubts == first.doubts
        assert "import n° 1" in again.message
    assert [run.repeats for run in directory.repository.list_runs()] == [1, 1, None]


@pytest.mark.parametrize("change", ["file", "code", "bassins", "option"])
def test_a_file_is_read_again_when_anything_that_it_rests_on_has_changed(
    change: str, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = agencies(tmp_path, *SIX)
    directory.load("missions_locales", path)
    options = {}
    if change == "file":
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    elif change == "code":
        monkeypatch.setattr("importers.fingerprint.reading_version", lambda _: "another")
    elif change == "bassins":
        directory.load("bassins", SOURCES / "bassins/sample.csv")
    else:
        options["sheet"] = "Autre"

    again = directory.load("missions_locales", path, **options)

    assert (again.unchanged, again.changed, again.message) == (6, 0, "")
    assert directory.repository.list_runs()[0].repeats is None


def test_a_list_that_asks_what_others_say_is_read_again_when_the_directory_has_changed(directory: Directory) -> None:
    lists = SOURCES / "cfa/sample-prepa.csv", SOURCES / "cfa/sample-afpa.csv"
    directory.load("cfa", lists[0])
    directory.load("cfa", lists[1])

    same = directory.load("cfa", lists[1])
    directory.load("missions_locales", MILO)
    again = directory.load("cfa", lists[1])

    assert again.message == ""
    assert again.unchanged == same.unchanged == 1


def test_only_sources_that_say_so_depend_on_the_day() -> None:
    for source in sources().values():
        code = "".join(path.read_text(encoding="utf-8") for path in (SOURCES / source.name).glob("*.py"))

        assert source.dated == ("run.now" in code), source.name


def test_a_source_without_file_and_an_unknown_source_say_so(directory: Directory) -> None:
    with pytest.raises(UnreadableFile) as refused:
        directory.load("psad")
    with pytest.raises(UnknownSource) as unknown:
        directory.load("psadd", MILO)

    assert "au moins un fichier" in refused.value.public
    assert "« psadd »" in unknown.value.public


def test_a_second_import_is_refused_while_one_is_under_way(directory: Directory) -> None:
    run = directory.repository.start_run("psad", [], NOW)

    with pytest.raises(DatabaseBusy):
        directory.load("missions_locales", MILO)

    directory.repository.finish_run(run, "failed", {}, [], "", NOW)
    assert directory.load("missions_locales", MILO).added == 4


def test_a_fault_of_the_program_is_told_as_a_failed_import(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.sources.missions_locales.milo.display_name", lambda *_: 1 / 0)

    with pytest.raises(ImporterError) as failed:
        directory.load("missions_locales", MILO)

    assert "rien n’est publié" in failed.value.public
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert directory.repository.list_runs()[0].status == "failed"
    assert directory.state()[0] == 0


def test_each_source_of_the_project_has_an_importer() -> None:
    assert {"missions_locales", "psad", "clee", "bassins", "tableur", "entreprises"} <= set(sources())
