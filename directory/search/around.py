"""Radius and nearest-first: cells of a grid, then exact great-circle distances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tantivy import DocAddress, Order, Query, Schema, Searcher

from directory.geo import haversine_km
from directory.search.filters import any_of, both, but_not, has_point, is_remote, of_territory
from directory.search.grid import cells_around
from directory.search.types import Near

_FIRST_LOOK = 500
_RINGS_KM = (3.0, 12.0, 50.0, 200.0)


@dataclass(frozen=True, slots=True)
class Around:
    """A point, and the radius around it if any."""

    schema: Schema
    near: Near
    latitude: float
    longitude: float

    @classmethod
    def of(cls, near: Near | None, schema: Schema) -> Around | None:
        """The point that a question is asked from, or None."""
        if near is None or near.latitude is None or near.longitude is None:
            return None
        return cls(schema, near, near.latitude, near.longitude)

    # ------------------------------------------------------------------ distances

    def distances(self, searcher: Searcher, addresses: Sequence[DocAddress]) -> NDArray[np.float64]:
        """Great-circle distances in km, shape (n,); NaN where a document has no point."""
        places = list(addresses)
        lats = np.array(searcher.fast_field_values("lat", places), dtype=np.float64)
        lons = np.array(searcher.fast_field_values("lon", places), dtype=np.float64)
        return haversine_km(self.latitude, self.longitude, lats, lons)

    def neighbourhood(self, km: float) -> Query:
        """Documents of the cells that the circle of this radius touches: all of the circle, and a little more."""
        cells = cells_around(self.latitude, self.longitude, km)
        return self._of_cells([*cells[0], *cells[1]]) if cells else has_point(self.schema)

    def _of_cells(self, cells: list[int]) -> Query:
        return Query.term_set_query(self.schema, "cell", cells)

    # ------------------------------------------------------------------ radius

    def within(self, searcher: Searcher, query: Query) -> Query:
        """The answers of a query within the radius, and those that no radius loses.

        Those are the remote ones, and the ones without a point that serve the asker's territories.
        """
        if self.near.radius_km is None:
            return query
        return both(query, Query.const_score_query(any_of(self._circle(searcher, query), *self._never_lost()), 0.0))

    def _never_lost(self) -> list[Query]:
        territorial = of_territory(self.schema, self.near)
        return [is_remote(self.schema), *([but_not(territorial, has_point(self.schema))] if territorial else [])]

    def _circle(self, searcher: Searcher, query: Query) -> Query:
        """Documents within the radius; exact among a query's answers only."""
        radius = self.near.radius_km
        if radius is None:
            return has_point(self.schema)
        cells = cells_around(self.latitude, self.longitude, radius)
        cut = self._of_cells(cells[1]) if cells else has_point(self.schema)
        addresses = all_hits(searcher, both(query, Query.const_score_query(cut, 0.0)))
        km = self.distances(searcher, addresses).tolist() if addresses else []
        keys = [pk for pk, distance in zip(keys_of(searcher, addresses), km, strict=True) if distance <= radius]
        return any_of(self._of_cells(cells[0] if cells else []), Query.term_set_query(self.schema, "pk", keys))

    # ------------------------------------------------------------------ nearest first

    def groups(self, searcher: Searcher, query: Query) -> list[tuple[Query, int]]:
        """The answers of a query within the radius, in four groups that share none, each with its count.

        In this order: those with a distance, those without a point that serve the asker's territories, remote ones, and (when no
        radius is set) the others.
        """
        circle = self._circle(searcher, query)
        territorial = of_territory(self.schema, self.near)
        served = [but_not(territorial, has_point(self.schema))] if territorial else []
        groups = [both(query, circle), *(both(query, part) for part in served)]
        groups.append(but_not(both(query, is_remote(self.schema)), circle, *served))
        if self.near.radius_km is None:
            groups.append(but_not(query, has_point(self.schema), is_remote(self.schema), *served))
        return [(group, count(searcher, group)) for group in groups]

    def nearest_first(self, searcher: Searcher, groups: list[tuple[Query, int]], offset: int, limit: int) -> list[DocAddress]:
        """A page of the groups, in their order: the first by distance, the others by key.

        Args:
            searcher: The open index.
            groups: As ``groups`` gave them.
            offset: 0-based rank of the first.
            limit: How many at most.
        """
        page: list[DocAddress] = []
        for position, (group, total) in enumerate(groups):
            wanted = limit - len(page)
            if wanted and offset < total:
                nearest = position == 0
                page += (self._by_distance if nearest else _by_key)(searcher, group, total, offset, wanted)
            offset = max(0, offset - total)
        return page

    def _by_distance(self, searcher: Searcher, query: Query, total: int, offset: int, limit: int) -> list[DocAddress]:
        for radius in _RINGS_KM:
            if total <= _FIRST_LOOK:
                break
            addresses = all_hits(searcher, both(query, self.neighbourhood(radius)))
            order, near_enough = self._sorted(searcher, addresses, radius)
            if near_enough >= offset + limit:
                return [addresses[i] for i in order[offset : offset + limit]]
        addresses = all_hits(searcher, query)
        order, _ = self._sorted(searcher, addresses, math.inf)
        return [addresses[i] for i in order[offset : offset + limit]]

    def _sorted(self, searcher: Searcher, addresses: Sequence[DocAddress], radius: float) -> tuple[list[int], int]:
        if not addresses:
            return [], 0
        km = self.distances(searcher, addresses)
        order = np.lexsort((np.array(keys_of(searcher, addresses)), km))
        return order.tolist(), int((km <= radius).sum())


def count(searcher: Searcher, query: Query) -> int:
    """How many documents answer a query, exactly."""
    return int(found(searcher, query, 1).count)


def all_hits(searcher: Searcher, query: Query) -> list[DocAddress]:
    """Every document that answers a query, in no promised order."""
    first = found(searcher, query, _FIRST_LOOK)
    hits = first.hits if first.count <= _FIRST_LOOK else found(searcher, query, first.count).hits
    return [address for _, address in hits]


def found(searcher: Searcher, query: Query, limit: int) -> Any:
    """The engine's answer: ``hits`` (score, address) and the exact ``count``."""
    return searcher.search(query, limit)


def keys_of(searcher: Searcher, addresses: Sequence[DocAddress]) -> list[int]:
    """The listings' keys of documents."""
    return [int(value or 0) for value in searcher.fast_field_values("pk", list(addresses))]


def _by_key(searcher: Searcher, query: Query, total: int, offset: int, limit: int) -> list[DocAddress]:
    page = searcher.search(query, min(limit, total), False, order_by_field="pk", offset=offset, order=Order.Asc)
    return [address for _, address in page.hits]
