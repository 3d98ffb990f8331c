"""What nobody may decide of duplicates, and what is not theirs to decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from directory.curation_form import closing
from directory.errors import DatabaseBusy, JudgementRefused, ListingNotFound, PairNotFound
from directory.models.curation import Curation, Topic, Wish
from directory.models.duplicates import PairState, Verdict
from directory.repository import Repository
from matching.duplicates import DuplicateComparer
from tests.directory.conftest import NOW
from tests.directory.test_judgements import (
    DOUBTFUL,
    ELSEWHERE,
    LEFT,
    RIGHT,
    TRUST,
    Publish,
    decide,
    ids,
    only,
    record,
    two,
)


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine, DuplicateComparer())


def test_a_decision_that_contradicts_another_is_refused_and_changes_nothing(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education"), source="education", trust=TRUST)
    publish(record("2", "psad", name="Espace jeunes", **ELSEWHERE), source="psad", trust=TRUST)
    publish(record("9", "tableur", name="Point accueil", address="3 rue Hoche", contacts=()), source="tableur", trust=TRUST)
    repository.judge((LEFT, "psad--2"), decide(Verdict.SAME))
    repository.judge(("psad--2", RIGHT), decide(Verdict.SAME, day=2))
    before = ids(repository), repository.list_pairs(PairState.JUDGED)

    with pytest.raises(JudgementRefused, match="contradiction"):
        repository.judge((LEFT, RIGHT), decide(Verdict.DIFFERENT, day=3))

    assert (ids(repository), repository.list_pairs(PairState.JUDGED)) == before


def test_judging_a_kind_against_another_is_refused(repository: Repository, publish: Publish) -> None:
    two(publish, kind="company", category="entreprise")

    with pytest.raises(JudgementRefused, match="partner"):
        repository.judge((LEFT, RIGHT), decide(Verdict.SAME))

    assert ids(repository) == [LEFT, RIGHT]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (99, PairNotFound),
        ((LEFT, "absent"), ListingNotFound),
        ((LEFT, LEFT), JudgementRefused),
    ],
)
def test_what_does_not_exist_cannot_be_judged(
    repository: Repository, publish: Publish, asked: int | tuple[str, str], error: type[Exception]
) -> None:
    two(publish, **DOUBTFUL)

    with pytest.raises(error):
        repository.judge(asked, decide(Verdict.SAME))

    assert ids(repository) == [LEFT, RIGHT]


def test_there_is_nothing_to_take_back_of_a_proposal(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)

    with pytest.raises(JudgementRefused, match="nothing"):
        repository.judge(only(repository, PairState.PROPOSED).number, decide(None))


def test_of_two_who_judge_a_pair_at_the_same_moment_the_second_is_told_and_changes_nothing(
    repository: Repository, publish: Publish
) -> None:
    two(publish, **DOUBTFUL)
    number = only(repository, PairState.PROPOSED).number
    first = replace(decide(Verdict.DIFFERENT), seen=(None, ""))
    repository.judge(number, first)

    again = repository.judge(number, first)
    with pytest.raises(JudgementRefused, match="judged since"):
        repository.judge(number, replace(decide(Verdict.SAME), seen=(None, ""), by="Un autre"))

    assert (again.judgement, again.judged_by) == (Verdict.DIFFERENT, first.by)
    assert ids(repository) == [LEFT, RIGHT]


def test_a_listing_that_a_person_closed_is_not_joined_with_one_that_is_open(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)
    number = only(repository, PairState.PROPOSED).number
    by = Curation(author="Une curatrice", reason="", now=NOW, nonce="", trust=TRUST)
    closed, opened = (Wish(listing_id=LEFT, topic=Topic.CLOSING, values=closing(closed=each)) for each in (True, False))
    repository.curation.curate([closed], by)

    with pytest.raises(JudgementRefused, match="closed by hand"):
        repository.judge(number, decide(Verdict.SAME))

    left = [repository.get_listing(each).closed_at is None for each in (LEFT, RIGHT)]
    repository.curation.curate([opened], by)
    assert left == [False, True]
    assert repository.judge(number, decide(Verdict.SAME)).is_merged


def test_nothing_is_judged_while_an_import_runs(
    repository: Repository, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.repository._PATIENCE_S", 0)
    two(publish, **DOUBTFUL)
    number = only(repository, PairState.PROPOSED).number
    run = repository.start_run("psad", [], NOW)

    with pytest.raises(DatabaseBusy):
        repository.judge(number, decide(Verdict.SAME))

    repository.finish_run(run, "done", {}, [], "", NOW)
    assert repository.judge(number, decide(Verdict.SAME)).is_merged
