"""What a run would change, and what is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from directory.models.changes import KnownRecord
from directory.models.doubt import DoubtLevel
from directory.models.prepared import PreparedRecord, digest_of, prepare
from directory.models.record import SourcedRecord
from importers.errors import ExpectationMissed
from importers.plan import Plan, make_plan
from importers.row import Row
from importers.run import Run
from importers.source import Expectations, get_source
from tests.factories import sourced

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def a_run(**expect: float) -> Run:
    source = replace(get_source("missions_locales"), expect=Expectations(**expect))  # type: ignore[arg-type]
    return Run(source=source, paths=(), geocoder=None, now=NOW, read=1)  # type: ignore[arg-type]


def known(
    *records: SourcedRecord, missed_at: datetime | None = None, missing_since: datetime | None = None
) -> dict[str, KnownRecord]:
    return {
        record.record_id: KnownRecord(
            pk=1, listing_pk=1, digest=digest_of(record), missed_at=missed_at, missing_since=missing_since
        )
        for record in records
    }


@pytest.fixture
def planned() -> Iterator[Callable[..., Plan]]:
    """Makes plans, and gives back what they hold on disk."""
    plans: list[Plan] = []

    def make(run: Run, stated: Iterable[SourcedRecord], before: dict[str, KnownRecord], **options: bool) -> Plan:
        plans.append(make_plan(run, stated, before, **options))
        return plans[-1]

    yield make
    for plan in plans:
        plan.close()


def ids(records: Iterable[PreparedRecord]) -> list[str]:
    return [record.record_id for record in records]


def test_records_are_sorted_into_added_changed_unchanged_and_missing(planned: Callable[..., Plan]) -> None:
    before = [sourced("same"), sourced("moved", name="Avant"), sourced("gone")]
    after = [sourced("same"), sourced("moved", name="Après"), sourced("new")]

    plan = planned(a_run(), after, known(*before))

    assert (ids(plan.added), ids(plan.changed), plan.unchanged) == (["new"], ["moved"], ["same"])
    assert (plan.missed, plan.missing) == (["gone"], [])


def test_a_record_vanishes_when_a_second_run_does_not_find_it_either(planned: Callable[..., Plan]) -> None:
    before = known(sourced("same")) | known(sourced("gone"), missed_at=NOW)

    plan = planned(a_run(max_removed_share=1), [sourced("same")], before)

    assert (plan.missed, plan.missing) == ([], ["gone"])


def test_a_record_that_its_source_says_is_over_vanishes_at_once(planned: Callable[..., Plan]) -> None:
    run = a_run(max_refused_share=1)
    run.close(Row({"état": "fermé"}, 3), "état", "fermé", "Fermé.", record_id="1")

    plan = planned(run, [sourced("2"), sourced("3")], known(sourced("1"), sourced("2"), sourced("3")))

    assert (plan.missed, plan.missing, plan.reasons) == ([], ["1"], {"1": "Fermé."})
    assert [doubt.level for doubt in run.doubts] == [DoubtLevel.REFUSED]


def test_a_source_that_adds_file_by_file_may_say_too_that_a_record_is_over(planned: Callable[..., Plan]) -> None:
    run = a_run(max_refused_share=1)
    run.source = replace(run.source, complete=False)
    run.close(Row({"état": "fermé"}, 3), "état", "fermé", "Fermé.", record_id="1")

    plan = planned(run, [sourced("2")], known(sourced("1"), sourced("2"), sourced("3")))

    assert (plan.missing, plan.whole) == (["1"], False)


def test_what_is_spooled_comes_back_whole_and_more_than_once(planned: Callable[..., Plan]) -> None:
    record = sourced("new", coverage=({"scope": "commune", "code": "35115"},))

    plan = planned(a_run(), [record], {})

    assert list(plan.added) == [prepare(record)]
    assert list(plan.added) == [prepare(record)]
    assert plan.added.read(0).read_record()["coverage"] == [{"scope": "commune", "code": "35115"}]


def test_a_record_that_had_vanished_and_is_back_counts_as_changed(planned: Callable[..., Plan]) -> None:
    record = sourced("back")

    plan = planned(a_run(), [record], known(record, missing_since=NOW))

    assert ids(plan.changed) == ["back"]


def test_the_second_record_of_an_id_is_refused_and_both_lines_are_named(planned: Callable[..., Plan]) -> None:
    run = a_run(max_refused_share=1)
    first = sourced("1").model_copy(update={"line": 2})
    second = sourced("1", name="Autre").model_copy(update={"line": 9})

    plan = planned(run, [first, second], {})

    assert ids(plan.added) == ["1"]
    assert run.doubts[0].level is DoubtLevel.REFUSED
    assert "ligne 2" in run.doubts[0].message
    assert "ligne 9" in run.doubts[0].message


def test_a_record_refused_this_time_has_not_vanished(planned: Callable[..., Plan]) -> None:
    run = a_run(max_refused_share=1)
    run.refuse(Row({"nom": ""}, 3), "nom", "", "Nom absent.", record_id="1")

    plan = planned(run, [sourced("2")], known(sourced("1"), sourced("2")))

    assert (plan.missed, plan.missing) == ([], [])


def test_a_file_that_holds_a_part_makes_nothing_of_the_other_parts_vanish(planned: Callable[..., Plan]) -> None:
    run = a_run(max_removed_share=1)
    run.covers = ("rennes-",)

    plan = planned(run, [sourced("rennes-1")], known(sourced("rennes-2"), sourced("nantes-1")))

    assert plan.missed == ["rennes-2"]


def test_too_few_records_publish_nothing() -> None:
    with pytest.raises(ExpectationMissed) as missed:
        make_plan(a_run(min_records=3), [sourced("1")], {})

    assert "1 fiche(s), il en faut au moins 3" in missed.value.public


def test_too_many_refused_rows_publish_nothing() -> None:
    run = a_run(max_refused_share=0.4)
    run.refuse(Row({"nom": ""}, 3), "nom", "", "Nom absent.")

    with pytest.raises(ExpectationMissed) as missed:
        make_plan(run, [sourced("1")], {})

    assert "1 lignes sur 2 refusées" in missed.value.public


def test_too_many_vanished_records_publish_nothing() -> None:
    with pytest.raises(ExpectationMissed) as missed:
        make_plan(a_run(max_removed_share=0.4), [sourced("1")], known(*(sourced(str(rank)) for rank in range(10))))

    assert "9 fiches sur 10 disparaîtraient" in missed.value.public
    assert "--allow-removals" in missed.value.public


def test_a_person_may_say_yes_to_many_vanished_records(planned: Callable[..., Plan]) -> None:
    before = known(*(sourced(str(rank)) for rank in range(10)))

    plan = planned(a_run(max_removed_share=0.4), [sourced("1")], before, allow_removals=True)

    assert len(plan.missed) == 9
