"""« Pourquoi pas ? » and « et si ? »: any listing explained, and what one change would open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from directory.catalogue import Catalogue
from directory.vocabulary import Kind, Visibility
from matching.answer import changes_to_json, why_to_json
from matching.errors import UnknownListing
from matching.question import Question, build_question
from matching.ranking import answer_question
from matching.types import Mode, Verdict
from matching.weights import default_policy
from matching.whatif import what_if
from matching.why import explain_listing
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)


def question(catalogue: Catalogue, **fields: Any) -> Question:
    return build_question(student(**fields), catalogue, at=AT, policy=default_policy())


CLUBS = [listing(f"club-{rank}", at_km=1 + rank / 10, networks=["cfa"] if rank < 3 else []) for rank in range(14)]


def test_a_listing_that_is_shown_says_its_place_and_its_points() -> None:
    asked = question(catalogue_of(*CLUBS))

    why = explain_listing(asked, "club-0")

    shown = answer_question(asked, 10).sections[Kind.PARTNER][0]
    assert (why.shown, why.rank, why.ranked) == (True, 1, 14)
    assert why.match == shown
    assert why.reasons == ("1re des 14 fiches possibles de « Partenaires ».",)


def test_a_listing_that_others_outrank_says_on_what_it_loses() -> None:
    far = listing("far", at_km=45)

    why = explain_listing(question(catalogue_of(*CLUBS, far)), "far")

    assert (why.shown, why.rank) == (False, 15)
    assert "trajet" in why.reasons[-1]


def test_a_third_of_a_network_says_which_two_are_shown() -> None:
    why = explain_listing(question(catalogue_of(*CLUBS)), "club-2")

    assert not why.shown
    assert any("Club 0 et Club 1" in reason for reason in why.reasons)


def test_a_listing_that_a_rule_keeps_out_says_the_rule_and_its_source() -> None:
    why = explain_listing(question(catalogue_of(*CLUBS, listing("old", age_min=40))), "old")

    assert (why.shown, why.rank, why.match.verdict) == (False, None, Verdict.NOT_ELIGIBLE)
    assert [rule.id for rule in why.blocking] == ["age-fiche"]
    assert why.reasons == (why.blocking[0].reason,)


def test_a_listing_at_the_other_end_of_the_country_is_explained_too() -> None:
    many = [listing(f"near-{rank}", kind="company", at_km=rank) for rank in range(1, 50)]

    why = explain_listing(question(catalogue_of(*many, listing("south", kind="company", at_km=-600))), "south")

    assert (why.shown, why.rank) == (False, 50)
    assert any("trop loin" in reason for reason in why.reasons)


@pytest.mark.parametrize("listing_id", ["nobody", "hidden", ""])
def test_a_listing_that_is_not_there_or_not_for_these_eyes_is_unknown(listing_id: str) -> None:
    asked = question(catalogue_of(*CLUBS, listing("hidden", visibility=str(Visibility.PRIVATE))))

    with pytest.raises(UnknownListing):
        explain_listing(asked, listing_id)


def test_every_listing_is_explained_as_the_answer_shows_it() -> None:
    catalogue = catalogue_of(*CLUBS, *(listing(f"resto-{rank}", kind="company", at_km=rank) for rank in range(12)))
    asked = question(catalogue)
    shown = {each.id for matches in answer_question(asked, 10).sections.values() for each in matches}

    assert {listing_id for listing_id in catalogue.ids if explain_listing(asked, listing_id).shown} == shown


def test_the_json_of_an_explanation_says_where_it_stands() -> None:
    document = json.loads(json.dumps(why_to_json(explain_listing(question(catalogue_of(*CLUBS)), "club-5"))))

    assert {"id", "score", "contributions", "section", "rank", "ranked", "shown", "rules", "reasons"} <= set(document)
    assert document["section"] == "partners"


# ---------------------------------------------------------------- et si ?


def test_twenty_minutes_more_are_counted() -> None:
    companies = [
        listing(f"c-{rank}", kind="company", at_km=km, pathways=["internship"]) for rank, km in enumerate((3, 9, 10, 30))
    ]
    asked = question(catalogue_of(*companies), mode=Mode.BIKE, max_minutes=30)

    changes = {change.id: change for change in what_if(asked)}

    assert changes["minutes"].opens == {Kind.COMPANY: 2}
    assert "50 min à vélo" in changes["minutes"].text
    longer = replace(asked, profile=replace(asked.profile, max_minutes=50))
    warned = [each for each in answer_question(longer, 10).sections[Kind.COMPANY] if not each.warnings]
    assert len(warned) == 3


def test_an_occupation_of_the_same_domaine_is_counted_and_the_wished_one_is_not() -> None:
    catalogue = catalogue_of(
        listing("cook", kind="company", occupations=["G1602"], at_km=2),
        listing("both", kind="company", occupations=["G1602", "G1605"], at_km=2),
        listing("plates", kind="company", occupations=["G1605"], at_km=2),
        listing("far", kind="company", occupations=["G1605"], at_km=90),
        listing("car", kind="company", occupations=["I1604"], at_km=2),
    )

    changes = [change for change in what_if(question(catalogue, occupations=("G1602",))) if change.id == "occupation"]

    assert [(change.value, change.opens) for change in changes] == [("G1605", {Kind.COMPANY: 1})]


def test_a_commune_nearer_work_is_counted_from_there() -> None:
    town = [listing(f"t-{rank}", kind="company", at_km=40 + rank / 10, code_commune="35115") for rank in range(5)]
    asked = question(
        catalogue_of(listing("near", kind="company", at_km=1, code_commune="35360"), *town), mode=Mode.BIKE, max_minutes=30
    )

    changes = [change for change in what_if(asked) if change.id == "commune"]

    assert [(change.value, change.opens) for change in changes] == [("35115", {Kind.COMPANY: 4})]
    assert changes_to_json(changes)[0]["opens"] == {"companies": 4}


def test_a_change_that_opens_nothing_is_not_told() -> None:
    assert what_if(question(catalogue_of(listing("club", at_km=2)), mode=Mode.CAR, occupations=("G1602",))) == ()
