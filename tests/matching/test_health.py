"""The health of a territory, counted on small invented catalogues."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from directory.models.published import BassinRecord
from directory.territory import Bassins, homes_of
from directory.vocabulary import Kind, Visibility
from matching.health import Examination, Health, find_territory
from tests.matching.factories import catalogue_of, listing

TODAY = date(2026, 11, 24)
BASSIN = BassinRecord(code="b1", label="Fougères", communes=("35115", "35133"))
BASSINS = Bassins([BASSIN])


def look(zone: str, code: str, *listings: dict[str, Any], pairs: tuple[tuple[int, int], ...] = (), **more: Any) -> Health:
    """The health of a territory in which there are these listings."""
    territory = find_territory(zone, code, BASSINS)
    assert territory is not None
    viewer = more.get("viewer", Visibility.PUBLIC)
    catalogue = catalogue_of(*(listing(f"essai-{rank}", **fields) for rank, fields in enumerate(listings, 1)))
    return Examination(catalogue, viewer, TODAY, BASSINS, pairs).of(territory)


def mission_locale(*coverage: str) -> dict[str, Any]:
    """A mission locale that serves some territories."""
    return {"kind": "partner", "category": "mission_locale", "name": "ML d’essai", "coverage": coverage}


@pytest.mark.parametrize(
    ("coverage", "uncovered"),
    [
        (("departement:35",), 0),
        (("academie:Rennes",), 0),
        (("region:53",), 0),
        (("commune:35115",), len(homes_of("35")) - 1),
        (("bassin:b1",), len(homes_of("35")) - 2),
        (("france",), len(homes_of("35"))),
        (("departement:22",), len(homes_of("35"))),
        ((), len(homes_of("35"))),
    ],
)
def test_a_commune_is_covered_by_a_mission_locale_that_serves_it_by_name(coverage: tuple[str, ...], uncovered: int) -> None:
    assert len(look("departement", "35", mission_locale(*coverage)).uncovered) == uncovered


@pytest.mark.parametrize(
    ("coverage", "uncovered"),
    [(("commune:75056",), 0), (("commune:75113",), 19), (("departement:75",), 0)],
)
def test_a_student_of_paris_lives_in_an_arrondissement(coverage: tuple[str, ...], uncovered: int) -> None:
    assert len(look("departement", "75", mission_locale(*coverage)).uncovered) == uncovered


def test_a_network_is_present_by_its_place_or_by_whom_it_serves() -> None:
    psad = {"kind": "partner", "category": "psad", "name": "PSAD", "coverage": ("bassin:b1",)}
    cio = {"kind": "partner", "category": "cio", "name": "CIO", "code_commune": "35115"}
    far = {"kind": "partner", "category": "clee", "name": "CLEE", "coverage": ("departement:22",)}

    here, there = (look("departement", code, psad, cio, far).present for code in ("35", "29"))

    assert (here["psad"], here["cio"], here["clee"]) == (True, True, False)
    assert not any(there.values())


def test_listings_count_where_they_are_placed_or_where_they_serve_without_a_place() -> None:
    listings = (
        {"kind": "company", "category": "entreprise", "name": "Ici", "code_commune": "35115"},
        {"kind": "company", "category": "entreprise", "name": "Là", "code_commune": "29019"},
        {"kind": "scheme", "category": "service_civique", "name": "Partout", "coverage": ("france",)},
        {"kind": "partner", "category": "clee", "name": "Réseau", "coverage": ("bassin:b1",)},
    )

    counted = {
        each: tuple(kind.count for kind in look(*each, *listings).kinds)
        for each in (("departement", "35"), ("bassin", "b1"), ("departement", "22"), ("academie", "Rennes"), ("france", ""))
    }

    assert counted == {
        ("departement", "35"): (1, 1, 1, 0),
        ("bassin", "b1"): (1, 1, 1, 0),
        ("departement", "22"): (0, 1, 0, 0),
        ("academie", "Rennes"): (1, 1, 2, 0),
        ("france", ""): (1, 1, 2, 0),
    }


@pytest.mark.parametrize(
    ("checked", "band"),
    [("2026-11-24", 0), ("2026-05-26", 0), ("2026-05-25", 1), ("2025-11-24", 1), ("2025-11-23", 2), ("2024-11-23", 3), (None, 4)],
)
def test_freshness_is_told_by_the_age_of_what_is_known(checked: str | None, band: int) -> None:
    cio = {"kind": "partner", "category": "cio", "name": "CIO", "code_commune": "35115", "checked_at": checked}

    partners = look("departement", "35", cio).kinds[0]

    assert [rank for rank, count in enumerate(partners.bands) if count] == [band]


def test_quality_counts_what_a_listing_says_and_hidden_or_past_ones_do_not_count() -> None:
    full = {
        "kind": "partner", "category": "cio", "name": "CIO", "code_commune": "35115", "coverage": ("departement:35",),
        "thematiques": ("numerique--maitriser-les-fondamentaux-du-numerique",), "age_min": 16,
        "contacts": ({"phone": "+33199000123"},),
    }  # fmt: skip
    bare = {"kind": "partner", "category": "cio", "name": "Nu", "code_departement": "35"}
    hidden = {**full, "visibility": "bassin"}
    past = {
        "kind": "event", "category": "salon", "name": "Passé", "code_commune": "35115",
        "occurrences": ({"start": "2026-11-20T09:00:00+01:00", "end": "2026-11-20T12:00:00+01:00"},),
    }  # fmt: skip

    seen = look("departement", "35", full, bare, hidden, past)
    kept = look("departement", "35", full, bare, hidden, past, viewer=Visibility.PRIVATE)

    assert (seen.kinds[0].count, seen.kinds[0].quality, seen.quality) == (2, 50, 50)
    assert (kept.kinds[0].count, kept.kinds[0].quality) == (3, 67)
    assert seen.kinds[3].count == 0


def test_a_pair_counts_where_one_of_its_listings_is_placed_and_both_are_seen() -> None:
    listings = (
        {"kind": "partner", "category": "cio", "name": "A", "code_commune": "35115"},
        {"kind": "partner", "category": "cio", "name": "B", "code_commune": "29019"},
        {"kind": "partner", "category": "cio", "name": "C", "code_commune": "35115", "visibility": "bassin"},
    )
    pairs = ((1, 2), (1, 3), (1, 99))

    found = {code: look("departement", code, *listings, pairs=pairs).duplicates for code in ("35", "29", "22")}

    assert found == {"35": 1, "29": 1, "22": 0}
    assert look("departement", "35", *listings, pairs=pairs, viewer=Visibility.PRIVATE).duplicates == 2


def test_an_empty_directory_has_a_health() -> None:
    health = look("departement", "35")

    assert (health.count, health.fresh, health.quality, health.duplicates) == (0, None, None, 0)
    assert len(health.missing) == len(health.present)


@pytest.mark.parametrize(
    ("zone", "code"), [("departement", "99"), ("academie", "Atlantide"), ("academie", ""), ("bassin", "x"), ("x", "35")]
)
def test_what_is_no_territory_is_not_found(zone: str, code: str) -> None:
    assert find_territory(zone, code, BASSINS) is None


def test_every_kind_is_told_in_order() -> None:
    assert [each.kind for each in look("departement", "35").kinds] == list(Kind)
