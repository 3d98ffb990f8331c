"""The journal of runs with its doubts, and the académies' maps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from directory.models.changes import AppliedCounts
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.published import BassinRecord
from directory.repository import Repository
from tests.directory.conftest import NOW, replace_bassins

RENNES = BassinRecord(code="35R", label="Rennes", academie="Rennes", communes=("35238",), establishments=("0350001A",))
FOUGERES = BassinRecord(code="35F", label="Fougères", academie="Rennes", communes=("35115",))
LILLE = BassinRecord(code="59L", label="Lille", academie="Lille", communes=("59350",))


def test_a_run_keeps_what_it_read_what_it_did_and_its_doubts_in_their_order(repository: Repository) -> None:
    doubts = [
        Doubt(line=3, field="UAI", value="x", message="Faux.", level=DoubtLevel.REFUSED, record_id="9", raw={"UAI": "x"}),
        Doubt(line=None, field="Fax", value="", message="Colonne inconnue.", level=DoubtLevel.NOTED),
    ]

    run_pk = repository.start_run("psad", [{"name": "psad.xlsx", "bytes": 12}], NOW)
    repository.finish_run(run_pk, "done", {"read": 2}, doubts, "Fini.", NOW + timedelta(minutes=1))

    (run,) = repository.list_runs("psad")
    assert (run.pk, run.status, run.inputs, run.counts, run.message) == (
        run_pk, "done", [{"name": "psad.xlsx", "bytes": 12}], {"read": 2}, "Fini.",
    )  # fmt: skip
    assert (run.started_at, run.finished_at) == (NOW, NOW + timedelta(minutes=1))
    assert repository.list_doubts(run_pk) == doubts
    assert repository.list_doubts(run_pk + 1) == []


def test_runs_are_listed_the_latest_first_by_source_and_no_more_than_asked(repository: Repository) -> None:
    for source in ("psad", "clee", "psad"):
        repository.finish_run(repository.start_run(source, [], NOW), "done", {}, [], "", NOW)

    assert [run.source for run in repository.list_runs()] == ["psad", "clee", "psad"]
    assert [run.pk for run in repository.list_runs("psad")] == [3, 1]
    assert [run.pk for run in repository.list_runs(limit=1)] == [3]


def test_a_moment_without_a_time_zone_is_refused(repository: Repository) -> None:
    with pytest.raises(Exception, match="no time zone"):
        repository.start_run("psad", [], datetime(2026, 11, 24))  # noqa: DTZ001

    repository.finish_run(repository.start_run("psad", [], NOW), "done", {}, [], "", NOW)


def test_bassins_are_asked_by_commune_by_establishment_and_by_name(repository: Repository) -> None:
    counts = replace_bassins(repository, "bassins", [RENNES, FOUGERES])

    bassins = repository.load_bassins()
    assert counts == AppliedCounts(added=2)
    assert bassins.of_commune("35115") == ("35F",)
    assert bassins.of_uai("0350001A") == ("35R",)
    assert bassins.find_label("fougeres") == ("35F",)


def test_a_new_map_replaces_that_of_its_academie_and_no_other(repository: Repository) -> None:
    replace_bassins(repository, "bassins", [RENNES, FOUGERES])
    replace_bassins(repository, "bassins", [LILLE])
    moved = BassinRecord(code="35R", label="Rennes", academie="Rennes", communes=("35238", "35115"))

    counts = replace_bassins(repository, "bassins", [moved])

    bassins = repository.load_bassins()
    assert counts == AppliedCounts(changed=1, removed=1)
    assert (bassins.of_commune("35115"), bassins.of_commune("59350"), bassins.of_uai("0350001A")) == (("35R",), ("59L",), ())


def test_the_same_map_again_is_no_change(repository: Repository) -> None:
    replace_bassins(repository, "bassins", [RENNES])
    before = repository.revision()

    counts = replace_bassins(repository, "bassins", [RENNES])

    assert (counts, repository.revision() - before) == (AppliedCounts(unchanged=1), 0)
