"""Same thing, twice: cases that a person can read, and what must hold of any two records."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.models.duplicates import Verdict
from directory.models.record import ListingRecord
from matching.duplicates import DuplicateComparer, Entry, compare, find_pairs, read_entry
from matching.duplicates.agreement import Agreement
from matching.duplicates.scoring import weights

CASES = tomllib.loads((Path(__file__).parent / "duplicates.toml").read_text(encoding="utf-8"))


def entry(*, name: str, commune: str = "Fougères", postal: str = "", day: str = "", **facts: Any) -> Entry:
    code, usual = CASES["communes"].get(commune, ("", ""))
    contact = {field: facts.pop(fact, "") for field, fact in (("phone", "phone"), ("email", "mail"), ("url", "page"))}
    record: dict[str, Any] = {
        "kind": "partner", "category": "association", "name": name, "code_commune": code, "code_postal": postal or usual,
        "contacts": [contact], "latitude": facts.pop("lat", None), "longitude": facts.pop("lon", None), **facts,
    }  # fmt: skip
    if day:
        record["occurrences"] = [{"start": f"{day}T09:00:00+01:00"}]
    return read_entry(record, commune)


@pytest.mark.parametrize("case", CASES["pair"], ids=lambda case: case["what"])
def test_two_records_are_one_thing_or_not(case: dict[str, Any]) -> None:
    one, other = entry(**case["a"]), entry(**case["b"])

    found = compare(one, other)

    assert found.verdict == case["verdict"], (found, case)
    assert found.reasons
    assert compare(other, one) == found


@pytest.mark.parametrize(
    "case", [case for case in CASES["pair"] if case["verdict"] != "different"], ids=lambda case: case["what"]
)
def test_what_is_one_thing_is_met_among_many(case: dict[str, Any]) -> None:
    entries = [entry(**case["a"]), entry(**case["b"])]

    pairs = list(find_pairs(entries))

    assert [(pair.left, pair.right, pair.verdict) for pair in pairs] == [(0, 1, case["verdict"])]


def test_there_are_cases_enough_of_each_verdict() -> None:
    verdicts = [case["verdict"] for case in CASES["pair"]]

    assert len(verdicts) >= 60
    assert min(verdicts.count(verdict) for verdict in Verdict) >= 8


FACTS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            [
                "Mission locale",
                "ML Fougères",
                "Association Le Pont",
                "CFA",
                "CFA coiffure",
                "CIO",
                "C.I.O.",
                "Garage 2",
                "!!!",
                "É",
            ]
        )
        | st.text(max_size=20).filter(str.strip),
        "commune": st.sampled_from(["Fougères", "Rennes", ""]),
        "address": st.sampled_from(["", "12 rue Pasteur", "12 r. Pasteur", "14 rue Pasteur", "Le Bourg"]) | st.text(max_size=20),
        "phone": st.sampled_from(["", "+33261910001", "+33261910002"]),
        "siret": st.sampled_from(["", "26350115000012", "26350115000020"]),
        "category": st.sampled_from(["association", "cio", "cfa"]),
    }
)


@given(FACTS, FACTS)
def test_the_order_of_two_records_tells_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    left, right = entry(**one), entry(**other)

    assert compare(left, right) == compare(right, left)
    assert 0 <= compare(left, right).probability <= 1


@given(FACTS)
def test_a_record_is_never_another_thing_than_itself(facts: dict[str, Any]) -> None:
    whole = entry(**{**facts, "commune": "Rennes", "address": "12 rue Pasteur"})

    assert compare(whole, whole).verdict is not Verdict.DIFFERENT


@settings(deadline=None)  # a loaded machine is no mistake of theirs
@given(st.lists(FACTS, max_size=8), st.randoms())
def test_the_order_of_many_records_tells_nothing_and_twice_is_the_same(many: list[dict[str, Any]], random: Any) -> None:
    ranks = list(range(len(many)))
    random.shuffle(ranks)
    entries = [entry(**facts) for facts in many]

    straight = {(pair.left, pair.right): (pair.verdict, pair.reasons) for pair in find_pairs(entries)}
    shuffled = {
        (min(ranks[pair.left], ranks[pair.right]), max(ranks[pair.left], ranks[pair.right])): (pair.verdict, pair.reasons)
        for pair in find_pairs([entries[rank] for rank in ranks])
    }

    assert straight == shuffled
    assert straight == {(pair.left, pair.right): (pair.verdict, pair.reasons) for pair in find_pairs(entries)}


def test_every_level_of_every_fact_is_weighed_by_name() -> None:
    facts = {fact for fact, _ in weights().levels}

    assert facts == set(Agreement._fields) - {"forbidden"}


def test_an_invented_record_is_compared_with_none() -> None:
    comparer = DuplicateComparer()

    assert comparer.keys(comparer.read({"kind": "partner", "category": "cio", "name": "CIO", "demonstration": True})) == []


def test_a_record_of_the_directory_is_read_as_it_is_kept() -> None:
    record = ListingRecord(
        kind="partner", category="cio", name="CIO", code_commune="35115", contacts=({"phone": "+33261910001"},)
    )
    dumped = record.model_dump(mode="json", exclude_defaults=True)
    comparer = DuplicateComparer()

    entry = comparer.read(dumped)

    pairs = list(comparer.compare({3: entry, 9: entry}, np.array([3]), np.array([9])))

    assert [(pair.left, pair.right, pair.verdict) for pair in pairs] == [(3, 9, Verdict.SAME)]
