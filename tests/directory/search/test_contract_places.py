"""What every SearchIndex must do with a place: radius, nearest first, territories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.search.types import Near, SearchIndex, SearchQuery
from directory.vocabulary import Visibility
from tests.directory.search.conftest import Ask
from tests.directory.search.samples import (
    AUTO_ECOLE,
    CEJ,
    DEPARTEMENT_ONLY,
    MISSION_EPERNAY,
    MISSION_FOUGERES,
    MISSION_RENNES,
    NANTES_HELP,
    PSAD,
    REMOTE_HELP,
    SAINT_MALO,
    documents,
    make_document,
    near_rennes,
)

PUBLIC = [document.pk for document in documents() if document.visibility is Visibility.PUBLIC]


def test_a_radius_keeps_the_near_and_loses_neither_the_remote_nor_the_territorial(ask: Ask) -> None:
    found = set(ask(near=near_rennes(radius_km=10.0)))

    assert {MISSION_RENNES, PSAD, REMOTE_HELP, CEJ, DEPARTEMENT_ONLY} <= found
    assert not {MISSION_FOUGERES, AUTO_ECOLE, MISSION_EPERNAY, SAINT_MALO} & found


def test_what_serves_another_territory_is_lost_under_a_radius(ask: Ask) -> None:
    elsewhere = near_rennes(territories=("commune:51230", "departement:51", "france"), latitude=49.04, longitude=3.96)

    found = ask(near=replace(elsewhere, radius_km=10.0))

    assert PSAD not in found
    assert set(found) == {MISSION_EPERNAY, REMOTE_HELP, CEJ}


def test_distances_are_in_km_and_none_without_a_point(index: SearchIndex) -> None:
    page = index.search(SearchQuery(near=near_rennes(), sort="distance", limit=100))
    km = {hit.id: hit.distance_km for hit in page.hits}

    assert km[f"invente--{MISSION_RENNES}"] == pytest.approx(0.0, abs=0.01)
    assert km[f"invente--{MISSION_FOUGERES}"] == pytest.approx(44.6, abs=0.5)
    assert km[f"invente--{PSAD}"] is None


@pytest.mark.parametrize(("radius", "kept"), [(44.0, False), (45.2, True)])
def test_a_radius_is_a_circle_not_a_box(ask: Ask, radius: float, kept: bool) -> None:
    assert (MISSION_FOUGERES in ask(near=near_rennes(radius_km=radius))) is kept


def test_nearest_first_puts_distances_then_territory_then_remote(ask: Ask) -> None:
    found = ask(near=near_rennes(), sort="distance")
    ranks = [found.index(pk) for pk in (MISSION_RENNES, MISSION_FOUGERES, NANTES_HELP, MISSION_EPERNAY, PSAD)]

    assert ranks == sorted(ranks)
    assert sorted(found) == PUBLIC


def test_nearest_first_of_a_text_keeps_to_its_answers(ask: Ask) -> None:
    found = ask("mission locale", near=near_rennes(), sort="distance")

    assert found == [MISSION_RENNES, MISSION_FOUGERES, MISSION_EPERNAY]


def test_nearest_first_under_a_radius_leaves_the_far_out(ask: Ask) -> None:
    found = ask(near=near_rennes(radius_km=50.0), sort="distance")

    assert AUTO_ECOLE not in found
    assert found.index(MISSION_FOUGERES) < found.index(PSAD) < len(found)
    assert sorted(found) == sorted(ask("", near=near_rennes(radius_km=50.0)))


def test_inside_a_territory_keeps_what_stands_in_it_or_serves_it(ask: Ask) -> None:
    bretagne = Near(territories=("region:53", "france"), inside=("region:53",))

    found = set(ask(near=bretagne))

    assert {MISSION_RENNES, SAINT_MALO, CEJ, REMOTE_HELP} <= found
    assert not {AUTO_ECOLE, MISSION_EPERNAY} & found


def test_inside_a_departement_keeps_what_is_known_no_finer(ask: Ask) -> None:
    ille = Near(territories=("departement:35", "region:53", "france"), inside=("departement:35",))

    assert {PSAD, DEPARTEMENT_ONLY, MISSION_FOUGERES} <= set(ask(near=ille))


def test_a_radius_around_a_place_without_a_point_keeps_its_territory(ask: Ask) -> None:
    no_point = near_rennes(latitude=None, longitude=None, radius_km=20.0)

    found = set(ask(near=no_point))

    assert {MISSION_RENNES, PSAD, REMOTE_HELP} <= found
    assert MISSION_EPERNAY not in found


def test_a_remote_listing_with_a_far_point_is_not_lost(empty_index: SearchIndex) -> None:
    far = make_document(1, "Cours en ligne", "Nantes", modes_accueil=("a-distance", "en-presentiel"))
    empty_index.rebuild([far], 1)

    page = empty_index.search(SearchQuery(near=near_rennes(radius_km=5.0), sort="distance"))

    assert [hit.id for hit in page.hits] == ["invente--1"]


def test_a_radius_holds_across_the_antimeridian_and_near_a_pole(empty_index: SearchIndex) -> None:
    places = [(-16.5, 179.95), (-16.5, -179.95), (89.9, 0.0), (89.9, 180.0)]
    listed = [make_document(pk, f"Poste {pk}", latitude=lat, longitude=lon) for pk, (lat, lon) in enumerate(places, 1)]
    empty_index.rebuild(listed, 1)

    def keys(latitude: float, longitude: float) -> list[str]:
        near = Near(latitude=latitude, longitude=longitude, radius_km=40.0)
        return sorted(hit.id for hit in empty_index.search(SearchQuery(near=near)).hits)

    assert keys(-16.5, 180.0) == ["invente--1", "invente--2"]
    assert keys(90.0, 12.0) == ["invente--3", "invente--4"]
