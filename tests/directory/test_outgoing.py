"""What leaves: pages in a total order, changes since a cursor, and never what the viewer may not see."""

from __future__ import annotations

from typing import Any

from directory.models.published import ListingChange
from directory.repository import Repository
from directory.vocabulary import Kind, Visibility
from tests.factories import sourced

Place = tuple[int, int]


def follow(repository: Repository, after: Place = (0, 0), limit: int = 2) -> tuple[list[ListingChange], Place]:
    found: list[ListingChange] = []
    while True:
        page, last = repository.list_changes_after(after, limit)
        if last is None:
            return found, after
        found, after = [*found, *page], last


def test_pages_give_each_listing_once_whatever_their_size(repository: Repository, publish: Any) -> None:
    publish(*[sourced(record_id=f"r{rank}") for rank in range(7)])

    for size in (1, 2, 3, 7, 50):
        ids, after = [], 0
        while page := repository.list_page(after, size):
            ids += [listing.id for listing in page]
            after = page[-1].pk
        assert len(ids) == len(set(ids)) == 7


def test_a_viewer_sees_what_is_for_them_alone(repository: Repository, publish: Any) -> None:
    publish(
        sourced(record_id="public"),
        sourced(record_id="bassin", visibility=Visibility.BASSIN),
        sourced(record_id="private", visibility=Visibility.PRIVATE),
    )

    seen = {viewer: len(repository.list_page(0, 10, viewer)) for viewer in Visibility}

    assert seen == {Visibility.PUBLIC: 1, Visibility.BASSIN: 2, Visibility.PRIVATE: 3}


def test_pages_are_filtered_by_kind_and_by_departement(repository: Repository, publish: Any) -> None:
    publish(
        sourced(record_id="35"),
        sourced(record_id="974", code_commune="97411"),
        sourced(record_id="2a", code_commune="2A004"),
        sourced(record_id="known", code_commune=None, code_departement="53"),
    )

    by = {code: len(repository.list_page(0, 10, departement=code)) for code in ("35", "974", "2A", "53", "97", "%")}

    assert {code: count for code, count in by.items() if code != "97"} == {"35": 1, "974": 1, "2A": 1, "53": 1, "%": 0}
    assert repository.list_page(0, 10, kinds=[Kind.EVENT]) == []


def test_a_copy_that_follows_changes_holds_what_is_published(repository: Repository, publish: Any) -> None:
    publish(sourced(record_id="kept"), sourced(record_id="renamed"), sourced(record_id="closed"))
    first, cursor = follow(repository)

    publish(sourced(record_id="kept"), sourced(record_id="renamed", name="Un autre nom"), day=1)
    publish(sourced(record_id="kept"), sourced(record_id="renamed", name="Un autre nom"), day=2)
    later, _ = follow(repository, cursor)

    assert len(first) == 3
    changed = {change.listing.record.name: change.listing.closed_at is not None for change in later if change.listing}
    assert changed["Un autre nom"] is False
    assert list(changed.values()).count(True) == 1


def test_a_listing_that_is_no_longer_public_is_told_by_its_digest_and_nothing_else(repository: Repository, publish: Any) -> None:
    publish(sourced(record_id="a"))
    (before,), cursor = follow(repository)

    publish(sourced(record_id="a", visibility=Visibility.PRIVATE), day=1)
    (after,), _ = follow(repository, cursor)

    assert before.listing is not None
    assert after.listing is None
    assert after.digest == before.digest


def test_the_listings_that_another_took_over_are_named(repository: Repository, publish: Any) -> None:
    publish(sourced(record_id="a", identities=("uai:0350001A",)))
    publish(sourced(source="psad", record_id="b"), source="psad", day=1)
    _, cursor = follow(repository)
    old = {listing.id for listing in repository.list_page(0, 10)}

    publish(sourced(source="psad", record_id="b", identities=("uai:0350001A",)), source="psad", day=2)
    changes, _ = follow(repository, cursor)

    left = {listing.id for listing in repository.list_page(0, 10)}
    assert len(left) == 1
    assert {replaced for change in changes for replaced in change.replaces} == old - left


def test_the_newest_listing_comes_first(repository: Repository, publish: Any) -> None:
    publish(sourced(record_id="old"))
    publish(sourced(record_id="old"), sourced(record_id="new", name="La dernière"), day=1)

    assert repository.list_newest(1)[0].record.name == "La dernière"
