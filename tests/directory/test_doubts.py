"""Doubts from run to run: said, resolved, opened again when their row changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory.errors import DoubtNotFound
from directory.models.changes import ChangeSet
from directory.models.doubt import Doubt, DoubtFilter, DoubtLevel, KeptDoubt, Resolution, digest_row
from directory.repository import Repository
from tests.directory.conftest import NOW

OPEN = DoubtFilter(opened=True)
Say = Callable[..., int]


def a_doubt(value: str = "0612", line: int = 3, record_id: str = "1", **row: str) -> Doubt:
    return Doubt(
        line=line,
        field="Tél.",
        value=value,
        message="Numéro incomplet.",
        level=DoubtLevel.DOUBTED,
        record_id=record_id,
        row_digest=digest_row({"Nom": "CIO", "Tél.": value, **row}),
    )


@pytest.fixture
def say(repository: Repository) -> Say:
    """A run that says doubts, and publishes; ``whole``: of its whole source."""

    def run(*doubts: Doubt, source: str = "psad", whole: bool = True, name: str = "liste.csv") -> int:
        run_pk = repository.start_run(source, [{"name": name}], NOW)
        repository.apply(ChangeSet(source=source, run_pk=run_pk, doubts=doubts, whole=whole, trust={}), NOW)
        repository.finish_run(run_pk, "done", {}, [], "", NOW)
        return run_pk

    return run


def opened(repository: Repository, **wanted: str) -> list[KeptDoubt]:
    return repository.find_doubts(DoubtFilter(opened=True, **wanted))  # type: ignore[arg-type]


def test_the_same_doubt_said_again_is_one_doubt_with_its_newest_line(repository: Repository, say: Say) -> None:
    first = say(a_doubt(line=3))
    second = say(a_doubt(line=8))

    (kept,) = opened(repository)
    assert (kept.first_run, kept.last_run, kept.doubt.line) == (first, second, 8)
    assert [[doubt.line for doubt in repository.list_doubts(run)] for run in (first, second)] == [[3], [8]]


def test_a_resolved_doubt_stays_so_while_its_row_says_the_same(repository: Repository, say: Say) -> None:
    say(a_doubt())
    number = opened(repository)[0].pk

    resolved = repository.decide_doubt(number, Resolution.ACCEPTED, NOW, note="Vérifié", author="Un référent")
    say(a_doubt(line=40))

    assert (resolved.decision, resolved.note, resolved.author, resolved.decided_at) == ("accepted", "Vérifié", "Un référent", NOW)
    assert opened(repository) == []
    assert repository.count_doubts(DoubtFilter(opened=False)) == 1


def test_a_doubt_opens_again_when_its_row_changes(repository: Repository, say: Say) -> None:
    say(a_doubt())
    number = opened(repository)[0].pk
    repository.decide_doubt(number, Resolution.IGNORED, NOW)

    say(a_doubt(Adresse="1 rue Neuve"))

    (again,) = opened(repository)
    assert again.pk != number


def test_a_decision_can_be_taken_back(repository: Repository, say: Say) -> None:
    say(a_doubt())
    number = opened(repository)[0].pk
    repository.decide_doubt(number, Resolution.IGNORED, NOW, note="Bof")

    back = repository.decide_doubt(number, Resolution.REOPENED, NOW)

    assert (back.decision, back.note, back.decided_at) == ("", "", None)
    assert [kept.pk for kept in opened(repository)] == [number]


def test_a_doubt_that_the_whole_source_no_longer_raises_leaves_the_queue_and_stays_in_its_run(
    repository: Repository, say: Say
) -> None:
    first = say(a_doubt(), a_doubt("0699", record_id="2"))

    say(a_doubt())

    assert [kept.doubt.record_id for kept in opened(repository)] == ["1"]
    assert len(repository.list_doubts(first)) == 2


def test_a_file_that_is_a_part_of_its_source_replaces_only_the_doubts_of_files_of_its_name(
    repository: Repository, say: Say
) -> None:
    say(a_doubt(record_id="rennes"), whole=False, name="rennes.csv")
    say(a_doubt(record_id="lille"), whole=False, name="lille.csv")

    say(whole=False, name="lille.csv")

    assert [kept.doubt.record_id for kept in opened(repository)] == ["rennes"]


def test_two_rows_that_are_the_same_have_a_doubt_each(repository: Repository, say: Say) -> None:
    run = say(a_doubt(line=3), a_doubt(line=9))

    assert [doubt.line for doubt in repository.list_doubts(run)] == [3, 9]
    assert len(opened(repository)) == 2


def test_a_run_that_fails_keeps_its_doubts_out_of_the_queue(repository: Repository) -> None:
    run = repository.start_run("psad", [], NOW)
    repository.finish_run(run, "failed", {}, [a_doubt()], "Trop de refus.", NOW)

    assert opened(repository) == []
    assert len(repository.find_doubts(DoubtFilter(run=run))) == 1


def test_doubts_are_sifted_by_source_and_level_and_given_page_by_page(repository: Repository, say: Say) -> None:
    say(*(a_doubt(str(number), record_id=str(number)) for number in range(5)))
    say(a_doubt(), source="clee")

    first = repository.find_doubts(DoubtFilter(source="psad"), limit=3)
    rest = repository.find_doubts(DoubtFilter(source="psad"), limit=3, after=first[-1].pk)

    assert [kept.doubt.value for kept in (*first, *rest)] == ["0", "1", "2", "3", "4"]
    assert repository.find_doubts(DoubtFilter(level=DoubtLevel.REFUSED)) == []
    assert repository.count_doubts(DoubtFilter(source="clee")) == 1


def test_a_doubt_that_does_not_exist_is_told(repository: Repository) -> None:
    with pytest.raises(DoubtNotFound) as unknown:
        repository.decide_doubt(7, Resolution.ACCEPTED, NOW)

    assert "numéro 7" in unknown.value.public


def test_a_message_that_names_lines_and_a_note_that_shows_an_example_are_the_same_doubt_wherever_they_stand() -> None:
    def twice(line: int) -> Doubt:
        return Doubt(line=line, field="id", value="1", message=f"Déjà lu ligne {line}.", level=DoubtLevel.REFUSED, record_id="1")

    def column(example: str) -> Doubt:
        return Doubt(line=1, field="Fax", value=example, message="Colonne inconnue.", level=DoubtLevel.NOTED)

    assert twice(3).key == twice(12).key
    assert column("01").key == column("02").key
    assert a_doubt("01").key != a_doubt("02").key
