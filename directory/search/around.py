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
from directory.search.filters import any_of, both, but_not, has_no_point, has_point, is_remote, numbers, of_territory
from directory.search.grid import cells_around
from directory.search.types import Near

FEW = 4000
"""Up to so many documents, looking at each (1 µs for all that is looked at) is cheaper than asking the index again."""

_RINGS_KM = (3.0, 12.0, 50.0, 200.0)
_NEIGHBOURHOODS_KM = (5.0, 25.0, 100.0)
_NEAREST, _BEST_OF_EACH = 60, 25
"""How many answers nearness may lift, at most: the nearest, and the best of each neighbourhood."""


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
        return numbers(self.schema, "cell", cells)

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
        return [is_remote(self.schema), *([both(territorial, has_no_point(self.schema))] if territorial else [])]

    def keep_within(self, searcher: Searcher, addresses: Sequence[DocAddress]) -> list[DocAddress]:
        """Those of a few documents that ``within`` would keep, in the same order: cheaper than asking the whole index."""
        places = list(addresses)
        radius = self.near.radius_km
        if radius is None or not places:
            return places
        km = self.distances(searcher, places).tolist()
        keys = keys_of(searcher, places)
        serving = serving_among(searcher, self.schema, self.near, [pk for pk, d in zip(keys, km, strict=True) if math.isnan(d)])
        remote = searcher.fast_field_values("remote", places)
        return [
            place
            for place, pk, distance, is_far_given in zip(places, keys, km, remote, strict=True)
            if distance <= radius or is_far_given or pk in serving
        ]

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
        return any_of(self._of_cells(cells[0] if cells else []), numbers(self.schema, "pk", keys))

    # ------------------------------------------------------------------ nearest first

    def nearest(self, searcher: Searcher, query: Query) -> Nearest:
        """The answers of a query within the radius, in four groups that share none.

        In this order: those with a distance, those without a point that serve the asker's territories, remote ones, and (when no
        radius is set) the others.
        """
        without_point = both(query, has_no_point(self.schema))
        territorial = of_territory(self.schema, self.near)
        served = [both(without_point, territorial)] if territorial else []
        groups = [(group, count(searcher, group)) for group in served]
        if self.near.radius_km is None:
            remote = but_not(both(without_point, is_remote(self.schema)), *served)
            others = but_not(without_point, is_remote(self.schema), *served)
            groups += [(group, count(searcher, group)) for group in (remote, others)]
            placed = both(query, has_point(self.schema))
            return Nearest(None, placed, count(searcher, placed), groups)
        circle = self._sorted_within(searcher, query, self.near.radius_km)
        remote_here = [pk for pk, far in zip(keys_of(searcher, circle), _remote(searcher, circle), strict=True) if far]
        remote = both(query, is_remote(self.schema))
        # what is taken away shares nothing, so that its count may be: far cheaper than excluding document by document
        already = len(remote_here) + sum(count(searcher, both(remote, group)) for group in served)
        group = but_not(remote, numbers(self.schema, "pk", remote_here), *served)
        return Nearest(circle, query, len(circle), [*groups, (group, count(searcher, remote) - already)])

    def _sorted_within(self, searcher: Searcher, query: Query, radius: float) -> list[DocAddress]:
        addresses = all_hits(searcher, _in_area(query, self.neighbourhood(radius)))
        order, inside = self._sorted(searcher, addresses, radius)
        return [addresses[rank] for rank in order[:inside]]

    def nearest_first(self, searcher: Searcher, nearest: Nearest, offset: int, limit: int) -> list[DocAddress]:
        """A page of the groups, in their order: the first by distance, the others by key.

        Args:
            searcher: The open index.
            nearest: As ``nearest`` gave it.
            offset: 0-based rank of the first.
            limit: How many at most.
        """
        page: list[DocAddress] = []
        if nearest.circle is not None:
            page += nearest.circle[offset : offset + limit]
        elif offset < nearest.placed:
            page += self.by_distance(searcher, nearest.query, nearest.placed, offset, limit)
        offset = max(0, offset - nearest.placed)
        for group, total in nearest.groups:
            wanted = limit - len(page)
            if wanted and offset < total:
                page += _by_key(searcher, group, total, offset, wanted)
            offset = max(0, offset - total)
        return page

    # ------------------------------------------------------------------ what nearness may lift

    def best_around(self, searcher: Searcher, query: Query) -> list[DocAddress]:
        """The answers that nearness may lift: the best of each neighbourhood, the nearest, and the best that serve the territory.

        Args:
            searcher: The open index.
            query: Its scores say which are the best.
        """
        territorial = of_territory(self.schema, self.near)
        areas = [both(territorial, has_no_point(self.schema))] if territorial is not None else []
        best = [address for area in areas for address in _hits(searcher, _in_area(query, area), _BEST_OF_EACH)]
        for km in sorted(_NEIGHBOURHOODS_KM, reverse=True):
            result = found(searcher, _in_area(query, self.neighbourhood(km)), FEW)
            hits = [address for _, address in result.hits]
            if _NEAREST <= result.count <= FEW:
                return [*best, *self.best_among(searcher, hits)]
            best += hits[:_BEST_OF_EACH]
        placed = both(query, has_point(self.schema))
        return [*best, *self.by_distance(searcher, placed, count(searcher, placed), 0, _NEAREST)]

    def best_among(self, searcher: Searcher, addresses: Sequence[DocAddress]) -> list[DocAddress]:
        """The same among answers that are all known, in the engine's order."""
        km = self.distances(searcher, addresses)
        chosen = dict.fromkeys(np.argsort(km, kind="stable")[:_NEAREST].tolist())
        for area in (*(km <= radius for radius in _NEIGHBOURHOODS_KM), np.isnan(km)):
            chosen |= dict.fromkeys(np.flatnonzero(area)[:_BEST_OF_EACH].tolist())
        return [addresses[rank] for rank in chosen]

    def by_distance(self, searcher: Searcher, query: Query, total: int, offset: int, limit: int) -> list[DocAddress]:
        """Some of the answers that have a point, the nearest first, then by key."""
        for radius in _RINGS_KM:
            if total <= FEW:
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


