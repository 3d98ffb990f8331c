"""A grid of 0.1° cells over the Earth: which cells a circle covers wholly, and which it only cuts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from directory.geo import EARTH_RADIUS_KM, haversine_km

_ROWS, _COLUMNS = 1800, 3600
_KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180.0
_MOST_CELLS = 4000
"""About 250 km around a place of France: beyond, a grid saves nothing."""
_BULGE_KM = 0.1
"""A parallel leaves the straight line between two corners of a cell by less than this."""


def cell_of(latitude: float, longitude: float) -> int:
    """The cell that holds a point."""
    row, column = math.floor((latitude + 90.0) * 10.0), math.floor((longitude + 180.0) * 10.0)
    return min(row, _ROWS - 1) * _COLUMNS + column % _COLUMNS


def cells_around(latitude: float, longitude: float, km: float) -> tuple[list[int], list[int]] | None:
    """The cells wholly within a circle, and those that may be cut by it; None when they are too many to be worth naming.

    Args:
        latitude: Degrees north of the centre.
        longitude: Degrees east of the centre.
        km: Radius.
    """
    rows = _rows(latitude, km)
    columns = _columns(latitude, longitude, km)
    if columns is None or len(rows) * len(columns) > _MOST_CELLS:
        return None
    corner_lats, corner_lons = np.meshgrid(_edges(rows, -90.0), _edges(columns, -180.0), indexing="ij")
    km_of_corners = haversine_km(latitude, longitude, corner_lats, corner_lons)
    farthest = np.maximum.reduce([km_of_corners[:-1, :-1], km_of_corners[1:, :-1], km_of_corners[:-1, 1:], km_of_corners[1:, 1:]])
    within = (farthest <= km - _BULGE_KM).ravel()
    cells = (rows[:, None] * _COLUMNS + columns[None, :] % _COLUMNS).ravel()
    return cells[within].tolist(), cells[~within].tolist()


def _edges(indices: NDArray[np.int64], origin: float) -> NDArray[np.float64]:
    return np.append(indices, indices[-1] + 1) / 10.0 + origin


def _rows(latitude: float, km: float) -> NDArray[np.int64]:
    reach = km / _KM_PER_DEGREE
    low, high = math.floor((latitude - reach + 90.0) * 10.0), math.floor((latitude + reach + 90.0) * 10.0)
    return np.arange(max(low, 0), min(high, _ROWS - 1) + 1)


def _columns(latitude: float, longitude: float, km: float) -> NDArray[np.int64] | None:
    # the widest meridians of a circle touch it nearer the pole than its centre; a circle that holds a pole has all of them
    angle = math.sin(min(km / EARTH_RADIUS_KM, math.pi / 2)) / max(math.cos(math.radians(latitude)), 1e-9)
    if angle >= 1.0:
        return None
    reach = math.degrees(math.asin(angle))
    low, high = math.floor((longitude - reach + 180.0) * 10.0), math.floor((longitude + reach + 180.0) * 10.0)
    return np.arange(low, high + 1)
