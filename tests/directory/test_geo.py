"""Distances: quick over many, exact for the few that are shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geo import distance_km, haversine_km

RENNES, PARIS, SAINT_DENIS_974 = (48.1113, -1.68), (48.8566, 2.3522), (-20.8789, 55.4481)
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


def test_a_known_distance_is_told() -> None:
    assert distance_km(RENNES, PARIS) == pytest.approx(309, abs=2)


def test_one_distance_is_given_for_each_point_and_none_where_there_is_no_point() -> None:
    lats, lons = zip(RENNES, PARIS, (np.nan, np.nan), strict=True)

    distances = haversine_km(*RENNES, lats, lons)

    assert distances.dtype == np.float64
    assert distances[0] == 0
    assert distances[1] == pytest.approx(distance_km(RENNES, PARIS), rel=0.006)
    assert np.isnan(distances[2])


def test_no_point_gives_no_distance() -> None:
    assert haversine_km(*RENNES, [], []).shape == (0,)


def test_ten_metres_are_told_apart() -> None:
    assert haversine_km(*RENNES, [48.1114], [-1.68])[0] == pytest.approx(0.0111, abs=0.0001)


@given(latitudes, longitudes, latitudes, longitudes)
def test_the_quick_distance_stays_near_the_exact_one(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    quick = float(haversine_km(lat, lon, [other_lat], [other_lon])[0])

    assert quick == pytest.approx(distance_km((lat, lon), (other_lat, other_lon)), rel=0.006, abs=0.001)


@given(latitudes, longitudes)
def test_the_antipode_is_half_the_earth_away(lat: float, lon: float) -> None:
    distance = float(haversine_km(lat, lon, [-lat], [lon + 180])[0])

    assert distance == pytest.approx(20015.1, abs=1)
