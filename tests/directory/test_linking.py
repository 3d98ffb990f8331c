"""Which records are one thing, which listing is theirs, and how it is called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models.duplicates import Verdict
from directory.repository.linking import Bond, Node, assign, link, listing_id
from directory.repository.staging import count_proposed


def node(pk: int, *identities: str, listing: int | None = None, kind: str = "partner", live: bool = True) -> Node:
    return Node(pk, "psad", str(pk), kind, listing, identities, live)


def linked(*nodes: Node) -> list[list[int]]:
    return [[member.pk for member in group] for group in link(nodes)]


def assigned(*nodes: Node) -> list[tuple[list[int], int | None, list[int]]]:
    return [([member.pk for member in group.members], group.listing_pk, group.taken_over) for group in assign(link(nodes))]


def test_records_that_share_an_identity_are_one_thing_through_others_too() -> None:
    assert linked(node(1, "uai:A"), node(2, "siret:B"), node(3, "uai:A", "siret:B"), node(4)) == [[1, 2, 3], [4]]


def test_an_identity_never_joins_two_kinds() -> None:
    assert linked(node(1, "siret:A"), node(2, "siret:A", kind="company")) == [[1], [2]]


def test_a_record_that_its_source_withdrew_no_longer_joins_two_others() -> None:
    assert linked(node(1, "uai:A", "siret:B", live=False), node(2, "uai:A"), node(3, "siret:B")) == [[1, 2], [3]]


def test_the_oldest_listing_takes_the_others_over() -> None:
    assert assigned(node(1, "uai:A", listing=10), node(2, "uai:A", listing=5)) == [([1, 2], 5, [10])]


def test_a_record_that_leaves_does_not_take_the_listing_of_its_founder_along() -> None:
    assert assigned(node(1, listing=5), node(2, listing=5)) == [([1], 5, []), ([2], None, [])]


def test_a_founder_that_joins_an_older_listing_brings_its_own_and_leaves_those_that_are_something_else() -> None:
    nodes = node(1, "uai:A", listing=1), node(2, "uai:A", listing=7), node(3, "uai:B", listing=7)

    assert assigned(*nodes) == [([1, 2], 1, [7]), ([3], None, [])]


def bond(left: int, right: int, verdict: str = "same", *, rank: float = 0.0, by_person: bool = False) -> Bond:
    return Bond(left, right, Verdict(verdict), rank, by_person)


def bound(nodes: list[Node], *bonds: Bond) -> list[list[int]]:
    return [[member.pk for member in group] for group in link(nodes, bonds)]


@pytest.mark.parametrize(
    ("nodes", "bonds", "expected"),
    [
        pytest.param([node(1), node(2)], [bond(1, 2)], [[1, 2]], id="comparing joins"),
        pytest.param([node(1), node(2, kind="company")], [bond(1, 2, by_person=True)], [[1], [2]], id="never two kinds"),
        pytest.param(
            [node(1, "uai:A"), node(2, "uai:A")],
            [bond(1, 2, "different", by_person=True)],
            [[1], [2]],
            id="a person above an identity",
        ),
        pytest.param([node(1, "uai:A"), node(2, "uai:A")], [bond(1, 2, "different")], [[1, 2]], id="an identity above comparing"),
        pytest.param(
            [node(1), node(2)], [bond(1, 2, "different"), bond(1, 2, by_person=True)], [[1, 2]], id="a person above comparing"
        ),
        pytest.param(
            [node(1), node(2), node(3)],
            [bond(1, 2, rank=-0.9), bond(2, 3, rank=-0.95), bond(1, 3, "different")],
            [[1], [2, 3]],
            id="of a chain whose ends differ, the likeliest link holds",
        ),
        pytest.param(
            [node(1, "uai:A"), node(2, "uai:A"), node(3)],
            [bond(2, 3), bond(1, 3, "different", by_person=True)],
            [[1, 2], [3]],
            id="what a person holds apart from one holds apart from what that one is",
        ),
        pytest.param(
            [node(1), node(2, live=False), node(3)], [bond(1, 2), bond(2, 3)], [[1, 2], [3]], id="gone, it joins no two"
        ),
        pytest.param(
            [node(1), node(2, live=False), node(3)],
            [bond(1, 2, by_person=True), bond(2, 3, by_person=True)],
            [[1, 2, 3]],
            id="unless a person said so",
        ),
    ],
)
def test_what_holds_when_bonds_and_identities_disagree(nodes: list[Node], bonds: list[Bond], expected: list[list[int]]) -> None:
    assert bound(nodes, *bonds) == expected
    assert bound(nodes[::-1], *bonds[::-1]) == expected


NODES = st.lists(
    st.tuples(st.lists(st.sampled_from("abcdef"), max_size=3), st.sampled_from(["partner", "company"]), st.booleans()),
    max_size=12,
).map(lambda drawn: [node(pk, *keys, kind=kind, live=live) for pk, (keys, kind, live) in enumerate(drawn, start=1)])


@given(NODES, st.randoms())
def test_links_do_not_depend_on_the_order_and_each_record_is_in_one_group(nodes: list[Node], random: st.DataObject) -> None:
    shuffled = list(nodes)
    random.shuffle(shuffled)

    assert linked(*nodes) == linked(*shuffled)
    assert sorted(pk for group in linked(*nodes) for pk in group) == [member.pk for member in nodes]


BONDS = st.lists(
    st.builds(
        bond, st.integers(1, 12), st.integers(1, 12), st.sampled_from(["same", "different"]), rank=st.sampled_from([0.0, 1.0]),
        by_person=st.booleans(),
    ),
    max_size=12,
).map(lambda drawn: list({frozenset((b.left, b.right)): b for b in drawn if b.left != b.right}.values()))  # fmt: skip


@given(NODES, BONDS, st.randoms())
def test_what_a_person_holds_apart_is_never_one_thing_and_no_order_matters(
    nodes: list[Node], bonds: list[Bond], random: st.DataObject
) -> None:
    others, turned = list(nodes), list(bonds)
    random.shuffle(others)
    random.shuffle(turned)

    groups = bound(nodes, *bonds)

    kinds = {member.pk: member.kind for member in nodes}
    apart = [{b.left, b.right} for b in bonds if b.by_person and b.verdict is Verdict.DIFFERENT]
    assert groups == bound(others, *turned)
    assert not any(pair <= set(group) for pair in apart for group in groups)
    assert all(len({kinds[pk] for pk in group}) == 1 for group in groups)


@pytest.mark.parametrize(
    ("source", "record_id", "expected"),
    [
        ("psad", "35-nord", "psad--35-nord"),
        ("psad", "psad--35-nord", "psad--35-nord"),
        ("psad", "0350001A@x.fr", "psad--0350001A@x.fr"),
    ],
)
def test_a_listing_is_called_after_its_source_and_its_record(source: str, record_id: str, expected: str) -> None:
    assert listing_id(source, record_id) == expected


@given(st.lists(st.text(min_size=1, max_size=400), unique=True, max_size=20))
def test_ids_are_safe_in_an_address_and_never_shared(record_ids: list[str]) -> None:
    ids = [listing_id("psad", record_id) for record_id in record_ids if not record_id.startswith("psad--")]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9._@~-]{1,400}", made) for made in ids)


def test_an_id_that_looks_like_a_replaced_one_is_not_it() -> None:
    replaced = listing_id("psad", "a/b")

    assert listing_id("psad", replaced.removeprefix("psad--")) != replaced
    assert listing_id("psad", "a/b") != listing_id("psad", "a b")


def test_two_listings_are_one_question_and_records_that_became_one_are_none() -> None:
    groups = list(assign(link([node(1, "uai:A"), node(2, "uai:A"), node(3), node(4)])))
    pairs = [frozenset(pair) for pair in ((1, 2), (1, 3), (2, 3), (4, 90))]

    assert count_proposed(pairs, groups) == 2
