"""The partners of a lycée: its own by its UAI, those of its bassin and commune, then the nearest of the département."""

from __future__ import annotations

from matching.establishment import partners_of
from matching.types import Lycee
from tests.matching.factories import VITRE, catalogue_of, listing

HERE = Lycee(uai="0350709F", name="Lycée d’essai", place=VITRE, bassins=("B-VITRE",))
NOWHERE = Lycee(uai="0350709F")


def test_what_is_of_the_bassin_hides_what_serves_the_whole_departement() -> None:
    catalogue = catalogue_of(
        listing("cio-bassin", category="cio", coverage=["bassin:B-VITRE"]),
        listing("cio-departement", category="cio", coverage=["departement:35"], at_km=1),
    )

    assert partners_of(HERE, catalogue, ())["cio"] == ("cio-bassin",)


def test_of_the_departement_the_three_nearest_are_shown() -> None:
    far_first = [listing(f"cio-{km}", category="cio", coverage=["departement:35"], at_km=km) for km in (40, 9, 25, 3)]

    assert partners_of(HERE, catalogue_of(*far_first), ())["cio"] == ("cio-3", "cio-9", "cio-25")


def test_the_bureau_des_entreprises_is_the_lycee_s_own_and_never_a_neighbour_s() -> None:
    catalogue = catalogue_of(
        listing("own", category="bureau_des_entreprises", coverage=["establishment:0350709F"]),
        listing("other", category="bureau_des_entreprises", coverage=["establishment:0350011X"], at_km=0),
        listing("wide", category="bureau_des_entreprises", coverage=["departement:35"]),
    )

    assert partners_of(HERE, catalogue, ())["bureau_des_entreprises"] == ("own",)


def test_the_missions_locales_are_those_of_the_communes_of_its_pupils() -> None:
    catalogue = catalogue_of(
        listing("ml-vitre", category="mission_locale", coverage=["commune:35360"], at_km=1),
        listing("ml-rennes", category="mission_locale", coverage=["commune:35238"], at_km=35),
        listing("ml-brest", category="mission_locale", coverage=["commune:29019"]),
    )

    found = partners_of(HERE, catalogue, ("commune:35360", "commune:35238"))["mission_locale"]

    assert found == ("ml-vitre", "ml-rennes")


def test_what_serves_all_of_france_is_no_lycee_s_partner() -> None:
    catalogue = catalogue_of(listing("psad", category="psad", coverage=["france"]))

    assert partners_of(HERE, catalogue, ())["psad"] == ()


def test_a_lycee_that_nobody_places_has_its_own_listings_only() -> None:
    catalogue = catalogue_of(
        listing("own", category="lycee", uai="0350709F"),
        listing("cio", category="cio", coverage=["departement:35"]),
    )

    found = partners_of(NOWHERE, catalogue, ())

    assert found["lycee"] == ("own",)
    assert found["cio"] == ()


def test_what_the_public_may_not_see_is_left_out() -> None:
    catalogue = catalogue_of(listing("mlds", category="mlds", coverage=["bassin:B-VITRE"], visibility="bassin"))

    assert partners_of(HERE, catalogue, ())["mlds"] == ()
