"""What came of contacts with partners: counted by listing and filière, and nothing of anyone."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest

from directory.errors import ListingNotFound, NothingToUndo
from directory.models.record import ListingRecord, SourcedRecord
from directory.models.responses import Outcome, ResponseCounts
from directory.repository import Repository, tables
from directory.responses import ResponsesHolder
from tests.directory.conftest import NOW, Publish


def published(publish: Publish, *names: str) -> None:
    records = [
        SourcedRecord(
            source="missions_locales",
            record_id=name,
            record=ListingRecord(kind="company", category="entreprise", name=f"Invented {name}"),
            raw={"name": name},
        )
        for name in names
    ]
    publish(*records)


def test_contacts_are_counted_by_listing_and_filiere(repository: Repository, publish: Publish) -> None:
    published(publish, "resto")

    for outcome in (Outcome.ACCEPTED, Outcome.SILENT, Outcome.SILENT):
        repository.record_response("missions_locales--resto", outcome, "G16", NOW)
    repository.record_response("missions_locales--resto", Outcome.DECLINED, "", NOW)

    assert repository.list_responses("missions_locales--resto") == [
        ResponseCounts(listing_id="missions_locales--resto", filiere="", declined=1),
        ResponseCounts(listing_id="missions_locales--resto", filiere="G16", accepted=1, silent=2),
    ]


def test_a_contact_counted_by_mistake_is_taken_back_and_never_below_none(repository: Repository, publish: Publish) -> None:
    published(publish, "resto")
    repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW)

    repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW, undo=True)

    assert [counts.contacted for counts in repository.list_responses("missions_locales--resto")] == [0]
    with pytest.raises(NothingToUndo):
        repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW, undo=True)


def test_a_contact_with_nobody_is_refused_and_nothing_is_written(repository: Repository) -> None:
    with pytest.raises(ListingNotFound):
        repository.record_response("missions_locales--nobody", Outcome.ACCEPTED, "", NOW)

    assert repository.load_responses() == []
    assert repository.responses_version() == ""


def test_counts_outlive_the_next_imports(repository: Repository, publish: Publish) -> None:
    published(publish, "resto", "garage")
    repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW)

    published(publish, "garage")

    assert [counts.accepted for counts in repository.load_responses()] == [1]


def test_contacts_counted_at_once_are_all_counted(repository: Repository, publish: Publish) -> None:
    published(publish, "resto")
    count = [
        Thread(target=repository.record_response, args=("missions_locales--resto", Outcome.SILENT, "G16", NOW)) for _ in range(8)
    ]

    for thread in count:
        thread.start()
    for thread in count:
        thread.join()

    assert [counts.silent for counts in repository.load_responses()] == [8]


def test_the_history_in_memory_follows_the_database(repository: Repository, publish: Publish) -> None:
    published(publish, "resto")
    holder = ResponsesHolder(repository)
    before = holder.current()

    repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW)
    first = holder.current()
    repository.record_response("missions_locales--resto", Outcome.ACCEPTED, "", NOW + timedelta(seconds=1))

    assert not before
    assert first.of_listing["missions_locales--resto"][0].accepted == 1
    assert holder.current().of_listing["missions_locales--resto"][0].accepted == 2
    assert holder.current() is holder.current()


def test_the_table_holds_nothing_of_a_person_or_of_a_day_of_contact() -> None:
    assert {column.name for column in tables.response_count.c} == {
        "listing_id", "filiere", "accepted", "declined", "silent", "changed_at",
    }  # fmt: skip