@dataclass(frozen=True, slots=True)
class Nearest:
    """Answers in the order of nearest-first.

    Attributes:
        circle: Those with a distance, sorted, when a radius is set; None else.
        query: What those with a distance meet, when no radius is set.
        placed: How many they are.
        groups: What the other groups meet, each with its count.
    """

    circle: list[DocAddress] | None
    query: Query
    placed: int
    groups: list[tuple[Query, int]]

    @property
    def total(self) -> int:
        """All the answers."""
        return self.placed + sum(total for _, total in self.groups)


def count(searcher: Searcher, query: Query) -> int:
    """How many documents answer a query, exactly."""
    return int(found(searcher, query, 1).count)


def serving_among(searcher: Searcher, schema: Schema, near: Near | None, keys: list[int]) -> frozenset[int]:
    """Which of these listings serve the asker's territories."""
    territorial = of_territory(schema, near) if near else None
    if territorial is None or not keys:
        return frozenset()
    result = found(searcher, both(numbers(schema, "pk", keys), territorial), len(keys))
    return frozenset(keys_of(searcher, [address for _, address in result.hits]))


def all_hits(searcher: Searcher, query: Query) -> list[DocAddress]:
    """Every document that answers a query, in no promised order."""
    first = found(searcher, query, FEW)
    hits = first.hits if first.count <= FEW else found(searcher, query, first.count).hits
    return [address for _, address in hits]


def _hits(searcher: Searcher, query: Query, limit: int) -> list[DocAddress]:
    return [address for _, address in searcher.search(query, limit, False).hits]


def _in_area(query: Query, area: Query) -> Query:
    return both(query, Query.const_score_query(area, 0.0))


def _remote(searcher: Searcher, addresses: Sequence[DocAddress]) -> list[bool]:
    return [bool(value) for value in searcher.fast_field_values("remote", list(addresses))]


def found(searcher: Searcher, query: Query, limit: int) -> Any:
    """The engine's answer: ``hits`` (score, address) and the exact ``count``."""
    return searcher.search(query, limit)


def keys_of(searcher: Searcher, addresses: Sequence[DocAddress]) -> list[int]:
    """The listings' keys of documents."""
    return [int(value or 0) for value in searcher.fast_field_values("pk", list(addresses))]


def _by_key(searcher: Searcher, query: Query, total: int, offset: int, limit: int) -> list[DocAddress]:
    page = searcher.search(query, min(limit, total), False, order_by_field="pk", offset=offset, order=Order.Asc)
    return [address for _, address in page.hits]
